import Foundation
import Testing

extension EndToEnd {
    /// Entity tags, 304 and the cache of answers.
    @Suite("Caching")
    struct CachingTests {
        private let hours = "\(query)?metric=page_views&dimensions=page&granularity=hour&maxAge=0"
        private let morning = "&start=2026-01-10T10:00:00Z&end=2026-01-10T12:00:00Z"

        private func event(_ id: String, at time: String, page: String = "/") -> String {
            #"{"eventId":"\#(id)","eventType":"page_view","timestamp":"2026-01-10T\#(time)Z","#
                + #""properties":{"page":"\#(page)"}}"#
        }

        @Test("an answer is not modified until an event comes into its range")
        func notModified() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data, ["--stream-flush-interval", "300ms"])
            _ = try server.post(track, event("a", at: "10:30:00"))
            #expect(try server.waitForTotal(1, "page_views") == 1)
            let first = try server.get(hours + morning)
            let tag = try #require(first.headers["etag"])
            #expect(tag.wholeMatch(of: /W\/"[0-9a-f]{32}"/) != nil, "\(tag)")
            #expect(first.headers["cache-control"] == "no-cache")

            for known in [tag, "*", "\"x\", " + tag, String(tag.dropFirst(2))] {
                let again = try server.get(hours + morning, [("If-None-Match", known)])
                #expect(again.status == 304 && again.body.isEmpty, "\(known)")
                #expect(again.headers["etag"] == tag)
                #expect(again.headers["cache-control"] == "no-cache")
                #expect(again.headers["vary"] == "Accept-Encoding, Origin, Authorization")
                #expect(again.headers["content-type"] == nil)
                #expect(again.headers["content-length"] ?? "0" == "0")
            }
            // Not in the range; then a flush and perhaps merges.
            _ = try server.post(track, event("b", at: "12:00:00"))
            #expect(try server.waitForTotal(2, "page_views") == 2)
            let flushes = try server.metric("weir_flushes_total")
            let deadline = Date().addingTimeInterval(10)
            while try server.metric("weir_flushes_total") == flushes, Date() < deadline {
                usleep(20_000)
            }
            #expect(try server.get(hours + morning, [("If-None-Match", tag)]).status == 304)
            #expect(try server.metric("weir_query_not_modified_total") == 5)

            _ = try server.post(track, event("c", at: "11:59:59"))
            #expect(try server.waitForTotal(3, "page_views") == 3)
            let changed = try server.get(hours + morning, [("If-None-Match", tag)])
            #expect(changed.status == 200 && changed.headers["etag"] != tag)
            #expect(changed.json["data"].array.map { $0["value"].int } == [1, 1])

            // What a restart counts from is another number.
            let last = try #require(changed.headers["etag"])
            #expect(server.kill(SIGTERM).status == 0)
            let next = try WeirServer(data: data)
            let after = try next.get(hours + morning, [("If-None-Match", last)])
            #expect(after.status == 200 && after.json["data"] == changed.json["data"])
        }

        @Test("the same question is answered from the cache, in every form of the request")
        func cache() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let events = (0..<200).map { event("\($0)", at: "10:30:00", page: "/page/\($0)") }
            _ = try server.post(batch, "[" + events.joined(separator: ",") + "]")
            #expect(try server.waitForTotal(200, "page_views") == 200)
            func hits() throws -> Double { try server.metric("weir_query_cache_hits_total") }
            let before = try (hits(), server.metric("weir_query_cache_misses_total"))

            let first = try server.get(hours + morning)
            #expect(try server.metric("weir_query_cache_misses_total") == before.1 + 1)
            let second = try server.get(hours + morning.replacing("10:00:00Z", with: "10:00:30Z"))
            #expect(try hits() == before.0 + 1)
            #expect(second.text == first.text && second.headers["etag"] == first.headers["etag"])
            #expect(first.json["data"].array.count == 200)
            let aged = try server.get((hours + morning).replacing("maxAge=0", with: "maxAge=7"))
            #expect(aged.headers["cache-control"] == "private, max-age=7")
            #expect(aged.text == first.text)

            let head = try server.send(HTTPRequest(method: "HEAD", path: hours + morning))
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers["etag"] == first.headers["etag"])
            #expect(head.headers["content-length"] == first.headers["content-length"])
            let tag = try #require(first.headers["etag"])
            let known = [("If-None-Match", tag)]
            let conditional = HTTPRequest(method: "HEAD", path: hours + morning, headers: known)
            #expect(try server.send(conditional).status == 304)

            // Compressed for the first, and kept so for the second.
            for _ in 0..<2 {
                let packed = try server.get(hours + morning, [("Accept-Encoding", "gzip")])
                #expect(packed.headers["content-encoding"] == "gzip")
                #expect(packed.headers["etag"] == tag)
                #expect(try output(of: ["gzip", "-dc"], input: packed.body) == first.body)
            }

            let body =
                #"{"metric":"page_views","dimensions":["page"],"timeRange":"#
                + #"{"start":"2026-01-10T10:00:00Z","end":"2026-01-10T12:00:00Z"}}"#
            let posted = try server.post(query, body, known)
            #expect(posted.status == 200 && posted.text == first.text)
            #expect(try hits() == before.0 + 6)

            let csv = try server.get(hours + morning + "&format=csv")
            #expect(csv.headers["etag"] != tag)
            let again = try server.get(hours + morning + "&format=csv")
            #expect(again.text == csv.text && again.text.hasPrefix("timeBucket,page,value\r\n"))
            #expect(again.headers["content-type"] == csv.headers["content-type"])
            #expect(try hits() == before.0 + 7)
            let figures = try server.get("/metrics").text
            let held = figures.firstMatch(of: /weir_memory_bytes\{owner="query_cache"\} (\d+)/)
            #expect(Int(held?.1 ?? "0") ?? 0 > first.body.count)
        }

        @Test("while events come and are flushed, equal tags are of equal data")
        func underLoad() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(
                data: data,
                ["--stream-flush-interval", "100ms", "--stream-publish-interval", "3ms"])
            let port = server.port
            let isDone = Shared(false)
            let seen = Shared([String: Set<String>]())
            let failures = Shared([String]())
            let readers = (0..<3).map { number in
                { @Sendable in
                    do {
                        let connection = try HTTPConnection(port: port)
                        let paths = [hours + morning, hours + "&" + day + "&format=csv"]
                        var known: [String: String] = [:]
                        while !isDone.value {
                            for path in paths {
                                let tags = known[path].map { [("If-None-Match", $0)] } ?? []
                                let headers = number == 0 ? tags : []
                                let answer = try connection.send(.get(path, headers))
                                let tag = answer.headers["etag"] ?? ""
                                if answer.status == 304, tag == known[path] { continue }
                                known[path] = tag
                                let body = answer.text.components(separatedBy: ",\"meta\":")[0]
                                seen.update { $0[tag, default: []].insert(body) }
                                if answer.status != 200 { failures.update { $0.append(body) } }
                            }
                        }
                    } catch { failures.update { $0.append("\(error)") } }
                }
            }
            let writer = { @Sendable in
                do {
                    let connection = try HTTPConnection(port: port)
                    for number in 0..<600 {
                        let time = number.isMultiple(of: 3) ? "10:30:00" : "14:00:00"
                        let body = Array(event("w\(number)", at: time).utf8)
                        _ = try connection.send(.post(track, body))
                        usleep(2_000)
                    }
                } catch { failures.update { $0.append("\(error)") } }
                isDone.update { $0 = true }
            }
            inParallel(readers + [writer])
            #expect(failures.value == [])
            #expect(seen.value.allSatisfy { $0.value.count == 1 && !$0.key.isEmpty })
            // New answers were seen again and again.
            #expect(seen.value.count > 5)
            #expect(try server.waitForTotal(600, "page_views") == 600)
            #expect(try server.metric("weir_query_cache_hits_total") > 0)
        }

        @Test("errors have no entity tag, and a cache of 0 bytes keeps nothing")
        func neither() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data, ["--query-cache-bytes", "0"])
            let failed = try server.get("\(query)?metric=page_veiws", [("If-None-Match", "*")])
            #expect(failed.status == 422 && failed.headers["etag"] == nil)
            #expect(failed.headers["cache-control"] == "no-store")
            let first = try server.get(hours + morning)
            let tag = try #require(first.headers["etag"])
            #expect(try server.get(hours + morning).status == 200)
            #expect(try server.metric("weir_query_cache_hits_total") == 0)
            #expect(try server.metric("weir_query_cache_misses_total") == 2)
            #expect(try server.get(hours + morning, [("If-None-Match", tag)]).status == 304)
        }
    }
}

/// A value that several threads of a test use.
private final class Shared<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: Value

    init(_ value: Value) { stored = value }

    var value: Value { lock.withLock { stored } }

    func update(_ change: (inout Value) -> Void) { lock.withLock { change(&stored) } }
}
