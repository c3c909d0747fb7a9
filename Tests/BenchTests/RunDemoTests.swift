import Foundation
import Testing

@testable import weir_bench

extension Benchmarks {
    /// `tools/run --demo` itself, with binaries that are built already.
    @Suite("tools/run --demo")
    struct RunDemoTests {
        private static let tool = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("tools/run")

        /// A folder whose `swift` builds nothing and names the folder as that of the binaries.
        private func makeBinaries(_ folder: String) throws {
            let links = [
                ("weir", Benchmarks.binary),
                ("weir-bench", products.appendingPathComponent("weir-bench").path),
            ]
            for (name, target) in links {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(folder)/\(name)", withDestinationPath: target)
            }
            let script = "#!/bin/sh\ncase \"$*\" in *--show-bin-path*) echo '\(folder)';; esac\n"
            try script.write(toFile: "\(folder)/swift", atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(folder)/swift")
        }

        private func start(_ folder: String, port: UInt16) throws -> Process {
            var environment = ProcessInfo.processInfo.environment.filter {
                !$0.key.hasPrefix("WEIR_")
            }
            environment["PATH"] = "\(folder):\(environment["PATH"] ?? "")"
            let said = "\(folder)/said"
            try Data().write(to: URL(filePath: said))
            let process = Process()
            // Threads of the tests block signals, and a process takes its mask from who starts it.
            let unblock =
                "import os,signal,sys;signal.pthread_sigmask(signal.SIG_SETMASK,[]);"
                + "os.execv(sys.argv[1],sys.argv[1:])"
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "python3", "-c", unblock, Self.tool.path, "--demo", "--demo-rate", "50", "--listen",
                "127.0.0.1:\(port)", "--data",
                "\(folder)/data",
            ]
            process.environment = environment
            process.standardError = try FileHandle(forWritingTo: URL(filePath: said))
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            return process
        }

        /// A port that nobody listens on.
        private func freePort() throws -> UInt16 {
            let server = try BareServer()
            defer { server.stop() }
            return server.address.port
        }

        private func events(_ port: UInt16, _ parameters: String) -> Int {
            guard let address = Address(url: "http://127.0.0.1:\(port)"),
                let (status, body) = Client(address: address).get(
                    "/api/v1/metrics/query?metric=events&granularity=all&\(parameters)"),
                status == 200
            else { return 0 }
            return JSONValue(body)["data"].items.reduce(0) { $0 + Int($1["value"].number ?? 0) }
        }

        private func waitUntil(_ condition: () throws -> Bool) rethrows -> Bool {
            let deadline = Date().addingTimeInterval(20)
            while Date() < deadline {
                if try condition() { return true }
                usleep(20_000)
            }
            return false
        }

        @Test("shows a history and live traffic, and Ctrl-C leaves nothing running")
        func run() throws {
            try withFolder { folder in
                try makeBinaries(folder)
                let port = try freePort()
                let process = try start(folder, port: port)
                let isFilled = waitUntil { events(port, "start=-3h&end=-10m") > 30_000 }
                #expect(isFilled)
                let before = events(port, "start=-3h&maxAge=0")
                #expect(waitUntil { events(port, "start=-3h&maxAge=0") > before + 20 })
                let said = try String(contentsOfFile: "\(folder)/said", encoding: .utf8)
                #expect(said.contains("curl 'http://127.0.0.1:\(port)/api/v1/metrics/query?"))
                let id = process.processIdentifier
                let children = try String(
                    contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8
                ).split(separator: " ").compactMap { Int32($0) }
                #expect(children.count == 2)
                kill(id, SIGINT)
                let isOver = waitUntil { !process.isRunning }
                #expect(isOver)
                if !isOver { (children + [id]).forEach { kill($0, SIGKILL) } }
                process.waitUntilExit()
                #expect(process.terminationStatus == 0 && process.terminationReason == .exit)
                for child in children { #expect(kill(child, 0) == -1 && errno == ESRCH) }
            }
        }
    }
}
