import Base
import Query
import Store
import Testing

/// What an answer keeps, fills in and looks like, in small cases that can be read.
@Suite struct MetricsFormTests {
    /// Four pages over two hours; the users of `/a` are the same in both.
    private var tables: TestTables {
        var tables = TestTables()
        let schema = MetricsPropertyTests.rollup.schema(corrections: false)
        let hour: Milliseconds = 1_768_053_600_000  // 2026-01-10T14:00:00Z
        let rows: [(String?, Milliseconds, Int64, [UInt64])] = [
            ("/a", 0, 5, [1 << 20, 2 << 20]), ("/a", 1, 1, [1 << 20, 2 << 20]),
            ("/b", 0, 3, [3 << 20]), ("/b", 1, 2, [4 << 20, 5 << 20]), (nil, 0, 1, [6 << 20]),
            ("/c,\"d\"", 1, 1, [7 << 20]),
        ]
        let parts = rows.map { page, hours, events, users in
            Row(
                dimensions: [page, "mobile", nil], time: hour + hours * 3_600_000, events: events,
                users: users)
        }
        tables.add(memoryPart(parts, schema))
        return tables
    }

    private func csv(
        _ parameters: [(name: String, value: String)], now: String = "2026-01-11T00:00:00Z",
        limits: QueryLimits = QueryLimits()
    ) throws -> [String] {
        guard case .instant(let now)? = CivilTime.parse(now) else { return [] }
        let range = [("start", "2026-01-10T13:00:00Z"), ("end", "2026-01-10T17:00:00Z")]
        let query = try MetricsQuery(
            parameters: range + [("format", "csv")] + parameters,
            catalog: MetricsPropertyTests.catalog, now: now)
        let answer = try MetricsExecutor(catalog: MetricsPropertyTests.catalog, limits: limits)
            .execute(query, on: tables)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.hasSuffix("\r\n"))
        #expect(answer.contentType.hasPrefix("text/csv"))
        if answer.meta.isTruncated {
            #expect(answer.headers.contains { $0.name == "X-Weir-Truncated" })
        }
        return text.split(separator: "\r\n").map(String.init)
    }

    @Test func writesCSV() throws {
        let lines = try csv([("metric", "views"), ("dimensions", "page,device,country")])
        #expect(
            lines == [
                "timeBucket,page,device,country,value", "2026-01-10T14:00:00Z,,mobile,,1",
                "2026-01-10T14:00:00Z,/a,mobile,,5", "2026-01-10T14:00:00Z,/b,mobile,,3",
                "2026-01-10T15:00:00Z,/a,mobile,,1", "2026-01-10T15:00:00Z,/b,mobile,,2",
                "2026-01-10T15:00:00Z,\"/c,\"\"d\"\"\",mobile,,1",
            ])
    }

    /// Of two that are equal, null comes before text.
    @Test func keepsTheGreatestAndAddsTheRest() throws {
        let query = [("metric", "views"), ("dimensions", "page,device"), ("limit", "2")]
        let greatest = try csv(query + [("order", "-value"), ("other", "1")])
        #expect(
            greatest.dropFirst() == [
                "2026-01-10T14:00:00Z,/a,mobile,5", "2026-01-10T14:00:00Z,/b,mobile,3",
                "2026-01-10T14:00:00Z,__other__,__other__,1", "2026-01-10T15:00:00Z,/a,mobile,1",
                "2026-01-10T15:00:00Z,/b,mobile,2", "2026-01-10T15:00:00Z,__other__,__other__,1",
            ])
        let least = try csv(query + [("order", "value"), ("granularity", "all")])
        #expect(
            least.dropFirst() == [
                "2026-01-10T13:00:00Z,,mobile,1",
                "2026-01-10T13:00:00Z,\"/c,\"\"d\"\"\",mobile,1",
            ])
    }

    /// `/b` has three users over the range, `/a` two, though in each hour it has as many or more.
    @Test func ranksDistinctCountsByTheirUnion() throws {
        let lines = try csv([
            ("metric", "visitors"), ("dimensions", "page"), ("limit", "1"), ("other", "1"),
            ("granularity", "day"),
        ])
        #expect(
            lines.dropFirst() == [
                "2026-01-10T00:00:00Z,/b,3", "2026-01-10T00:00:00Z,__other__,4",
            ])
    }

    @Test func fillsUpToNow() throws {
        let query = [("metric", "views"), ("fill", "zero")]
        let lines = try csv(query, now: "2026-01-10T16:00:00Z")
        #expect(
            lines.dropFirst() == [
                "2026-01-10T13:00:00Z,0", "2026-01-10T14:00:00Z,9", "2026-01-10T15:00:00Z,4",
                "2026-01-10T16:00:00Z,0",
            ])
        // What lies ahead of now is answered, but nothing is filled in there.
        let early = try csv(query, now: "2026-01-10T13:30:00Z")
        #expect(
            early.dropFirst() == [
                "2026-01-10T13:00:00Z,0", "2026-01-10T14:00:00Z,9", "2026-01-10T15:00:00Z,4",
            ])
        #expect(try csv(query, now: "2026-01-10T12:00:00Z").count == 3)
        let nothing = [("filter.page", "/none")]
        #expect(try csv(query + nothing).count == 5)
        #expect(try csv(query + nothing + [("dimensions", "page")]).count == 1)
        var limits = QueryLimits()
        limits.rows = 5
        #expect(try csv(query + [("dimensions", "page")], limits: limits).count == 6)
        #expect(try csv(query + [("granularity", "minute")], limits: limits).count == 6)
    }

    @Test(arguments: [
        ("Asia/Kathmandu", "hour", "2026-01-10T19:00:00+05:45"),
        ("Asia/Kathmandu", "day", "2026-01-10T00:00:00+05:45"),
        ("America/New_York", "week", "2026-01-05T00:00:00-05:00"),
        ("America/New_York", "month", "2026-01-01T00:00:00-05:00"),
        ("Etc/UTC", "day", "2026-01-10T00:00:00Z"),
        ("Europe/London", "day", "2026-01-10T00:00:00+00:00"),
        ("Pacific/Auckland", "all", "2026-01-11T02:00:00+13:00"),
    ]) func writesTheOffsetInForce(zone: String, granularity: String, bucket: String) throws {
        let lines = try csv([
            ("metric", "views"), ("timezone", zone), ("granularity", granularity),
        ])
        #expect(
            lines.dropFirst().first?.hasPrefix(bucket) == true)
    }
}
