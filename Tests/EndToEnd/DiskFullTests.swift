import Foundation
import Testing

extension EndToEnd {
    /// A disk that is full, with the real binary; `tools/disk-full-test` does it more often.
    @Suite("Disk full")
    struct DiskFullTests {
        @Test("nothing acknowledged is lost, and all goes on once there is space")
        func fills() throws {
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "python3", RealDataTests.root.appendingPathComponent("tools/disk-full-test").path,
                "--binary", WeirServer.binary.path, "--rounds", isFull ? "40" : "2",
            ]
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let said = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            let text = String(decoding: said, as: UTF8.self)
            print(text)
            // Where nothing can be mounted, `IngestTests` and the simulator fill a disk in memory.
            #expect([0, 77].contains(process.terminationStatus), "\n\(text)")
        }
    }
}
