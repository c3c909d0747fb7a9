import Base
import Glibc
import HTTP
import Synchronization
import Testing

/// Keeps the responders of requests to `/later` for the test to answer.
private final class Kept: Sendable {
    let responders = Locked<[Responder]>([])

    func route(_ router: inout Router) {
        router.add(.get, "/later") { _, responder in
            self.responders.withLock { $0.append(responder) }
        }
        router.add(.get, "/now") { _, responder in responder.answer(.text("now")) }
    }

    func take(_ count: Int) -> [Responder] {
        _ = waitUntil { responders.withLock { $0.count } >= count }
        return responders.withLock { responders in
            defer { responders.removeAll() }
            return responders
        }
    }
}

@Suite("Answers that come later", .timeLimit(.minutes(1)))
struct ResponderTests {
    @Test func answersFromAnotherThread() throws {
        let kept = Kept()
        try withServer(HTTPOptions(), kept.route) { server in
            let client = try RawClient(server.address)
            for number in 0..<20 {
                client.send("GET /later HTTP/1.1\r\nHost: t\r\nX-Request-Id: r\(number)\r\n\r\n")
                let responder = try #require(kept.take(1).first)
                #expect(responder.isOpen)
                #expect(responder.answer(.text("late \(number)")))
                #expect(!responder.answer(.text("again")))
                let answer = try client.readAnswer()
                #expect(answer.text == "late \(number)")
                #expect(answer.header("X-Request-Id") == "r\(number)")
                #expect(waitUntil { !responder.isOpen })
            }
        }
    }

    @Test func doesNotDelayOthersOfTheLoop() throws {
        let kept = Kept()
        var options = HTTPOptions()
        options.loops = 1
        try withServer(options, kept.route) { server in
            let sleeper = try RawClient(server.address)
            sleeper.send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")
            let responders = kept.take(1)
            #expect(try RawClient(server.address).ask("GET", "/now").text == "now")
            for responder in responders { responder.answer(.text("late")) }
            #expect(try sleeper.readAnswer().text == "late")
        }
    }

    @Test func takesAnswersForClientsThatLeft() throws {
        let kept = Kept()
        try withServer(HTTPOptions(), kept.route) { server in
            for _ in 0..<20 {
                let client = try RawClient(server.address)
                client.send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")
                let responders = kept.take(1)
                _ = consume client
                Clock.sleep(nanoseconds: 1_000_000)
                for responder in responders { responder.answer(.text("late")) }
            }
            #expect(waitUntil { server.activeRequests == 0 })
            #expect(try RawClient(server.address).ask("GET", "/now").status == 200)
        }
    }

    @Test func aKeptResponderNeverAnswersALaterRequest() throws {
        let kept = Kept()
        try withServer(HTTPOptions(), kept.route) { server in
            let client = try RawClient(server.address)
            client.send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")
            let first = try #require(kept.take(1).first)
            first.answer(.text("first"))
            #expect(try client.readAnswer().text == "first")
            client.send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")
            let second = try #require(kept.take(1).first)
            #expect(!first.answer(.text("stale")))
            second.answer(.text("second"))
            #expect(try client.readAnswer().text == "second")
        }
    }

    @Test func servesAHundredClientsAtOnce() throws {
        let pool = WorkerPool(name: "test", threads: 3, queueLimit: 1_000)
        defer { pool.stop() }
        let route: (inout Router) -> Void = { router in
            router.add(.post, "/mixed") { request, responder in
                let body = String(decoding: request.bodyBytes, as: UTF8.self)
                if body.utf8.count % 2 == 0 {
                    responder.answer(.text(body))
                } else {
                    _ = pool.submit { responder.answer(.text(body)) }
                }
            }
        }
        try withServer(HTTPOptions(), route) { server in
            let failures = Atomic(0)
            let address = server.address
            let threads = Threads(count: 100) { number in
                guard let client = try? RawClient(address) else { return }
                for round in 0..<10 {
                    let body = String(repeating: "\(number)", count: round + 1)
                    let answer = try? client.ask("POST", "/mixed", body: body)
                    if answer?.text != body { failures.add(1, ordering: .relaxed) }
                }
            }
            threads.join()
            #expect(failures.load(ordering: .relaxed) == 0)
            #expect(waitUntil { server.activeRequests == 0 })
        }
    }

    @Test func stopWaitsForRunningRequests() throws {
        let kept = Kept()
        try withServer(HTTPOptions(), kept.route) { server in
            let client = try RawClient(server.address)
            client.send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")
            let responder = try #require(kept.take(1).first)
            let threads = Threads(count: 1) { _ in
                Clock.sleep(nanoseconds: 200_000_000)
                responder.answer(.text("in time"))
            }
            server.stop(graceSeconds: 5)
            threads.join()
            let answer = try client.readAnswer()
            #expect(answer.text == "in time")
            #expect(answer.header("Connection") == "close")
            #expect(client.isClosed())
            #expect(throws: (any Error).self) { try RawClient(server.address) }
        }
    }

    @Test func stopRefusesWhatLastsTooLong() throws {
        let kept = Kept()
        try withServer(HTTPOptions(), kept.route) { server in
            let client = try RawClient(server.address)
            client.send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")
            let responder = try #require(kept.take(1).first)
            server.stop(graceSeconds: 0)
            let answer = try client.readAnswer()
            #expect(answer.status == 503)
            #expect(answer.text.contains("shutting_down"))
            #expect(!responder.answer(.text("too late")))
        }
    }
}

/// Threads that a test joins.
final class Threads {
    private final class Handle {
        let thread: Locked<WorkerThread?>

        init(_ body: @escaping @Sendable () -> Void) {
            thread = Locked(WorkerThread(name: "test", body))
        }
    }

    private let handles: [Handle]

    init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        handles = (0..<count).map { number in Handle { body(number) } }
    }

    func join() {
        for handle in handles {
            let taken = handle.thread.withLock { $0.take() }
            if let taken { taken.join() }
        }
    }
}
