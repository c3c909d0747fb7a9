import Foundation
import Testing

@testable import weir_bench

/// The benchmarks, tiny, one at a time: each has a server of its own.
@Suite(.serialized)
enum Benchmarks {
    static let catalogue = Catalogue()

    /// Where the server's binary is: `WEIR_BINARY`, else beside the test bundle.
    static var binary: String {
        if let path = ProcessInfo.processInfo.environment["WEIR_BINARY"], !path.isEmpty {
            return path
        }
        return products.appendingPathComponent("weir").path
    }

    /// The folder of the test bundle.
    static var products: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    }

    /// Flushes often, so that merges have something to do and end soon.
    static let flags = ["--stream-flush-interval", "100ms"]
    static let settleSeconds = 0.5

    /// Runs the body with a server over a new directory; the server must end as it should.
    static func withServer(_ body: (ServerProcess) throws -> Void) throws {
        try withFolder { folder in
            let server = try ServerProcess(
                binary: binary, arguments: ["--data", "\(folder)/data"] + flags,
                logPath: "\(folder)/log")
            try body(server)
            #expect(server.stop())
            let log = try String(contentsOfFile: "\(folder)/log", encoding: .utf8)
            #expect(!log.contains(#""level":"warning""#) && !log.contains(#""level":"error""#))
        }
    }

    static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }
}
