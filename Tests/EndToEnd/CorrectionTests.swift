import Testing

extension EndToEnd {
    /// Late and repeated events, as the design's own example has them.
    @Suite("Corrections and duplicates")
    struct CorrectionTests {
        private func views(_ ids: Range<Int>, _ timestamp: String) -> String {
            ids.map { id in
                #"{"eventId":"e\#(id)","eventType":"page_view","page":"/one","#
                    + #""timestamp":"\#(timestamp)"}"#
            }.joined(separator: "\n")
        }

        private func meta(_ server: WeirServer) throws -> JSON {
            try server.get(
                "\(query)?metric=page_views&filter.page=/one&granularity=minute&\(day)&maxAge=0"
            ).json["meta"]
        }

        @Test("5,000 on time, 42 corrections, and 42 duplicates that change nothing")
        func corrections() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let minute = "2026-01-10T14:30:20Z"
            let one = "filter.page=/one&start=2026-01-10T14:30:00Z&end=2026-01-10T14:31:00Z"
            let sent = try server.post(batch, views(0..<5_000, minute), [ndjson])
            #expect(sent.json["count"].int == 5_000)
            #expect(try server.waitForTotal(5_000, "page_views", one) == 5_000)
            #expect(try meta(server)["corrections"].int == 0)

            // A minute is closed once the greatest event time is a lateness (60 s) past its end.
            let later = #"{"eventType":"scroll","timestamp":"2026-01-10T14:40:00Z"}"#
            #expect(try server.post(track, later).status == 202)
            let late = views(5_000..<5_042, minute)
            #expect(try server.post(batch, late, [ndjson]).json["count"].int == 42)
            #expect(try server.waitForTotal(5_042, "page_views", one) == 5_042)
            #expect(try meta(server)["corrections"].int == 42)

            #expect(try server.post(batch, late, [ndjson]).json["count"].int == 42)
            let marker = #"{"eventType":"marker","timestamp":"2026-01-10T14:41:00Z"}"#
            #expect(try server.post(track, marker).status == 202)
            #expect(try server.waitForTotal(5_044, "events") == 5_044)
            #expect(try server.total("page_views", one) == 5_042)
            #expect(try meta(server)["corrections"].int == 42)
            #expect(try server.metric("weir_events_duplicate_total") == 42)
            #expect(try server.metric("weir_events_late_total") == 42)

            // The same after a restart, from parts and log alone.
            #expect(server.kill(15).status == 0)
            let again = try WeirServer(data: data)
            #expect(try again.total("page_views", one) == 5_042)
            #expect(try meta(again)["corrections"].int == 42)
            #expect(try again.post(batch, late, [ndjson]).json["count"].int == 42)
            #expect(try again.post(track, marker).status == 202)
            #expect(try again.waitForTotal(5_045, "events") == 5_045)
            #expect(try again.total("page_views", one) == 5_042)
        }

        @Test("an Idempotency-Key makes a batch count once")
        func idempotencyKey() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let event = #"{"eventType":"click","timestamp":"2026-01-10T10:00:00Z"}"#
            let body = "[\(event),\(event),\(event)]"
            for key in ["first", "first", "second"] {
                let answer = try server.post(batch, body, [("Idempotency-Key", key)])
                #expect(answer.json["count"].int == 3)
            }
            #expect(try server.post(batch, body).json["count"].int == 3)
            #expect(try server.post(track, #"{"eventType":"marker"}"#).status == 202)
            #expect(try server.waitForTotal(1, "events", "start=-1h&end=now") == 1)
            #expect(try server.total("events") == 9)
        }
    }
}
