import CZlib
import Glibc
import HTTP
import Testing

private let longText = String(repeating: "the same words again, ", count: 500)

private func routes(_ router: inout Router) {
    let handler: Handler = { _, responder in responder.answer(.text("short")) }
    router.add(.post, "/ingest", crossOrigin: .any, handler)
    router.add(.get, "/query", handler)
    router.add(.post, "/query", handler)
    router.add(.get, "/long") { _, responder in
        var response = Response.text(longText)
        response.headers.append(Response.Header("Vary", "Authorization"))
        responder.answer(response)
    }
}

private func optionsWithOrigins(_ origins: [String]) -> HTTPOptions {
    var options = HTTPOptions()
    options.origins = origins
    return options
}

@Suite("Headers of answers", .timeLimit(.minutes(1)))
struct HeaderTests {
    @Test func keepsSaneRequestIdsAndReplacesOthers() throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            let longest = String(repeating: "i", count: 128)
            for sane in ["abc", "a b/c~!", longest] {
                let answer = try client.ask("GET", "/query", headers: ["X-Request-Id: \(sane)"])
                #expect(answer.header("X-Request-Id") == sane)
            }
            var made: Set<String> = []
            for odd in ["", longest + "i", "é", "a\tb"] {
                let answer = try client.ask("GET", "/query", headers: ["X-Request-Id: \(odd)"])
                let id = try #require(answer.header("X-Request-Id"))
                #expect(id.utf8.count == 16 && id.allSatisfy(\.isHexDigit))
                made.insert(id)
            }
            #expect(made.count == 4)
        }
    }

    /// Method, path, origin, configured origins; allowed origin, credentials, vary.
    @Test(arguments: [
        ("POST", "/ingest", "https://a.example", [], "https://a.example", true, "Origin"),
        ("POST", "/ingest", "", [], "", false, "Origin"),
        ("GET", "/query", "https://a.example", [], "", false, ""),
        (
            "GET", "/query", "https://a.example", ["https://a.example"], "https://a.example", false,
            "Origin"
        ),
        ("GET", "/query", "https://b.example", ["https://a.example"], "", false, "Origin"),
        ("GET", "/query", "", ["https://a.example"], "", false, "Origin"),
        ("GET", "/query", "https://b.example", ["*"], "https://b.example", false, "Origin"),
        ("PUT", "/ingest", "https://a.example", [], "https://a.example", true, "Origin"),
        ("GET", "/nowhere", "https://a.example", [], "", false, ""),
    ])
    func crossOriginHeaders(
        method: String, path: String, origin: String, origins: [String], allowed: String,
        credentials: Bool, vary: String
    ) throws {
        try withServer(optionsWithOrigins(origins), routes) { server in
            let headers = origin.isEmpty ? [] : ["Origin: \(origin)"]
            let answer = try RawClient(server.address).ask(
                method, path, headers: headers, body: method == "GET" ? nil : "{}")
            #expect(answer.header("Access-Control-Allow-Origin") ?? "" == allowed)
            #expect((answer.header("Access-Control-Allow-Credentials") == "true") == credentials)
            #expect(answer.header("Vary") ?? "" == vary)
        }
    }

    @Test func answersPreflights() throws {
        try withServer(optionsWithOrigins(["https://a.example"]), routes) { server in
            let client = try RawClient(server.address)
            let asked = [
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: content-type, idempotency-key",
            ]
            for (path, origin, allowed) in [
                ("/ingest", "https://b.example", true), ("/query", "https://a.example", true),
                ("/query", "https://b.example", false),
            ] {
                let answer = try client.ask("OPTIONS", path, headers: asked + ["Origin: \(origin)"])
                #expect(answer.status == 204)
                #expect((answer.header("Access-Control-Allow-Origin") == origin) == allowed)
                #expect((answer.header("Access-Control-Max-Age") == "86400") == allowed)
                let methods = answer.header("Access-Control-Allow-Methods")
                #expect((methods?.contains("POST") == true) == allowed)
                let headers = answer.header("Access-Control-Allow-Headers")
                #expect((headers == "content-type, idempotency-key") == allowed)
                #expect(answer.header("Vary")?.hasPrefix("Origin") == true)
            }
        }
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("*", true), ("GZIP", true),
        ("gzip;q=0", false), ("identity", false), ("", false), ("gzip;q=0, *", false),
    ])
    func compressesLongAnswersForThoseWhoAccept(accepted: String, compressed: Bool) throws {
        try withServer(HTTPOptions(), routes) { server in
            let client = try RawClient(server.address)
            let answer = try client.ask("GET", "/long", headers: ["Accept-Encoding: \(accepted)"])
            #expect(answer.header("Vary") == "Authorization, Accept-Encoding")
            #expect((answer.header("Content-Encoding") == "gzip") == compressed)
            #expect(compressed == (answer.body.count < longText.utf8.count))
            let body = compressed ? try #require(gunzip(answer.body)) : answer.body
            #expect(String(decoding: body, as: UTF8.self) == longText)
            let short = try client.ask("GET", "/query", headers: ["Accept-Encoding: gzip"])
            #expect(short.header("Content-Encoding") == nil)
            #expect(short.text == "short")
        }
    }
}

private func gunzip(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = unsafe z_stream()
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    guard unsafe inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: 1 << 20)
    var ended = false
    unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(input.count)
            unsafe stream.next_out = output.baseAddress
            unsafe stream.avail_out = UInt32(output.count)
            ended = unsafe inflate(&stream, Z_FINISH) == Z_STREAM_END
        }
    }
    return ended ? Array(output[..<Int(unsafe stream.total_out)]) : nil
}
