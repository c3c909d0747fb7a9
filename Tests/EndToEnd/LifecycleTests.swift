import Foundation
import Synchronization
import Testing

extension EndToEnd {
    /// Ends and starts: what was acknowledged is there again, once.
    @Suite("Ends and starts")
    struct LifecycleTests {
        private let data: TemporaryDirectory

        init() throws { data = try TemporaryDirectory() }

        private func events(_ ids: Range<Int>) -> String {
            ids.map { id in
                #"{"eventId":"e\#(id)","eventType":"t\#(id % 3)","userId":"u\#(id % 7)","#
                    + #""timestamp":"2026-01-10T1\#(id % 10):00:00Z","page":"/p\#(id % 11)"}"#
            }.joined(separator: "\n")
        }

        @Test("SIGTERM drains: what was queued is there at the next start, and the exit is 0")
        func terminate() throws {
            let server = try WeirServer(data: data)
            for number in 0..<20 {
                let ids = number * 500..<(number + 1) * 500
                #expect(try server.post(batch, events(ids), [ndjson]).json["count"].int == 500)
            }
            let asked = Date()
            let (status, wasSignalled) = server.kill(SIGTERM)
            #expect(status == 0 && !wasSignalled, "\(server.log)")
            #expect(Date().timeIntervalSince(asked) < 30)
            let again = try WeirServer(data: data)
            // At once, without waiting: an answer after the start is an answer over everything.
            #expect(try again.total("events") == 10_000)
        }

        /// Sends batches until the server no longer takes them; returns how many events it took,
        /// and how many it may have taken without having said so.
        private static func pour(_ port: UInt16, _ client: Int) -> (taken: Int, unanswered: Int) {
            var taken = 0
            guard let connection = try? HTTPConnection(port: port) else { return (0, 0) }
            for number in 0..<100_000 {
                let lines = (0..<20).map { index in
                    #"{"eventId":"\#(client)-\#(number)-\#(index)","eventType":"poured","#
                        + #""timestamp":"2026-01-10T12:00:00Z"}"#
                }
                let body = Array(lines.joined(separator: "\n").utf8)
                let path = number % 5 == 0 ? "\(batch)?ack=durable" : batch
                guard let answer = try? connection.send(.post(path, body, [ndjson])) else {
                    return (taken, 20)
                }
                guard answer.status == 202 else { return (taken, 0) }
                taken += 20
            }
            return (taken, 0)
        }

        @Test("SIGTERM under load loses nothing that was answered")
        func terminateUnderLoad() throws {
            let server = try WeirServer(data: data)
            let port = server.port
            let sums = Mutex((taken: 0, unanswered: 0))
            let clients: [@Sendable () -> Void] = (0..<4).map { client in
                {
                    let poured = Self.pour(port, client)
                    sums.withLock {
                        $0.taken += poured.taken
                        $0.unanswered += poured.unanswered
                    }
                }
            }
            let processId = server.processId
            inParallel(
                clients + [
                    {
                        usleep(700_000)
                        kill(processId, SIGTERM)
                    }
                ])
            #expect(server.kill(0).status == 0, "\(server.log)")
            let (taken, unanswered) = sums.withLock { $0 }
            #expect(taken > 1_000)
            let again = try WeirServer(data: data)
            let counted = try again.total("events")
            #expect(counted >= taken && counted <= taken + unanswered, "\(taken) +\(unanswered)")
        }

        @Test("a durable answer survives kill -9 at that very moment")
        func durable() throws {
            var count = 0
            for round in 0..<5 {
                let server = try WeirServer(data: data)
                #expect(try server.total("events") == count)
                for _ in 0...round {
                    let body = events(count..<(count + 100))
                    let answer = try server.post("\(batch)?ack=durable", body, [ndjson])
                    #expect(answer.text == #"{"status":"durable","count":100}"#)
                    count += 100
                }
                let one = events(count..<(count + 1))
                let answer = try server.post("\(track)?ack=durable", one)
                #expect(answer.status == 202 && answer.text == #"{"status":"durable"}"#)
                count += 1
                #expect(server.kill(SIGKILL).wasSignalled)
            }
            let server = try WeirServer(data: data)
            #expect(try server.total("events") == count)
            // Dedup knows the ids from before the crashes.
            let all = try server.post(batch, events(0..<count), [ndjson])
            #expect(all.json["count"].int == count)
            let marker = #"{"eventType":"marker","timestamp":"2026-01-10T23:00:00Z"}"#
            #expect(try server.post(track, marker).status == 202)
            #expect(try server.waitForTotal(count + 1) == count + 1)
        }

        @Test("kill -9 between flushes, many times, loses and repeats nothing durable")
        func killsBetweenFlushes() throws {
            let flush = ["--stream-flush-interval", "100ms"]
            var count = 0
            for round in 0..<6 {
                let server = try WeirServer(data: data, flush)
                #expect(try server.total("events") == count)
                for _ in 0..<10 {
                    let body = events(count..<(count + 200))
                    #expect(try server.post("\(batch)?ack=durable", body, [ndjson]).status == 202)
                    count += 200
                    usleep(UInt32(10_000 + round * 7_000))
                }
                server.kill(SIGKILL)
            }
            let server = try WeirServer(data: data, flush)
            #expect(try server.total("events") == count)
        }

        @Test("while it drains, /readyz says 503 or the connection is refused")
        func drainingIsNotReady() throws {
            let server = try WeirServer(data: data)
            #expect(try server.get("/readyz").status == 200)
            kill(server.processId, SIGTERM)
            var sawReady = 0
            while let answer = try? server.get("/readyz") {
                if answer.status == 200 { sawReady += 1 }
                #expect(answer.status == 200 || answer.status == 503)
                if sawReady > 200 { break }
                usleep(5_000)
            }
            #expect(sawReady <= 200, "one second after SIGTERM it still calls itself ready")
            #expect(server.kill(0).status == 0)
        }
    }
}
