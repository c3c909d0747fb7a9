import Base
import PartFormat
import Query
import Store
import Testing

private let day: Milliseconds = 86_400_000
private let start: Milliseconds = 1_767_225_600_000  // 2026-01-01
private let rollup = MetricsPropertyTests.rollup

/// Tables in which each row is one of a minute, and derived ones contain all of it.
private func tables(_ rows: [Row], beyond: [Row] = []) -> TestTables {
    var tables = TestTables()
    let schema = rollup.schema(corrections: false)
    let part = memoryPart(beyond, schema)
    tables.add(memoryPart(rows, schema))
    if !beyond.isEmpty { tables.add(part) }
    var random = SeededRandom(seed: 1)
    for table in rollup.derivedTables where !table.isCorrections {
        addDerived(
            table, of: [(rows, memoryPart(rows, schema))],
            dimensions: MetricsPropertyTests.dimensions, to: &tables, &random, containing: true)
        tables.beyond[table.name] = beyond.isEmpty ? [] : [part]
    }
    return tables
}

/// Two rows a minute of a page, a device and a country that take turns.
private func minutes(from first: Milliseconds, count: Int) -> [Row] {
    (0..<2 * count).map { index in
        Row(
            dimensions: ["/\(index / 2 % 3)", "d\(index % 4)", "c\(index % 2)"],
            time: first + Milliseconds(index / 2) * 60_000, events: 1, users: [])
    }
}

private func explain(
    _ parameters: [(name: String, value: String)], _ tables: TestTables
) throws -> MetricsAnswer {
    let query = try MetricsQuery(
        parameters: [("metric", "views"), ("explain", "1")] + parameters,
        catalog: MetricsPropertyTests.catalog, now: start)
    var limits = QueryLimits()
    limits.rowsPerPart = 0
    return try MetricsExecutor(catalog: MetricsPropertyTests.catalog, limits: limits)
        .execute(query, on: tables)
}

private func span(_ from: String, _ to: String) -> [(name: String, value: String)] {
    [("start", from), ("end", to)]
}

@Suite struct PlannerTests {
    @Test func takesTheSmallestThatAnswers() throws {
        let tables = tables(minutes(from: start, count: 2 * 1_440))
        for (parameters, table) in [
            ([("granularity", "all")], "views_day_total"),
            ([("granularity", "day"), ("dimensions", "page")], "views_day_by_page"),
            ([("granularity", "hour"), ("filter.device", "d1")], "views_hour_by_device"),
            (
                [("granularity", "hour"), ("dimensions", "page,device")],
                "views_hour_by_page-device"
            ),
            ([("granularity", "hour"), ("dimensions", "device,country")], "views_hour"),
            ([("granularity", "minute"), ("dimensions", "page")], "views_minute_by_page"),
            ([("granularity", "minute"), ("dimensions", "device")], "views_minute"),
        ] {
            let answer = try explain(parameters + span("2026-01-01", "2026-01-03"), tables)
            #expect(answer.meta.table == table, "\(parameters)")
            let isFiltered = parameters.contains { $0.0 == "filter.device" }
            #expect(answer.values.reduce(0, +) == (isFiltered ? 1_440 : 5_760))
        }
    }

    /// Which tables qualify follows from where buckets begin, not from the zone's name.
    @Test(arguments: [
        ("hour", "Asia/Kolkata", "2026-01-01", "2026-01-03", "quarter"),
        ("hour", "Asia/Kathmandu", "2026-01-01", "2026-01-03", "quarter"),
        ("day", "Asia/Kolkata", "2026-01-01", "2026-01-03", "quarter"),
        ("day", "Asia/Tokyo", "2026-01-01", "2026-01-03", "hour"),
        ("month", "Europe/Vienna", "2026-01-01", "2026-03-01", "hour"),
        ("day", "Europe/London", "2026-01-01", "2026-01-04", "day"),
        ("day", "Europe/London", "2026-06-01T00:00:00Z", "2026-06-04T00:00:00Z", "hour"),
        ("day", "Europe/London", "2026-03-28", "2026-03-30T00:00:00Z", "hour"),
        ("day", "Europe/London", "2026-03-28", "2026-03-29T00:00:00Z", "day"),
        ("hour", "Europe/London", "2026-03-28", "2026-03-30T00:00:00Z", "hour"),
        ("hour", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-04T16:00:00Z", "quarter"),
        ("week", "UTC", "2026-01-01", "2026-02-01", "day"),
        ("month", "UTC", "2026-01-01", "2026-03-01", "day"),
        ("all", "Asia/Kolkata", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "day"),
        ("hour", "UTC", "2026-01-01", "2026-01-03", "hour"),
        ("minute", "Asia/Kolkata", "2026-01-01", "2026-01-03", "minute"),
    ]) func meetsTheEdgesOfBuckets(
        granularity: String, zone: String, from: String, to: String, tier: String
    ) throws {
        let answer = try explain(
            [("granularity", granularity), ("timezone", zone)] + span(from, to), TestTables())
        let explanation = try #require(answer.meta.explanation)
        let able = explanation.candidates.filter {
            $0.rows != nil || ($0.reason ?? "").hasPrefix("the range")
        }
        let tiers = ["day", "hour", "quarter", "minute"]
        let coarsest = tiers.first { tier in able.contains { $0.table == "views_\(tier)" } }
        #expect(coarsest == tier)
    }

    @Test func cutsUnalignedEdges() throws {
        let tables = tables(minutes(from: start, count: 4 * 1_440))
        let answer = try explain(
            [("granularity", "all")] + span("2026-01-01T21:43:00Z", "2026-01-04T02:17:00Z"),
            tables)
        #expect(answer.values == [6_308])
        let explanation = try #require(answer.meta.explanation)
        #expect(
            explanation.segments.map { "\($0.table) \(CivilTime($0.range.lowerBound).text)" } == [
                "views_minute_total 2026-01-01T21:43:00Z",
                "views_quarter_total 2026-01-01T21:45:00Z",
                "views_hour_total 2026-01-01T22:00:00Z",
                "views_day_total 2026-01-02T00:00:00Z",
                "views_hour_total 2026-01-04T00:00:00Z",
                "views_quarter_total 2026-01-04T02:00:00Z",
                "views_minute_total 2026-01-04T02:15:00Z",
            ])
    }

    @Test func saysWhyOthersLost() throws {
        let tables = tables(
            minutes(from: start, count: 2 * 1_440), beyond: minutes(from: start, count: 10))
        let answer = try explain(
            [("granularity", "hour"), ("timezone", "Asia/Kolkata"), ("dimensions", "device")]
                + span("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"), tables)
        let explanation = try #require(answer.meta.explanation)
        let reasons = Dictionary(
            uniqueKeysWithValues: explanation.candidates.map { ($0.table, $0.reason) })
        #expect(reasons["views_quarter_by_device"] == .some(nil))
        #expect(reasons["views_hour_by_page"] == "lacks dimension device")
        #expect(
            reasons["views_day_by_device"] == "its day buckets do not meet hours in Asia/Kolkata")
        #expect(reasons["views_minute"] == "reads more rows: 5780 against 788")
        let segment = try #require(explanation.segments.first)
        #expect(segment.rows == 768 && segment.rowsBeyond == 20)
        let short = try explain(
            [("granularity", "hour")] + span("2026-01-01T00:10:00Z", "2026-01-01T00:50:00Z"),
            tables)
        let reason = short.meta.explanation?.candidates.first { $0.table == "views_hour_total" }
        #expect(reason?.reason == "the range holds no whole hour")
    }

    /// Only granules whose zones meet a filter on the first column of the sort key are counted.
    @Test func countsWhatFiltersLeave() throws {
        var tables = TestTables()
        let rows = (0..<1_000).map { index in
            Row(
                dimensions: ["/\(1_000 + index)", "d", "c"], time: start, events: 1, users: [])
        }
        var schema = rollup.schema(corrections: false)
        schema.sortKey = ["page", "device", "country", "bucket"]
        tables.add(GranuledPart(rows, schema, granuleRows: 10, coded: true))
        let answer = try explain(
            [("filter.page", "/1500")] + span("2026-01-01", "2026-01-02"), tables)
        let chosen = answer.meta.explanation?.candidates.first { $0.reason == nil }
        #expect(chosen?.rows == 10 && answer.meta.rowsScanned == 10 && answer.values == [1])
    }

    @Test func explainsInJSONOnly() throws {
        let json = try MetricsQuery(
            json: Array(#"{"metric":"views","explain":true}"#.utf8),
            catalog: MetricsPropertyTests.catalog, now: start)
        #expect(json.explains)
        let error = #expect(throws: QueryError.self) {
            try MetricsQuery(
                parameters: [("metric", "views"), ("explain", "1"), ("format", "csv")],
                catalog: MetricsPropertyTests.catalog, now: start)
        }
        #expect(error?.status == 400)
        let quiet = try explain(span("2026-01-01", "2026-01-02") + [("_", "")], TestTables())
        #expect(
            String(decoding: quiet.json(), as: UTF8.self).contains(#""explain":{"candidates":["#))
    }
}
