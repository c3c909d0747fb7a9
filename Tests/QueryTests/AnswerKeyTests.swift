import Base
import Disk
import Query
import Store
import TestSupport
import Testing

private let catalog = MetricsPropertyTests.catalog
private let noon: Milliseconds = 1_768_046_400_000  // 2026-01-10T12:00:00Z

private func query(
    _ parameters: [(name: String, value: String)], now: Milliseconds = noon
) throws -> MetricsQuery {
    try MetricsQuery(parameters: parameters, catalog: catalog, now: now)
}

@Suite struct AnswerKeyTests {
    private let store: Store

    init() throws {
        var options = StoreOptions()
        options.mergesInBackground = false
        options.minimumFreeBytes = 0
        options.takeTestSizes()
        store = try Store.open(
            directory: "/data", disk: FaultingDisk(seed: 1), options: options
        ) { _ in }
    }

    private func tag(_ query: MetricsQuery) throws -> String {
        try #require(query.answerKey(catalog: catalog, on: store.view())).entityTag
    }

    private func publish(_ rows: [Row], flush: UInt64 = 1, late: Bool = false) {
        let part = memoryPart(rows, MetricsPropertyTests.rollup.schema(corrections: late))
        store.publish(
            LiveGeneration(
                flushNumber: flush, position: LogPosition(flush), watermark: 0, parts: [part]))
    }

    private func row(at time: Milliseconds) -> Row {
        Row(dimensions: ["/", nil, nil], time: time, events: 1, users: [1])
    }

    /// Explanations change with merges and derivations.
    @Test func keepsNoExplanations() throws {
        let explaining = try query([("metric", "views"), ("explain", "1")])
        #expect(explaining.answerKey(catalog: catalog, on: store.view()) == nil)
        let quiet = try query([("metric", "views"), ("explain", "0")])
        #expect(quiet.answerKey(catalog: catalog, on: store.view()) != nil)
    }

    /// A new field of a query must go into the key, unless it shapes no `data`; then add it here.
    @Test func knowsAllFieldsOfAQuery() throws {
        let query = try query([("metric", "views")])
        let inKey: Set = [
            "metric", "dimensions", "granularity", "zone", "range", "filters", "selection", "fill",
            "format",
        ]
        // `now` only says up to which bucket gaps are filled; what is explained has no key.
        let notInKey: Set = ["now", "maxAge", "explains"]
        #expect(
            Set(Mirror(reflecting: query).children.compactMap(\.label)) == inKey.union(notInKey))
        #expect(
            Set(Mirror(reflecting: query.metric).children.compactMap(\.label)) == [
                "name", "aggregate", "eventType", "field", "dimensions", "rollup", "column",
            ])
        let rollup = Mirror(reflecting: MetricsPropertyTests.rollup)
        #expect(
            Set(rollup.children.compactMap(\.label)) == [
                "name", "eventType", "dimensions", "countsUsers",
            ])
        #expect(
            Set(Mirror(reflecting: query.selection).children.compactMap(\.label)) == [
                "order", "limit", "addsOther",
            ])
    }

    @Test func differsWithEverythingThatIsAskedFor() throws {
        let day = [("start", "2026-01-10"), ("end", "2026-01-11")]
        let forms: [[(name: String, value: String)]] = [
            [], [("granularity", "minute")], [("granularity", "all")],
            [("dimensions", "page")], [("dimensions", "page,device")],
            [("dimensions", "device,page")], [("timezone", "Asia/Kathmandu")],
            [("timezone", "Europe/Vienna")], [("format", "csv")], [("fill", "zero")],
            [("limit", "1")], [("limit", "1"), ("order", "value")],
            [("limit", "1"), ("other", "1")], [("limit", "2")],
            [("filter.page", "a")], [("filter.device", "a")], [("filter.page", "b")],
            [("filter.page", "a"), ("filter.page", "b")],
            [("filter.page", "a"), ("filter.device", "b")],
            [("filters", #"{"page":null}"#)], [("filters", #"{"page":{"not":"a"}}"#)],
            [("filters", #"{"page":{"not":["a"]},"device":[]}"#)],
            [("filters", #"{"page":{"prefix":"a"}}"#)],
            [("filters", #"{"page":{"contains":"a"}}"#)],
            [("filters", #"{"page":["a",null]}"#)], [("filters", #"{"page":["a,b"]}"#)],
        ]
        var seen: [String: String] = [:]
        for metric in ["views", "visitors"] {
            for form in forms {
                let all = [("metric", metric)] + day + form
                let tag = try tag(query(all))
                #expect(seen[tag] == nil, "\(all) and \(seen[tag] ?? "")")
                seen[tag] = "\(all)"
            }
        }
        for range in [("2026-01-10T00:01:00Z", "2026-01-11"), ("2026-01-10", "2026-01-12")] {
            let all = [("metric", "views"), ("start", range.0), ("end", range.1)]
            #expect(seen.updateValue("", forKey: try tag(query(all))) == nil)
        }
    }

    @Test func isTheSameHoweverTheSameIsAskedFor() throws {
        let first = try tag(query([("metric", "views"), ("start", "-1h")], now: noon))
        for form: [(name: String, value: String)] in [
            [("start", "-60m")], [("start", "-1h"), ("end", "now")],
            [("start", "2026-01-10T11:00:00Z"), ("end", "2026-01-10T13:00:00+01:00")],
            [("start", "-1h"), ("granularity", "hour"), ("maxAge", "0"), ("_", "1")],
        ] {
            #expect(try tag(query([("metric", "views")] + form)) == first, "\(form)")
        }
        let later = try tag(query([("metric", "views"), ("start", "-1h")], now: noon + 1))
        #expect(later != first)
        #expect(
            try tag(query([("metric", "views"), ("start", "-1h")], now: noon + 59_999)) == later)
        #expect(first.wholeMatch(of: /W\/"[0-9a-f]{32}"/) != nil, "\(first)")
    }

    @Test func followsNowOnlyAsFarAsGapsAreFilled() throws {
        let day = [("metric", "views"), ("start", "2026-01-10"), ("end", "2026-01-11")]
        let hours = day + [("fill", "zero"), ("granularity", "hour")]
        #expect(try tag(query(day, now: noon)) == tag(query(day, now: noon + 3_600_000)))
        let first = try tag(query(hours, now: noon))
        #expect(try tag(query(hours, now: noon + 3_599_999)) == first)
        #expect(try tag(query(hours, now: noon + 3_600_000)) != first)
        #expect(try tag(query(hours, now: noon - 1)) != first)
        let whole = try tag(query(hours, now: noon + 12 * 3_600_000))
        #expect(try tag(query(hours, now: noon + 99 * 86_400_000)) == whole)
        let all = day + [("fill", "zero"), ("granularity", "all")]
        #expect(try tag(query(all, now: noon)) == tag(query(all, now: noon + 3_600_000)))
        #expect(try tag(query(all, now: noon)) != tag(query(all, now: noon - 86_400_000)))
    }

    @Test func changesWithEventsInTheRangeAlone() throws {
        let hour = try query(
            [
                ("metric", "views"), ("start", "2026-01-10T12:00:00Z"),
                ("end", "2026-01-10T13:00:00Z"),
            ])
        let empty = try tag(hour)
        publish([row(at: noon - 60_000), row(at: noon + 3_600_000)])
        #expect(try tag(hour) == empty)
        publish([row(at: noon - 60_000), row(at: noon + 3_600_000), row(at: noon + 3_540_000)])
        let one = try tag(hour)
        #expect(one != empty)
        publish([row(at: noon)], flush: 2, late: true)
        #expect(try tag(hour) != one)
    }

    @Test func hasNoKeyWithoutARollupOrWithAnExplanation() throws {
        let explained = try QueryTests.query([("metric", "views"), ("explain", "1")])
        #expect(explained.answerKey(catalog: catalog, on: store.view()) == nil)
        var query = try query([("metric", "views")])
        query.metric.rollup = "gone"
        #expect(query.answerKey(catalog: catalog, on: store.view()) == nil)
    }
}
