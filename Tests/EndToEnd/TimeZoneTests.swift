import Foundation
import Testing

extension EndToEnd {
    /// The viewer's clocks, over HTTP.
    @Suite("Time zones")
    struct TimeZoneTests {
        /// Clicks of the real events, moved to changes of the clocks, as Python counts them.
        @Test(
            "real clicks over changes of the clocks equal Python's answer",
            .enabled(
                if: RealDataTests.isThere,
                "the real events are not there; WEIR_REAL_DATA names the file"))
        func realClicks() throws {
            let data = try TemporaryDirectory()
            let script = RealDataTests.root.appendingPathComponent("tools/zone-twin").path
            let said = try output(
                of: ["python3", script, "--data", RealDataTests.data.path, "--out", data.url.path]
                    + (isFull ? [] : ["--lines", "4000"]), input: [])
            let events = try String(
                contentsOf: data.url.appendingPathComponent("events.ndjson"), encoding: .utf8)
            let lines = events.split(separator: "\n")
            // What is flushed is derived at once, so that coarser tables answer, too.
            let server = try WeirServer(
                data: data,
                ["--stream-flush-interval", "100ms", "--store-derivation-rows", "1"])
            for start in stride(from: 0, to: lines.count, by: 5_000) {
                let body = lines[start..<min(start + 5_000, lines.count)].joined(separator: "\n")
                let answer = try server.post("\(batch)?ack=durable", body, [ndjson])
                #expect(answer.status == 202 && answer.json["rejected"].array.isEmpty)
            }
            let range = "start=2025-10-01T00:00:00Z&end=2026-06-01T00:00:00Z"
            #expect(try server.waitForTotal(lines.count, "clicks", range) == lines.count)
            try server.waitForDerivedTables()
            let queries = String(decoding: said, as: UTF8.self).split(separator: "\n")
            #expect(queries.count == 12)
            for line in queries {
                let parts = line.split(separator: "\t")
                let expected = try String(
                    contentsOf: data.url.appendingPathComponent("\(parts[0]).csv"), encoding: .utf8)
                let answer = try server.get("\(query)?\(parts[1])&format=csv&\(range)")
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.headers["content-type"]?.hasPrefix("text/csv") == true)
                #expect(answer.text == expected, "\(parts[1])")
            }
        }

        @Test("an hour that comes twice is two buckets, and unknown zones say so")
        func hourThatComesTwice() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            for time in ["05:10", "05:50", "06:20"] {
                let event = #"{"eventType":"click","timestamp":"2025-11-02T\#(time):00Z"}"#
                #expect(try server.post(track, event).status == 202)
            }
            let range = "start=2025-11-02&end=2025-11-03&timezone=America/New_York"
            #expect(try server.waitForTotal(3, "clicks", range) == 3)
            let answer = try server.get("\(query)?metric=clicks&\(range)&fill=zero")
            let rows = answer.json["data"].array
            #expect(rows.count == 25)
            let counted = rows.filter { $0["value"].int != 0 }
            #expect(
                counted.map { $0["timeBucket"].string } == [
                    "2025-11-02T01:00:00-04:00", "2025-11-02T01:00:00-05:00",
                ])
            #expect(counted.map { $0["value"].int } == [2, 1])
            #expect(answer.json["meta"]["start"].string == "2025-11-02T00:00:00-04:00")
            let unknown = try server.get("\(query)?metric=clicks&timezone=America/New_Yrok")
            #expect(unknown.status == 422)
            #expect(unknown.json["error"]["code"].string == "unknown_timezone")
            #expect(unknown.json["error"]["closest"].array.first?.string == "America/New_York")
        }
    }
}
