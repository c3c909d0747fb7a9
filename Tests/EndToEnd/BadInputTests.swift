import Foundation
import Testing

/// A body that is wrong in one way, and what the server must say of it.
struct BadBody: CustomTestStringConvertible, Sendable {
    let name: String
    var path = batch
    var headers: [(String, String)] = []
    let body: [UInt8]
    let status: Int
    /// The code of the error answer, or of the first rejected event of a 202.
    let code: String
    /// How many events of the body count nevertheless.
    var counted = 0
    /// The index of the rejected event.
    var index: Int?

    var testDescription: String { name }

    init(
        _ name: String, _ path: String = batch, _ headers: [(String, String)] = [],
        text: String, status: Int = 400, code: String, counted: Int = 0, index: Int? = nil
    ) {
        self.init(
            name, path, headers, bytes: Array(text.utf8), status: status, code: code,
            counted: counted, index: index)
    }

    init(
        _ name: String, _ path: String = batch, _ headers: [(String, String)] = [],
        bytes: [UInt8], status: Int = 400, code: String, counted: Int = 0, index: Int? = nil
    ) {
        self.name = name
        self.path = path
        self.headers = headers
        body = bytes
        self.status = status
        self.code = code
        self.counted = counted
        self.index = index
    }
}

private let good = #"{"eventType":"good","timestamp":"2026-01-10T12:00:00Z"}"#

private func timestamped(_ timestamp: String) -> String {
    #"{"eventType":"dated","timestamp":\#(timestamp)}"#
}

/// An event with a property whose value nests `depth` levels.
private func nested(_ depth: Int) -> String {
    let open = String(repeating: #"{"a":"#, count: depth)
    return #"{"eventType":"deep","timestamp":"2026-01-10T12:00:00Z","properties":{"p":"# + open
        + "1" + String(repeating: "}", count: depth) + "}}"
}

let badBodies: [BadBody] = [
    BadBody(
        "broken JSON in the middle of a batch", text: "[\(good),{\"eventType\":},\(good)]",
        code: "invalid_json"),
    BadBody(
        "a broken line in the middle of NDJSON", batch, [ndjson],
        text: "\(good)\n{\"eventType\":\n\(good)\n", status: 202, code: "invalid_json",
        counted: 2, index: 1),
    BadBody("an empty body to track", track, text: "", code: "empty_body"),
    BadBody("an empty body to batch", text: "", code: "empty_body"),
    BadBody("a broken text alone", track, text: #"{"eventType":"a""#, code: "invalid_json"),
    BadBody("a number", text: "17", code: "invalid_batch"),
    BadBody(
        "an unknown Content-Encoding", batch, [("Content-Encoding", "br")], text: good,
        status: 415, code: "unsupported_content_encoding"),
    BadBody(
        "no gzip at all", batch, [("Content-Encoding", "gzip")], text: good,
        code: "invalid_encoding"),
    BadBody("no eventType, alone", track, text: #"{"userId":"u"}"#, code: "missing_event_type"),
    BadBody(
        "no eventType, among others", text: #"[\#(good),{"userId":"u"},\#(good)]"#, status: 202,
        code: "missing_event_type", counted: 2, index: 1),
    BadBody("month 13", track, text: timestamped(#""2026-13-45""#), code: "timestamp_out_of_range"),
    BadBody(
        "no time at all", text: "[\(timestamped(#""yesterday""#)),\(good)]", status: 202,
        code: "timestamp_out_of_range", counted: 1, index: 0),
    BadBody(
        "a number beyond the doubles",
        text: "[\(good),{\"eventType\":\"huge\",\"properties\":{\"n\":1e999}}]", status: 202,
        code: "number_out_of_range", counted: 1, index: 1),
    BadBody(
        "a time beyond every calendar", track, text: timestamped("1e300"),
        code: "timestamp_out_of_range"),
    BadBody(
        "10,001 events",
        text: "[" + Array(repeating: good, count: 10_001).joined(separator: ",")
            + "]",
        code: "too_many_events"),
    BadBody(
        "an event of 300 KiB",
        text: "[\(good),{\"eventType\":\"big\",\"properties\":{"
            + (0..<6).map { "\"p\($0)\":\"\(String(repeating: "x", count: 50 << 10))\"" }
            .joined(separator: ",") + "}}]", status: 202, code: "event_too_large", counted: 1,
        index: 1),
    BadBody(
        "nesting of 17", text: "[\(good),\(nested(17))]", status: 202, code: "nested_too_deep",
        counted: 1, index: 1),
    BadBody(
        "invalid UTF-8", batch, [ndjson],
        bytes: Array("\(good)\n{\"eventType\":\"".utf8) + [0xC3, 0x28] + Array("\"}\n".utf8),
        status: 202, code: "invalid_utf8", counted: 1, index: 1),
    BadBody(
        "a raw NUL byte", batch, [ndjson],
        bytes: Array("\(good)\n{\"eventType\":\"a".utf8) + [0] + Array("b\"}\n".utf8),
        status: 202, code: "invalid_json", counted: 1, index: 1),
    BadBody(
        "an eventType of 129 bytes", track,
        text: "{\"eventType\":\"\(String(repeating: "t", count: 129))\"}",
        code: "invalid_event_type"),
    BadBody(
        "an eventType that is a number", track, text: #"{"eventType":5}"#,
        code: "invalid_event_type"),
    BadBody(
        "a key of 257 bytes",
        text: "[\(good),{\"eventType\":\"k\",\"properties\":{\""
            + String(repeating: "k", count: 257) + "\":1}}]", status: 202, code: "key_too_long",
        counted: 1, index: 1),
    BadBody(
        "a value of 65 KiB",
        text: "[\(good),{\"eventType\":\"v\",\"properties\":{\"a\":\""
            + String(repeating: "v", count: 65 << 10) + "\"}}]", status: 202,
        code: "value_too_long", counted: 1, index: 1),
    BadBody(
        "an eventType twice", track, text: #"{"eventType":"first","eventType":"last"}"#,
        code: "duplicate_key"),
    BadBody(
        "a property twice",
        text: "[\(good),{\"eventType\":\"d\",\"properties\":{\"a\":1,\"a\":\"two\"}},\(good)]",
        status: 202, code: "duplicate_key", counted: 2, index: 1),
    BadBody(
        "a property twice, in a line", batch, [ndjson],
        text: "\(good)\n{\"eventType\":\"d\",\"o\":{\"a\":1},\"o.a\":null}\n\(good)\n", status: 202,
        code: "duplicate_key", counted: 2, index: 1),
    BadBody(
        "the events of a batch twice", text: #"{"events":[\#(good)],"events":[\#(good)]}"#,
        code: "duplicate_key"),
    BadBody(
        "half of a surrogate pair", track, text: #"{"eventType":"half \ud83d"}"#,
        code: "invalid_unicode"),
    BadBody(
        "half of a surrogate pair in a key",
        text: "[\(good),{\"eventType\":\"h\",\"properties\":{\"\\udc00\":1}},\(good)]", status: 202,
        code: "invalid_unicode", counted: 2, index: 1),
    BadBody(
        "half of a surrogate pair in an array", batch, [ndjson],
        text: "\(good)\n{\"eventType\":\"h\",\"a\":[1,[\"\\ud800\"]]}\n\(good)\n", status: 202,
        code: "invalid_unicode", counted: 2, index: 1),
    BadBody(
        "513 properties",
        text: "[\(good),{\"eventType\":\"p\",\"properties\":{"
            + (0..<513).map { "\"p\($0)\":1" }.joined(separator: ",") + "}}]", status: 202,
        code: "too_many_properties", counted: 1, index: 1),
]

extension EndToEnd {
    /// What is wrong gets a precise 4xx, nothing else is lost, and the server lives.
    @Suite("Bad input")
    struct BadInputTests {
        @Test("each bad body, one after the other on one server")
        func bodies() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            var expected = 0
            for bad in badBodies {
                let answer = try server.send(.post(bad.path, bad.body, bad.headers))
                #expect(answer.status == bad.status, "\(bad.name): \(answer.text.prefix(300))")
                if bad.status == 202 {
                    let rejected = answer.json["rejected"]
                    #expect(answer.json["count"].int == bad.counted, "\(bad.name)")
                    #expect(rejected.array.count == 1, "\(bad.name)")
                    #expect(rejected[0]["code"].string == bad.code, "\(bad.name)")
                    #expect(rejected[0]["index"].int == bad.index, "\(bad.name)")
                    #expect(rejected[0]["message"].string?.isEmpty == false, "\(bad.name)")
                } else {
                    let error = answer.json["error"]
                    #expect(error["code"].string == bad.code, "\(bad.name): \(answer.text)")
                    #expect(error["message"].string?.isEmpty == false, "\(bad.name)")
                }
                expected += bad.counted
                #expect(server.isRunning, "\(bad.name) ended the server")
            }
            #expect(try server.waitForTotal(expected) == expected)
        }

        @Test("odd but valid events count")
        func oddButValid() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let odd = [
                #"{"eventType":"above","a":1,"o.p":1,"properties":{"a":"two","o":{"p":2}}}"#,
                #"{"eventType":"huge","properties":{"n":1e308,"m":12345678901234567890123}}"#,
                #"{"eventType":"pair \ud83d\ude00","\ud83d\ude00":["\ud83d\ude00"]}"#,
                #"{"eventType":"nul","properties":{"a":"x\u0000y"}}"#,
                #"{"eventType":"array","properties":{"a":[1,{"b":[]}],"o":{"p":{"q":null}}}}"#,
                #"{"eventType":"ids","eventId":42,"userId":7,"sessionId":8.5}"#,
                #"{"eventType":"offset","timestamp":"2026-01-10T14:30:00.5+05:45"}"#,
                #"{"eventType":"seconds","timestamp":1768053600}"#,
                #"{"eventType":"milliseconds","timestamp":1768053600123}"#,
                #"{"eventType":"😀","properties":{"страница":"/ünï"}}"#,
            ]
            for event in odd {
                #expect(try server.post(track, event).status == 202, "\(event)")
            }
            #expect(try server.waitForTotal(3, "events", day) == 3)
            #expect(try server.waitForTotal(7, "events", "start=-1h&end=now") == 7)
            let answer = try server.get(
                "\(query)?metric=events&dimensions=eventType&granularity=all&start=-1h&maxAge=0")
            let types = answer.json["data"].array.map { $0["dimensions"]["eventType"].string }
            #expect(
                types == ["above", "array", "huge", "ids", "nul", "pair 😀", "😀"],
                "\(answer.text)")
        }

        @Test("year 0 is too old, unless every age is welcome, and then it counts for good")
        func year0() throws {
            let data = try TemporaryDirectory()
            let old = timestamped(#""0000-01-01T00:00:00Z""#)
            let range = "start=0000-01-01T00:00:00Z&end=0000-01-02T00:00:00Z"
            let server = try WeirServer(data: data, maxAge: "400d")
            let refused = try server.post(track, old)
            #expect(refused.status == 400 && refused.errorCode == "timestamp_out_of_range")
            let among = try server.post(batch, #"[{"eventType":"now"},\#(old)]"#)
            #expect(among.status == 202 && among.json["count"].int == 1)
            #expect(among.json["rejected"][0]["code"].string == "timestamp_out_of_range")
            #expect(server.kill(SIGTERM).status == 0)
            let welcoming = try WeirServer(data: data)
            #expect(try welcoming.post(track, old).status == 202)
            #expect(try welcoming.waitForTotal(1, "events", range) == 1)
            #expect(welcoming.kill(SIGTERM).status == 0)
            let again = try WeirServer(data: data)
            #expect(try again.total("events", range) == 1)
        }

        @Test("year 9999 is ahead of time and gets its receipt time")
        func farFuture() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let answer = try server.post(track, timestamped(#""9999-12-31T23:59:59Z""#))
            #expect(answer.status == 202)
            #expect(try server.waitForTotal(1, "events", "start=-1h&end=now") == 1)
            #expect(try server.metric("weir_events_skewed_total") == 1)
        }

        @Test("gzip and deflate count; truncated bodies and bombs do not")
        func compression() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let body = Array("[\(good),\(good)]".utf8)
            let gzip = [("Content-Encoding", "gzip")]
            let packed = try gzipped(body)
            let first = try server.send(.post(batch, packed, gzip))
            #expect(first.status == 202 && first.json["count"].int == 2)
            let second = try server.send(
                .post(batch, try deflated(body), [("Content-Encoding", "deflate")]))
            #expect(second.status == 202 && second.json["count"].int == 2)
            let truncated = try server.send(.post(batch, Array(packed.dropLast(9)), gzip))
            #expect(truncated.status == 400 && truncated.errorCode == "invalid_encoding")
            let bomb = try gzipped([UInt8](repeating: 0x20, count: 100 << 20))
            let exploded = try server.send(.post(batch, bomb, gzip))
            #expect(exploded.status == 413 && exploded.errorCode == "body_too_large")
            #expect(try server.waitForTotal(4) == 4)
        }

        @Test("a body over the limit is refused, announced or not")
        func bodyTooLarge() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let connection = try HTTPConnection(port: server.port)
            let head = "POST \(batch) HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n"
            try connection.write(Array(head.utf8))
            let answer = try connection.readAnswer()
            #expect(answer.status == 413 && answer.errorCode == "body_too_large")
            #expect(try server.post(track, good).status == 202)
            #expect(try server.waitForTotal(1) == 1)
        }
    }
}
