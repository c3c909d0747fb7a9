import Foundation
import Testing

extension EndToEnd {
    /// Generated SELECTs over HTTP, which DuckDB answers, too; in the full run, as DuckDB has to be
    /// downloaded.
    @Suite("DuckDB's answers", .enabled(if: isFull))
    struct SelectTwinTests {
        @Test("generated SELECTs have the rows that DuckDB gives")
        func generatedSelects() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(
                data: data,
                ["--stream-flush-interval", "300ms", "--store-derivation-rows", "1"])
            let script = URL(fileURLWithPath: sourceRoot).appendingPathComponent("tools/sql-twin")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "python3", script.path, "--server", "http://127.0.0.1:\(server.port)",
                "--queries", "4000", "--venv",
                data.url.appendingPathComponent("venv").path,
            ]
            let said = data.url.appendingPathComponent("said")
            try Data().write(to: said)
            process.standardOutput = try FileHandle(forWritingTo: said)
            try process.run()
            process.waitUntilExit()
            let text = try String(contentsOf: said, encoding: .utf8)
            print(text.split(separator: "\n").last ?? "")
            // PyPI cannot be reached.
            if process.terminationStatus == 77 { return }
            #expect(process.terminationStatus == 0, "\(text)")
            #expect(server.isRunning)
        }
    }
}
