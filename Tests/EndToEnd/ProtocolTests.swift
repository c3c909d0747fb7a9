import Testing

extension EndToEnd {
    /// HTTP around events and metrics: methods, origins, ids, error forms.
    @Suite("Protocol")
    struct ProtocolTests {
        private let data: TemporaryDirectory
        private let server: WeirServer

        init() throws {
            data = try TemporaryDirectory()
            server = try WeirServer(data: data)
        }

        @Test("unknown paths and wrong methods")
        func routes() throws {
            let missing = try server.get("/api/v2/events")
            #expect(missing.status == 404 && missing.errorCode == "not_found")
            for path in [track, batch] {
                let answer = try server.get(path)
                #expect(answer.status == 405 && answer.errorCode == "method_not_allowed")
                #expect(answer.headers["allow"]?.contains("POST") == true)
            }
            let delete = try server.send(HTTPRequest(method: "DELETE", path: query))
            #expect(delete.status == 405)
            #expect(server.isRunning)
        }

        @Test("wrong queries say what is wrong and what is close")
        func wrongQueries() throws {
            let cases: [(parameters: String, status: Int, names: String)] = [
                ("metric=page_view", 422, "page_views"),
                ("metric=page_views&dimensions=pge", 422, "page"),
                ("metric=page_views&filter.devise=mobile", 422, "device"),
                ("metric=page_views&granularity=fortnight", 400, "fortnight"),
                ("metric=page_views&granluarity=hour", 400, "granularity"),
                ("metric=page_views&start=2026-01-11&end=2026-01-10", 400, "start"),
                ("metric=page_views&start=2026-01-10&end=2026-01-10", 400, "start"),
                ("metric=page_views&start=whenever", 400, "start"),
                ("granularity=hour", 400, "metric"),
            ]
            for (parameters, status, names) in cases {
                let answer = try server.get("\(query)?\(parameters)")
                #expect(answer.status == status, "\(parameters): \(answer.text)")
                #expect(answer.errorCode?.isEmpty == false, "\(parameters)")
                #expect(answer.text.contains(names), "\(parameters): \(answer.text)")
                #expect(answer.headers["cache-control"] == "no-store", "\(parameters)")
            }
            #expect(try server.get("\(query)?metric=events&_=17").status == 200)
            let posted = try server.post(query, #"{"metric":"events","granularty":"hour"}"#)
            #expect(posted.status == 400 && posted.text.contains("granularity"))
            #expect(try server.post(query, "{").status == 400)
            let parameter = try server.post("\(track)?akc=durable", #"{"eventType":"a"}"#)
            #expect(parameter.status == 400 && parameter.text.contains("ack"))
        }

        @Test("every answer carries a request id, the client's own if it is sane")
        func requestIds() throws {
            let given = try server.get("/healthz", [("X-Request-Id", "abc-123")])
            #expect(given.headers["x-request-id"] == "abc-123")
            let made = try server.get("/nowhere").headers["x-request-id"]
            let other = try server.get("/nowhere").headers["x-request-id"]
            #expect(made?.isEmpty == false && made != other)
        }

        @Test("HEAD has the headers of GET and no body")
        func head() throws {
            for path in ["/healthz", "/readyz", "/metrics", "\(query)?metric=events&\(day)"] {
                let got = try server.get(path)
                let head = try server.send(HTTPRequest(method: "HEAD", path: path))
                #expect(head.status == got.status && head.status == 200, "\(path)")
                #expect(head.headers["content-type"] == got.headers["content-type"], "\(path)")
                #expect(head.body.isEmpty)
            }
        }

        @Test("ingest answers every origin, the rest none")
        func crossOrigin() throws {
            let origin = [("Origin", "https://shop.example")]
            let preflight = try server.send(
                HTTPRequest(
                    method: "OPTIONS", path: track,
                    headers: origin + [
                        ("Access-Control-Request-Method", "POST"),
                        ("Access-Control-Request-Headers", "content-type,x-custom"),
                    ]))
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-origin"] == "https://shop.example")
            #expect(preflight.headers["access-control-allow-credentials"] == "true")
            #expect(preflight.headers["access-control-max-age"] == "86400")
            #expect(preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
            let sent = try server.post(track, #"{"eventType":"a"}"#, origin)
            #expect(sent.status == 202)
            #expect(sent.headers["access-control-allow-origin"] == "https://shop.example")
            let bad = try server.post(track, "{", origin)
            #expect(bad.status == 400)
            #expect(bad.headers["access-control-allow-origin"] == "https://shop.example")
            let asked = try server.get("\(query)?metric=events", origin)
            #expect(asked.status == 200)
            #expect(asked.headers["access-control-allow-origin"] == nil)
        }

        @Test("large answers are gzipped where that is accepted")
        func gzippedAnswers() throws {
            let plain = try server.get("/metrics")
            let packed = try server.get("/metrics", [("Accept-Encoding", "gzip")])
            #expect(plain.headers["content-encoding"] == nil && plain.body.count > 1_024)
            #expect(packed.headers["content-encoding"] == "gzip")
            let text = try output(of: ["gzip", "-dc"], input: packed.body)
            #expect(String(decoding: text, as: UTF8.self).contains("weir_events_accepted_total"))
        }

        @Test("health and readiness")
        func health() throws {
            #expect(try server.get("/healthz").status == 200)
            #expect(try server.get("/readyz").status == 200)
        }

        @Test("requests sent in one go are answered in their order")
        func pipelining() throws {
            let connection = try HTTPConnection(port: server.port)
            let body = Array(#"{"eventType":"piped"}"#.utf8)
            let ids = (0..<20).map { "pipe-\($0)" }
            let requests = ids.map { HTTPRequest.post(track, body, [("X-Request-Id", $0)]) }
            try connection.write(requests.flatMap(\.bytes))
            for id in ids {
                let answer = try connection.readAnswer()
                #expect(answer.status == 202 && answer.headers["x-request-id"] == id)
            }
        }
    }
}
