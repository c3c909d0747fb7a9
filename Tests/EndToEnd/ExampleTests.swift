import Testing

extension EndToEnd {
    /// The examples of the README and of the API's description, as they are written there.
    @Suite("Examples")
    struct ExampleTests {
        @Test("track, batch and a metrics query")
        func verbatim() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let tracked = try server.post(
                track,
                """
                { "eventId": "evt_abc123", "eventType": "page_view", "userId": "user_456",
                  "sessionId": "sess_789", "timestamp": "2026-01-10T14:30:00.123Z",
                  "properties": { "page": "/checkout", "referrer": "/cart", "device": "mobile",
                  "browser": "chrome" } }
                """)
            #expect(tracked.status == 202)
            #expect(tracked.text == #"{"status":"queued"}"#)
            let batched = try server.post(
                batch,
                """
                {"events":[{"eventType":"page_view","page":"/home"},
                {"eventType":"click","element":"signup_btn"},{"eventType":"scroll","depth":75}]}
                """)
            #expect(batched.status == 202)
            #expect(batched.text == #"{"status":"queued","count":3}"#)

            #expect(try server.waitForTotal(1, "page_views") == 1)
            let answer = try server.get(
                "\(query)?metric=page_views&dimensions=page,device&granularity=hour"
                    + "&start=2026-01-10T00:00:00Z&end=2026-01-10T23:59:59Z")
            #expect(answer.status == 200)
            let rows = answer.json["data"].array
            #expect(rows.count == 1)
            #expect(rows.first?["timeBucket"].string == "2026-01-10T14:00:00Z")
            #expect(rows.first?["dimensions"]["page"].string == "/checkout")
            #expect(rows.first?["dimensions"]["device"].string == "mobile")
            #expect(rows.first?["value"].int == 1)
            #expect(rows.first?.names == ["dimensions", "timeBucket", "value"])
        }

        @Test("events without a timestamp count where now is, in every form of the body")
        func receiptTime() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let events = [
                #"{"eventType":"page_view","page":"/home"}"#,
                #"{"eventType":"click","element":"signup_btn"}"#,
                #"{"eventType":"scroll","depth":75}"#,
            ]
            let list = "[" + events.joined(separator: ",") + "]"
            #expect(try server.post(batch, #"{"events":\#(list)}"#).json["count"].int == 3)
            #expect(try server.post(batch, list).json["count"].int == 3)
            let lines = events.joined(separator: "\n")
            #expect(try server.post(batch, lines, [ndjson]).json["count"].int == 3)
            // navigator.sendBeacon sends text/plain; the body says what it is.
            let beacon = [("Content-Type", "text/plain;charset=UTF-8")]
            #expect(try server.post(batch, list, beacon).json["count"].int == 3)
            #expect(try server.post(track, events[0], beacon).status == 202)
            #expect(try server.waitForTotal(13, "events", "start=-1h&end=now") == 13)
            #expect(try server.total("page_views", "start=-1h&end=now") == 5)
            #expect(try server.total("clicks", "start=-1h&end=now&filter.element=signup_btn") == 4)
        }

        @Test("a query by GET and by POST is the same, with its meta")
        func getAndPost() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let views = (0..<30).map { number in
                #"{"eventType":"page_view","timestamp":"2026-01-10T0\#(number % 3):10:00Z","#
                    + #""page":"/p\#(number % 2)","device":"mobile","userId":"u\#(number % 5)"}"#
            }
            _ = try server.post(batch, views.joined(separator: "\n"), [ndjson])
            #expect(try server.waitForTotal(30) == 30)
            let asked = try server.get(
                "\(query)?metric=page_views&dimensions=page&granularity=hour&\(day)"
                    + "&filter.page=/p1&maxAge=0")
            let posted = try server.post(
                query,
                """
                {"metric":"page_views","dimensions":["page"],"filters":{"page":"/p1"},
                 "timeRange":{"start":"2026-01-10T00:00:00Z","end":"2026-01-11T00:00:00Z"},
                 "granularity":"hour"}
                """)
            #expect(asked.status == 200 && posted.status == 200)
            #expect(asked.json["data"] == posted.json["data"])
            #expect(asked.json["data"].array.map { $0["value"].int } == [5, 5, 5])
            #expect(asked.json["meta"]["start"].string == "2026-01-10T00:00:00Z")
            #expect(asked.json["meta"]["end"].string == "2026-01-11T00:00:00Z")
            #expect(asked.json["meta"]["partial"].int == 0)
            #expect(asked.headers["cache-control"] == "no-cache")
            #expect(posted.headers["cache-control"] == "private, max-age=60")
            let unique = try server.get(
                "\(query)?metric=unique_visitors&granularity=all&\(day)&maxAge=0")
            #expect(unique.json["data"][0]["value"].int == 5)
            let metrics = try server.get("/api/v1/metrics").json["metrics"].array
            let names = Set(metrics.compactMap { $0["name"].string })
            #expect(names.isSuperset(of: ["events", "page_views", "clicks", "unique_visitors"]))
        }
    }
}
