import Foundation
import Testing

private let snapshots = "/api/v1/snapshots"

extension EndToEnd {
    /// Snapshots of a server under load, and directories restored from them.
    @Suite("Snapshots")
    struct SnapshotTests {
        private let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        /// Requests of ten events each, one after the other, each of a number that counts up.
        private final class Client: @unchecked Sendable {
            // `@unchecked`: all fields are under the lock.
            private let lock = NSLock()
            private var isStopping = false
            private var sentCount = 0
            private var acknowledgedCount = 0
            let name: String

            init(_ name: String) { self.name = name }

            var sent: Int { lock.withLock { sentCount } }
            var acknowledged: Int { lock.withLock { acknowledgedCount } }

            func stop() { lock.withLock { isStopping = true } }

            func run(_ port: UInt16) {
                guard let connection = try? HTTPConnection(port: port) else { return }
                while lock.withLock({ isStopping }) == false {
                    let number = lock.withLock {
                        sentCount += 1
                        return sentCount
                    }
                    let lines = (0..<10).map { index in
                        "{\"eventId\":\"\(name)-\(number)-\(index)\",\"eventType\":\"\(name)\","
                            + "\"timestamp\":\"2026-01-10T12:0\(index):00Z\"}"
                    }
                    let body = Array(lines.joined(separator: "\n").utf8)
                    let answer = try? connection.send(
                        .post(batch + "?ack=durable", body, [ndjson]))
                    guard answer?.status == 202 else { return }
                    lock.withLock { acknowledgedCount += 1 }
                }
            }
        }

        private func run(_ arguments: [String]) throws -> (Int32, output: String, errors: String) {
            let process = Process()
            let (output, errors) = (Pipe(), Pipe())
            process.executableURL = WeirServer.binary
            process.arguments = arguments
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            let said = output.fileHandleForReading.readDataToEndOfFile()
            let complained = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (
                process.terminationStatus, String(decoding: said, as: UTF8.self),
                String(decoding: complained, as: UTF8.self)
            )
        }

        private func counts(_ server: WeirServer) throws -> [String: Int] {
            let answer = try server.get(
                "\(query)?metric=events&dimensions=eventType&granularity=all&\(day)")
            var counts: [String: Int] = [:]
            for row in answer.json["data"].array {
                counts[row["dimensions"]["eventType"].string ?? ""] = row["value"].int
            }
            return counts
        }

        @Test("a snapshot under load holds a prefix of what was sent, and restores to it")
        func underLoad() throws {
            let server = try WeirServer(
                data: directory,
                [
                    "--stream-flush-interval", "200ms", "--log-segment-bytes", "64KiB",
                    "--log-keep-bytes", "1MiB", "--log-keep-time", "0ms",
                ])
            let clients = ["a", "b", "c"].map { Client($0) }
            let port = server.port
            let threads = DispatchGroup()
            for client in clients {
                threads.enter()
                Thread.detachNewThread {
                    client.run(port)
                    threads.leave()
                }
            }
            var before: [[Int]] = []
            var after: [[Int]] = []
            for name in ["first", "second"] {
                usleep(300_000)
                before.append(clients.map(\.acknowledged))
                let answer = try server.post(snapshots, "{\"name\":\"\(name)\"}")
                after.append(clients.map(\.sent))
                #expect(answer.status == 201, "\(answer.text)")
                let path = answer.json["path"].string ?? ""
                #expect(path.hasPrefix("/") && path.hasSuffix("/snapshots/\(name)"))
            }
            usleep(300_000)
            for client in clients { client.stop() }
            threads.wait()
            for (index, name) in ["first", "second"].enumerated() {
                try checkRestored(name, clients, before[index], after[index])
            }
            try removeAll(server)
        }

        private func checkRestored(
            _ name: String, _ clients: [Client], _ before: [Int], _ after: [Int]
        ) throws {
            let target = directory.url.appendingPathComponent("restored-\(name)")
            let (status, output, errors) = try run([
                "restore", "--snapshot", "\(directory.store)/snapshots/\(name)", "--data",
                target.path,
            ])
            #expect(status == 0, "\(errors)")
            #expect(output.hasPrefix("restored ") && output.contains(" parts of "))
            let home = try TemporaryDirectory()
            try FileManager.default.moveItem(
                at: target, to: home.url.appendingPathComponent("data"))
            let copy = try WeirServer(data: home)
            let counts = try counts(copy)
            #expect(before.allSatisfy { $0 > 0 }, "the load has begun")
            for (index, client) in clients.enumerated() {
                let count = counts[client.name] ?? 0
                #expect(count % 10 == 0, "whole requests")
                #expect(
                    (before[index] * 10...after[index] * 10).contains(count),
                    "\(count) events of \(client.name): \(before[index]) to \(after[index])")
            }
            #expect(try copy.get("/readyz").json["status"].string == "ready")
            // It goes on as any other: what was in the snapshot counts once.
            let body = "{\"eventId\":\"a-1-0\",\"eventType\":\"a\",\"timestamp\":1768046400000}"
            #expect(try copy.post(track + "?ack=durable", body).status == 202)
            usleep(300_000)
            #expect(try self.counts(copy) == counts)
            #expect(copy.kill(SIGTERM).status == 0)
        }

        private func removeAll(_ server: WeirServer) throws {
            let listed = try server.get(snapshots).json["snapshots"].array
            #expect(listed.map { $0["name"].string } == ["first", "second"])
            for snapshot in listed {
                #expect((snapshot["bytes"].int ?? 0) > 1_000 && (snapshot["parts"].int ?? 0) > 0)
                #expect(snapshot["created"].string?.hasSuffix("Z") == true)
                let path = "\(snapshots)/\(snapshot["name"].string ?? "")"
                #expect(try server.send(HTTPRequest(method: "DELETE", path: path)).status == 204)
            }
            #expect(try server.get(snapshots).json["snapshots"].array.isEmpty)
            let folder = directory.store + "/snapshots"
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            #expect(try server.metric("weir_snapshots_made_total") == 2)
            #expect(try server.metric("weir_snapshot_failures_total") == 0)
            #expect(server.log.contains("made a snapshot"))
        }

        @Test("wrong requests are told apart")
        func errors() throws {
            let server = try WeirServer(data: directory)
            for (body, code) in [
                ("", "empty_body"), ("{", "invalid_json"), ("[]", "invalid_json"),
                ("{}", "missing_parameter"), ("{\"name\":5}", "missing_parameter"),
                ("{\"name\":\"a\",\"x\":1}", "unknown_parameter"),
                ("{\"name\":\"../a\"}", "invalid_name"), ("{\"name\":\"\"}", "invalid_name"),
            ] {
                let answer = try server.post(snapshots, body)
                #expect(answer.status == 400 && answer.errorCode == code, "\(body): \(answer.text)")
            }
            #expect(try server.post(snapshots, "{\"name\":\"a\"}").status == 201)
            let again = try server.post(snapshots, "{\"name\":\"a\"}")
            #expect(again.status == 409 && again.errorCode == "snapshot_exists")
            let missing = try server.send(HTTPRequest(method: "DELETE", path: snapshots + "/b"))
            #expect(missing.status == 404 && missing.errorCode == "unknown_snapshot")
            let parameter = try server.get(snapshots + "?x=1")
            #expect(parameter.status == 400 && parameter.errorCode == "unknown_parameter")
            let put = try server.send(HTTPRequest(method: "PUT", path: snapshots))
            #expect(put.status == 405)
        }

        @Test("restore refuses what it cannot do, and says why")
        func restoreErrors() throws {
            let server = try WeirServer(data: directory)
            #expect(
                try server.post(track + "?ack=durable", #"{"eventType":"a"}"#).status == 202)
            #expect(try server.post(snapshots, "{\"name\":\"a\"}").status == 201)
            let snapshot = directory.store + "/snapshots/a"
            let target = directory.url.appendingPathComponent("new").path
            for (arguments, status, reason) in [
                ([], 2, "--snapshot PATH"), (["--snapshot", snapshot], 2, "--data DIR"),
                (["--from", "x"], 2, "no flag --from"), (["--data"], 2, "needs a value"),
                (["--snapshot", snapshot, "--data", directory.store], 1, "not an empty directory"),
                (["--snapshot", directory.store, "--data", target], 1, "is no snapshot"),
                (["--snapshot", target, "--data", target], 1, target),
            ] as [([String], Int32, String)] {
                let (code, output, errors) = try run(["restore"] + arguments)
                #expect(code == status && output.isEmpty, "\(arguments)")
                #expect(errors.contains(reason), "\(errors)")
                #expect(errors.split(separator: "\n").count == 1, "\(errors)")
            }
            let (code, output, _) = try run(["restore", "--help"])
            #expect(code == 0 && output.contains("exit codes: 0 restored"))
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }
}
