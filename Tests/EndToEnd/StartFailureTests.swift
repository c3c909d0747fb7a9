import Foundation
import Testing

extension EndToEnd {
    /// A start that cannot work says why in one line, exits with an error, and touches nothing.
    @Suite("Failing starts")
    struct StartFailureTests {
        private let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        /// Starts, and checks what every failing start has in common.
        private func fails(_ arguments: [String], naming name: String) throws {
            let (status, lines, output) = try WeirServer.failingStart(arguments, in: directory)
            #expect(status != 0, "\(arguments)")
            #expect(lines.count == 1, "\(lines)")
            #expect(lines.first?.contains(name) == true, "\(lines)")
            #expect(output.isEmpty, "\(output)")
        }

        private func contents(_ path: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        }

        @Test("a port in use")
        func portInUse() throws {
            let server = try WeirServer(data: directory)
            let other = directory.url.appendingPathComponent("other").path
            let address = "127.0.0.1:\(server.port)"
            try fails(["--listen", address, "--data", other], naming: address)
            #expect(!FileManager.default.fileExists(atPath: other))
            #expect(try server.get("/healthz").status == 200)
        }

        @Test("a second server on the same directory")
        func locked() throws {
            let server = try WeirServer(data: directory)
            let before = try contents(directory.store)
            try fails(
                ["--listen", "127.0.0.1:0", "--data", directory.store], naming: directory.store)
            #expect(try contents(directory.store) == before)
            #expect(try server.post(track, #"{"eventType":"a"}"#).status == 202)
        }

        @Test("a directory that belongs to someone else")
        func foreign() throws {
            let foreign = directory.url.appendingPathComponent("foreign")
            try FileManager.default.createDirectory(
                at: foreign, withIntermediateDirectories: true)
            let letter = foreign.appendingPathComponent("letter.txt")
            try Data("dear".utf8).write(to: letter)
            try fails(["--listen", "127.0.0.1:0", "--data", foreign.path], naming: foreign.path)
            #expect(try contents(foreign.path) == ["letter.txt"])
            #expect(try Data(contentsOf: letter) == Data("dear".utf8))
        }

        @Test("a directory that cannot be made or written")
        func unwritable() throws {
            // A file in its way stops every user, root too.
            let file = directory.url.appendingPathComponent("file")
            try Data("x".utf8).write(to: file)
            let below = file.appendingPathComponent("data").path
            try fails(["--listen", "127.0.0.1:0", "--data", below], naming: below)
            try fails(["--listen", "127.0.0.1:0", "--data", file.path], naming: file.path)
            #expect(try Data(contentsOf: file) == Data("x".utf8))
            guard geteuid() != 0 else { return }
            let closed = directory.url.appendingPathComponent("closed").path
            try FileManager.default.createDirectory(
                atPath: closed, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o500])
            try fails(["--listen", "127.0.0.1:0", "--data", closed], naming: closed)
        }

        @Test("a config with an unknown key, broken text, or none at its path")
        func config() throws {
            let file = directory.url.appendingPathComponent("weir.json5")
            let arguments = [
                "--config", file.path, "--listen", "127.0.0.1:0", "--data", directory.store,
            ]
            try fails(arguments, naming: file.path)
            try Data("{ ingest: { maxAgee: 'forever' } }".utf8).write(to: file)
            try fails(arguments, naming: "ingest.maxAgee")
            try Data("{ ingest: ".utf8).write(to: file)
            try fails(arguments, naming: file.path)
            #expect(!FileManager.default.fileExists(atPath: directory.store))
        }

        @Test("an unknown flag, a bad value, an address that is open to all")
        func flags() throws {
            let data = ["--data", directory.store]
            let listen = ["--listen", "127.0.0.1:0"]
            try fails(data + listen + ["--ingest-max-agee", "forever"], naming: "max-agee")
            try fails(data + listen + ["--ingest-max-age", "soon"], naming: "soon")
            try fails(data + ["--listen", "0.0.0.0:0"], naming: "--open")
            #expect(!FileManager.default.fileExists(atPath: directory.store))
        }
    }
}
