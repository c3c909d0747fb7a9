import Foundation
import TestSupport
import Testing

/// The real binary, running on a port of its choice over a data directory of the test.
final class WeirServer {
    let port: UInt16
    let processId: Int32
    private let process: Process
    private let errors: URL
    private var connection: HTTPConnection?

    /// Starts `weir serve` and waits for the line that says where it listens.
    init(
        data: TemporaryDirectory, _ arguments: [String] = [], maxAge: String = "forever",
        environment: [String: String] = [:]
    ) throws {
        errors = data.url.appendingPathComponent("stderr-\(UUID().uuidString)")
        process = try Self.launch(
            ["--listen", "127.0.0.1:0", "--data", data.store, "--ingest-max-age", maxAge]
                + arguments, environment: environment, errors: errors)
        processId = process.processIdentifier
        let output = try #require(process.standardOutput as? Pipe).fileHandleForReading
        var line = ""
        while !line.hasSuffix("\n") {
            guard let byte = try output.read(upToCount: 1), !byte.isEmpty else { break }
            line += String(decoding: byte, as: UTF8.self)
        }
        let match = line.firstMatch(of: #/^listening on http://127\.0\.0\.1:(\d+)\n$/#)
        guard let match, let port = UInt16(match.1) else {
            process.terminate()
            process.waitUntilExit()
            let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            throw StartFailure(description: "no listening line but “\(line)”; stderr: \(said)")
        }
        self.port = port
    }

    deinit { if process.isRunning { kill(SIGKILL) } }

    struct StartFailure: Error, CustomStringConvertible { let description: String }

    /// Where the binary is: `WEIR_BINARY`, else beside the test bundle.
    static var binary: URL {
        if let path = ProcessInfo.processInfo.environment["WEIR_BINARY"], !path.isEmpty {
            return URL(fileURLWithPath: path)
        }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("weir")
    }

    /// The environment of the tests without the variables that are theirs: the server refuses
    /// every `WEIR_*` that is not a setting.
    private static var inheritedEnvironment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            name != "WEIR_BINARY" && name != "WEIR_REAL_DATA" && !name.hasPrefix("WEIR_TEST_")
        }
        if TestSizes.isTiny {
            environment["WEIR_STORE_GRANULE_ROWS"] = "2"
            environment["WEIR_LOG_SEGMENT_BYTES"] = "64KiB"
        }
        return environment
    }

    /// Starts the binary with `serve` and these arguments.
    static func launch(
        _ arguments: [String], environment: [String: String] = [:], errors: URL
    ) throws -> Process {
        try Data().write(to: errors)
        let process = Process()
        process.executableURL = binary
        process.arguments = ["serve"] + arguments
        process.environment = inheritedEnvironment.merging(environment) { $1 }
        process.standardOutput = Pipe()
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        return process
    }

    /// What a start that must fail said, and its exit status.
    static func failingStart(
        _ arguments: [String], in directory: TemporaryDirectory
    ) throws -> (status: Int32, lines: [String], output: String) {
        let errors = directory.url.appendingPathComponent("stderr-\(UUID().uuidString)")
        let process = try launch(arguments, errors: errors)
        let deadline = Date().addingTimeInterval(10)
        while process.isRunning, Date() < deadline { usleep(10_000) }
        if process.isRunning {
            Glibc.kill(process.processIdentifier, SIGKILL)
            Issue.record("the server kept running with \(arguments)")
        }
        process.waitUntilExit()
        let pipe = try #require(process.standardOutput as? Pipe).fileHandleForReading
        let output = String(decoding: pipe.readDataToEndOfFile(), as: UTF8.self)
        let said = try String(contentsOf: errors, encoding: .utf8)
        return (process.terminationStatus, said.split(separator: "\n").map(String.init), output)
    }

    /// Sends a request on the server's own connection, opened again where it was closed.
    func send(_ request: HTTPRequest) throws -> HTTPAnswer {
        let open = try connection ?? HTTPConnection(port: port)
        connection = nil
        let answer = try open.send(request)
        if answer.headers["connection"]?.lowercased() != "close" { connection = open }
        return answer
    }

    func get(_ path: String, _ headers: [(String, String)] = []) throws -> HTTPAnswer {
        try send(.get(path, headers))
    }

    func post(
        _ path: String, _ body: String, _ headers: [(String, String)] = []
    ) throws -> HTTPAnswer {
        try send(.post(path, Array(body.utf8), headers))
    }

    /// Sends a signal to the process and waits for its end; returns the exit status.
    @discardableResult
    func kill(_ signal: Int32) -> (status: Int32, wasSignalled: Bool) {
        Glibc.kill(processId, signal)
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
    }

    var isRunning: Bool { process.isRunning }

    /// What it wrote to standard error.
    var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }
}

/// A directory of one test, removed with it.
final class TemporaryDirectory {
    let url: URL
    /// Where the server of the test keeps its data.
    var store: String { url.appendingPathComponent("data").path }

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
