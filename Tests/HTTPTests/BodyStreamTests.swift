import Base
import Glibc
import HTTP
import Synchronization
import Testing

/// Answers `/stream` with a stream, and gives it to the test.
private final class Streams: Sendable {
    let streams = Locked<[BodyStream]>([])
    let bytesMost: Int

    init(bytesMost: Int) { self.bytesMost = bytesMost }

    func route(_ router: inout Router) {
        router.add(.get, "/stream") { [self] _, responder in
            let stream = BodyStream(bytesMost: bytesMost)
            var response = Response.text("")
            response.stream = stream
            streams.withLock { $0.append(stream) }
            responder.answer(response)
        }
        router.add(.get, "/now") { _, responder in responder.answer(.text("now")) }
    }

    func next() throws -> BodyStream {
        #expect(waitUntil { streams.withLock { !$0.isEmpty } })
        return try #require(streams.withLock { $0.popLast() })
    }
}

@Suite("Bodies that are sent while they are made", .timeLimit(.minutes(1)))
struct BodyStreamTests {
    @Test func sendsWhatIsWrittenInOrder() throws {
        let streams = Streams(bytesMost: 1_000)
        try withServer(HTTPOptions(), streams.route) { server in
            let client = try RawClient(server.address)
            for round in 0..<3 {
                client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n")
                let stream = try streams.next()
                var expected: [UInt8] = []
                var pieces: [[UInt8]] = []
                for number in 0..<500 {
                    let piece = Array("piece \(number) of \(round);".utf8)
                    expected += piece
                    pieces.append(piece)
                }
                let writing = pieces
                let threads = Threads(count: 1) { _ in
                    for piece in writing { _ = stream.write(piece) }
                    stream.finish()
                }
                #expect(try client.readAnswer().body == expected)
                threads.join()
            }
            #expect(waitUntil { server.activeRequests == 0 })
        }
    }

    @Test func holdsNoMoreThanItsBoundForASlowClient() throws {
        let streams = Streams(bytesMost: 1 << 16)
        try withServer(HTTPOptions(), streams.route) { server in
            let client = try RawClient(server.address, receiveBufferBytes: 4_096)
            client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n")
            let stream = try streams.next()
            let piece = [UInt8](repeating: 7, count: 1 << 15)
            var written = 0
            // The sockets take some megabytes; then the stream is full, and the write gives up.
            while written < 64 << 20,
                stream.write(piece, until: Clock.monotonicNanoseconds() + 200_000_000)
            {
                written += piece.count
            }
            #expect(written < 64 << 20)
            stream.fail()
            _ = consume client
            #expect(waitUntil { server.activeRequests == 0 })
        }
    }

    @Test func tellsTheWriterThatTheClientLeft() throws {
        let streams = Streams(bytesMost: 1 << 16)
        try withServer(HTTPOptions(), streams.route) { server in
            let client = try RawClient(server.address)
            client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n")
            let stream = try streams.next()
            _ = consume client
            let piece = [UInt8](repeating: 7, count: 1 << 15)
            var rounds = 0
            while rounds < 1_000, stream.write(piece) { rounds += 1 }
            #expect(rounds < 1_000)
            #expect(waitUntil { server.activeRequests == 0 })
        }
    }

    @Test func aFailureCutsTheBody() throws {
        let streams = Streams(bytesMost: 1 << 16)
        try withServer(HTTPOptions(), streams.route) { server in
            let client = try RawClient(server.address)
            client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n")
            let stream = try streams.next()
            #expect(stream.write(Array("begun".utf8)))
            stream.fail()
            #expect(throws: RawClient.CutBody.self) { try client.readAnswer() }
            #expect(try RawClient(server.address).ask("GET", "/now").text == "now")
        }
    }

    @Test func aStopDoesNotWaitForAStreamForEver() throws {
        let streams = Streams(bytesMost: 1 << 16)
        try withServer(HTTPOptions(), streams.route) { server in
            let client = try RawClient(server.address)
            client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n")
            let stream = try streams.next()
            #expect(stream.write(Array("begun".utf8)))
            server.stop(graceSeconds: 0)
            #expect(!stream.write(Array("more".utf8)))
        }
    }

    @Test func seesThatASleepingClientLeft() throws {
        let kept = Locked<[Responder]>([])
        let route: (inout Router) -> Void = { router in
            router.add(.get, "/later") { _, responder in
                kept.withLock { $0.append(responder) }
            }
        }
        try withServer(HTTPOptions(), route) { server in
            let client = try RawClient(server.address)
            client.send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(waitUntil { kept.withLock { $0.count } == 1 })
            let responder = try #require(kept.withLock { $0.first })
            #expect(!responder.hasClientLeft)
            _ = consume client
            #expect(waitUntil { responder.hasClientLeft })
            responder.answer(.text("late"))
            #expect(waitUntil { server.activeRequests == 0 })
        }
    }
}
