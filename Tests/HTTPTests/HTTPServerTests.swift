import Base
import Glibc
import HTTP
import Synchronization
import Testing

/// Answers with what the request was.
private let echo: Handler = { request, responder in
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("method", request.method.name)
    writer.field("path", request.path)
    writer.field("query", request.query)
    writer.field("body", String(decoding: request.bodyBytes, as: UTF8.self))
    writer.field("header", request.header("x-test"))
    writer.field("id", request.requestId)
    writer.endObject()
    responder.answer(.json(writer.finish()))
}

private func routes(_ router: inout Router) {
    router.add(.get, "/echo", echo)
    router.add(.post, "/echo", echo)
    router.add(.post, "/small", bodyLimit: 100, echo)
    router.add(.delete, "/items/{name}") { request, responder in
        responder.answer(.text(request.pathParameter("name") ?? "nothing"))
    }
}

@Suite("Server over sockets", .timeLimit(.minutes(1)))
struct HTTPServerTests {
    @Test func answersWithWhatWasAsked() throws {
        try withServer(HTTPOptions(), routes) { server in
            #expect(server.address.port > 0)
            let client = try RawClient(server.address)
            let answer = try client.ask(
                "POST", "/echo?a=1%202&b", headers: ["X-Test: yes"], body: "body")
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "application/json")
            let id = try #require(answer.header("X-Request-Id"))
            #expect(
                answer.text == #"{"method":"POST","path":"/echo","query":"a=1%202&b","#
                    + #""body":"body","header":"yes","id":"\#(id)"}"#)
        }
    }

    @Test func keepsConnectionsAndAnswersPipelinedRequestsInOrder() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            for number in 0..<3 {
                #expect(try client.ask("GET", "/echo?\(number)").text.contains("\"\(number)\""))
            }
            var burst = ""
            for number in 0..<50 {
                burst += "POST /echo?\(number) HTTP/1.1\r\nHost: t\r\nX-Request-Id: r\(number)\r\n"
                burst += "Content-Length: 3\r\n\r\nabc"
            }
            client.send(burst)
            for number in 0..<50 {
                let answer = try client.readAnswer()
                #expect(answer.text.contains("\"query\":\"\(number)\""))
                #expect(answer.header("X-Request-Id") == "r\(number)")
            }
        }
    }

    @Test func answersHeadWithTheHeadersOfGet() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            let head = try client.ask("HEAD", "/echo", headers: ["X-Request-Id: r"])
            let get = try client.ask("GET", "/echo", headers: ["X-Request-Id: r"])
            #expect(head.status == 200)
            // The body says "HEAD" where that of GET says "GET".
            let length = try #require(get.header("Content-Length").flatMap { Int($0) })
            #expect(head.header("Content-Length") == "\(length + 1)")
        }
    }

    @Test func refusesUnknownPathsAndMethods() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            let missing = try client.ask("POST", "/nowhere", body: "x")
            #expect(missing.status == 404)
            #expect(missing.text.hasPrefix(#"{"error":{"code":"not_found","message":"#))
            #expect(missing.header("X-Request-Id") != nil)
            let wrong = try client.ask("PUT", "/echo", body: "x")
            #expect(wrong.status == 405)
            #expect(wrong.header("Allow") == "GET, POST, HEAD, OPTIONS")
            #expect(wrong.text.contains("method_not_allowed"))
            #expect(try client.ask("OPTIONS", "/echo").status == 204)
        }
    }

    @Test func decodesPathParameters() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            #expect(try client.ask("DELETE", "/items/a%2Fb+c").text == "a/b+c")
            #expect(try client.ask("DELETE", "/items/").status == 404)
            #expect(try client.ask("DELETE", "/items/%ZZ").status == 404)
            #expect(try client.ask("DELETE", "/items/a/b").status == 404)
        }
    }

    @Test func readsChunkedBodies() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            let head = "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
            client.send(head + "3\r\nabc\r\n")
            client.send("4\r\ndefg\r\n0\r\n\r\n")
            #expect(try client.readAnswer().text.contains(#""body":"abcdefg""#))
        }
    }

    @Test func readsLargeBodiesWhole() throws {
        try withServer(
            HTTPOptions(),
            { router in
                router.add(.post, "/hash") { request, responder in
                    let padded = unsafe UnsafeRawBufferPointer(
                        start: request.body.baseAddress,
                        count: request.body.count + Request.bodyPadding)
                    // Reading the padding must be allowed; a sanitizer would object.
                    let padding = unsafe padded.reduce(0) { $0 &+ Int($1) }
                    let hash = unsafe hash64(request.body)
                    responder.answer(.text("\(hash) \(padding >= 0 ? "ok" : "")"))
                }
            },
            { server in
                let client = try RawClient(server.address)
                for count in [1, 1_000, 40_000, 1 << 20, 8 << 20] {
                    let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &>> 3) }
                    client.send(
                        "POST /hash HTTP/1.1\r\nHost: t\r\nContent-Length: \(count)\r\n\r\n")
                    client.send(body)
                    let expected = unsafe body.withUnsafeBytes { unsafe hash64($0) }
                    #expect(try client.readAnswer().text == "\(expected) ok")
                }
            })
    }

    @Test(arguments: [101, 5_000, 200_000])
    func refusesBodiesOverTheLimitAndKeepsTheConnection(count: Int) throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            let body = String(repeating: "x", count: count)
            let declared = try client.ask("POST", "/small", body: body)
            #expect(declared.status == 413)
            #expect(declared.text.contains(#""code":"body_too_large""#))
            client.send("POST /small HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.send("\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n")
            #expect(try client.readAnswer().status == 413)
            #expect(try client.ask("POST", "/small", body: "fits").status == 200)
        }
    }

    @Test func refusesTooLargeABodyBeforeItIsSent() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            client.send(
                "POST /small HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 101\r\n\r\n")
            #expect(try client.readAnswer().status == 413)
            #expect(client.isClosed())
            let willing = try RawClient(server.address)
            willing.send(
                "POST /small HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 4\r\n\r\n")
            #expect(try willing.readAnswer().status == 100)
            willing.send("fits")
            #expect(try willing.readAnswer().status == 200)
        }
    }

    @Test func waitsForSlowClients() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            let text = "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello"
            for byte in text.utf8 {
                client.send([byte])
                Clock.sleep(nanoseconds: 500_000)
            }
            #expect(try client.readAnswer().text.contains(#""body":"hello""#))
        }
    }

    @Test func closesIdleConnections() throws {
        var options = HTTPOptions()
        options.idleSeconds = 1
        try withServer(options, routes) { server in
            let client = try RawClient(server.address)
            #expect(try client.ask("GET", "/echo").status == 200)
            #expect(client.isClosed())
        }
    }

    @Test func forgetsRequestsThatAreBrokenOff() throws {
        try withServer(HTTPOptions(), routes) { server in
            for text in [
                "POST /echo HTTP/1.1\r\nHost:", "POST /echo HTTP/1.1\r\nHost: t\r\n",
                "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nabc",
            ] {
                let client = try RawClient(server.address)
                client.send(text)
                Clock.sleep(nanoseconds: 20_000_000)
                _ = client
            }
            #expect(waitUntil { server.activeRequests == 0 })
            #expect(try RawClient(server.address).ask("GET", "/echo").status == 200)
        }
    }

    @Test func survivesBytesThatAreNoRequest() throws {
        try withServer(HTTPOptions(), routes) { server in
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<50 {
                let client = try RawClient(server.address)
                client.send((0..<200).map { _ in UInt8.random(in: 0 ... .max, using: &generator) })
                client.send("\r\n\r\n")
            }
            #expect(try RawClient(server.address).ask("GET", "/echo").status == 200)
            #expect(waitUntil { server.activeRequests == 0 })
        }
    }

    @Test func limitsTheNumberOfConnections() throws {
        var options = HTTPOptions()
        options.loops = 1
        options.connections = 2
        try withServer(options, routes) { server in
            let kept = try [RawClient(server.address), RawClient(server.address)]
            for client in kept { #expect(try client.ask("GET", "/echo").status == 200) }
            #expect(try RawClient(server.address).isClosed())
            for client in kept { #expect(try client.ask("GET", "/echo").status == 200) }
        }
    }
}

/// Waits up to five seconds for a condition.
func waitUntil(_ condition: () -> Bool) -> Bool {
    for _ in 0..<1_000 {
        if condition() { return true }
        Clock.sleep(nanoseconds: 5_000_000)
    }
    return condition()
}
