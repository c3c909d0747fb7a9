import Foundation
import Testing

extension EndToEnd {
    /// Real events, `kill -9` at random moments, and counts that a few lines of Python vouch for.
    @Suite("Real data")
    struct RealDataTests {
        static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()

        static var data: URL {
            if let path = ProcessInfo.processInfo.environment["WEIR_REAL_DATA"], !path.isEmpty {
                return URL(fileURLWithPath: path)
            }
            return root.appendingPathComponent("../shared/data/mimic_events.ndjson.zst")
        }

        static var isThere: Bool { FileManager.default.fileExists(atPath: data.path) }

        @Test(
            "every durable event counts once, whatever is killed",
            .enabled(if: isThere, "the real events are not there; WEIR_REAL_DATA names the file"))
        func kills() throws {
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["python3", Self.root.appendingPathComponent("tools/kill-test").path]
                + ["--binary", WeirServer.binary.path, "--data", Self.data.path]
                + (isFull ? ["--kills", "200"] : ["--kills", "10", "--lines", "60000"])
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let said = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            let text = String(decoding: said, as: UTF8.self)
            print(text)
            #expect(process.terminationStatus == 0, "\n\(text)")
        }
    }
}
