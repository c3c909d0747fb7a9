import Aggregates
import Base
import Expressions
import PartFormat
import Query
import Store
import Testing

private let minute: Milliseconds = 1_768_055_400_000  // 2026-01-10T14:30:00Z

private func answer(
    _ parameters: [(name: String, value: String)], _ tables: TestTables,
    limits: QueryLimits = QueryLimits()
) throws -> MetricsAnswer {
    let range = [("start", "2026-01-10"), ("end", "2026-01-11")]
    let query = try MetricsQuery(
        parameters: parameters + range, catalog: MetricsPropertyTests.catalog, now: minute)
    return try MetricsExecutor(catalog: MetricsPropertyTests.catalog, limits: limits)
        .execute(query, on: tables)
}

private func schema(corrections: Bool = false) -> TableSchema {
    MetricsPropertyTests.rollup.schema(corrections: corrections)
}

private func row(
    _ page: String?, at time: Milliseconds = minute, events: Int64 = 1, users: [UInt64] = []
) -> Row {
    Row(dimensions: [page, "mobile", nil], time: time, events: events, users: users)
}

@Suite struct MetricsAnswerTests {
    @Test func addsOnTimeAndCorrections() throws {
        var tables = TestTables(watermark: minute + 60_000)
        tables.add(memoryPart([row("/", events: 5_000)], schema()))
        tables.add(memoryPart([row("/", events: 42)], schema(corrections: true)))
        let answer = try answer([("metric", "views"), ("granularity", "minute")], tables)
        #expect(answer.values == [5_042])
        #expect(answer.meta.corrections == 42)
        #expect(answer.meta.rowsScanned == 2)
    }

    @Test func hasTheDocumentedShape() throws {
        var tables = TestTables(watermark: minute + 60_000)
        tables.add(memoryPart([row("/a\"b", events: 3), row(nil), row("/a\"b")], schema()))
        var answer = try answer(
            [("metric", "views"), ("dimensions", "page,device"), ("maxAge", "0")], tables)
        answer.meta.elapsedNanoseconds = 1_234_567
        let expected = """
            {"metric":"views","granularity":"hour","data":[\
            {"timeBucket":"2026-01-10T14:00:00Z",\
            "dimensions":{"page":null,"device":"mobile"},"value":1},\
            {"timeBucket":"2026-01-10T14:00:00Z",\
            "dimensions":{"page":"/a\\"b","device":"mobile"},"value":4}],\
            "meta":{"table":"views_minute","start":"2026-01-10T00:00:00Z",\
            "end":"2026-01-11T00:00:00Z","rowsScanned":3,"elapsedMs":1.234,\
            "watermark":"2026-01-10T14:31:00Z","corrections":0,"partial":false}}
            """
        #expect(String(decoding: answer.json(), as: UTF8.self) == expected)
        #expect(answer.headers.map(\.name) == ["Cache-Control", "Vary"])
        #expect(
            answer.headers.map(\.value) == ["no-cache", "Accept-Encoding, Origin, Authorization"])
    }

    @Test func answersNothingWithNoRows() throws {
        let answer = try answer([("metric", "visitors"), ("granularity", "all")], TestTables())
        let json = String(decoding: answer.json(), as: UTF8.self)
        #expect(json.contains(#""data":[],"#))
        #expect(json.contains(#""watermark":null"#))
        #expect(answer.headers.first?.value == "private, max-age=60")
    }

    @Test func cutsAtTheLimit() throws {
        var tables = TestTables()
        tables.add(memoryPart((0..<10).map { row("/\($0)") }, schema()))
        var limits = QueryLimits()
        limits.rows = 4
        let answer = try answer(
            [("metric", "views"), ("dimensions", "page")], tables, limits: limits)
        #expect(
            (0..<answer.rowCount).map { answer.text(dimension: 0, row: $0) } == [
                "/0", "/1", "/2", "/3",
            ])
        #expect(String(decoding: answer.json(), as: UTF8.self).contains(#""truncated":true"#))
    }

    /// Groups of buckets that the answer has no room for take no memory; late events among them are
    /// counted all the same.
    @Test func dropsBucketsBeyondTheLimit() throws {
        var tables = TestTables()
        let first = minute - minute % 86_400_000
        let rows = (0..<50).flatMap { page in
            (0..<60).map { row("/\(100 + page)", at: first + Int64($0) * 60_000) }
        }
        tables.add(GranuledPart(rows, schema(), granuleRows: 5, coded: true))
        tables.add(GranuledPart(rows, schema(corrections: true), granuleRows: 5, coded: true))
        var limits = QueryLimits()
        limits.rows = 70
        limits.groups = 1_000
        let minutes = [("metric", "views"), ("dimensions", "page"), ("granularity", "minute")]
        let ask = answer(_:_:limits:)
        let answer = try ask(minutes, tables, limits)
        #expect(answer.rowCount == 70 && answer.meta.isTruncated)
        #expect(answer.values == [UInt64](repeating: 2, count: 70))
        #expect(
            answer.buckets
                == [Int64](repeating: first, count: 50)
                + [Int64](repeating: first + 60_000, count: 20))
        #expect(answer.text(dimension: 0, row: 69) == "/119")
        #expect(answer.meta.corrections == 3_000)
        // Rows of empty buckets need all combinations.
        let error = #expect(throws: QueryError.self) {
            _ = try ask(minutes + [("fill", "zero")], tables, limits)
        }
        #expect(error?.code == "query_limit")
    }

    /// Of the greatest combinations, the second pass reads their rows alone.
    @Test func readsTheRowsOfWinnersAlone() throws {
        var tables = TestTables()
        let first = minute - minute % 86_400_000
        let rows = (0..<50).flatMap { page in
            (0..<60).map {
                row("/\(100 + page)", at: first + Int64($0) * 60_000, events: page == 7 ? 9 : 1)
            }
        }
        tables.add(GranuledPart(rows, schema(), granuleRows: 60, coded: true))
        let answer = try answer(
            [("metric", "views"), ("dimensions", "page"), ("limit", "1")], tables)
        #expect(answer.values == [540] && answer.text(dimension: 0, row: 0) == "/107")
        #expect(answer.meta.rowsScanned == 3_000 + 60)
    }

    @Test func endsAtTheLimits() throws {
        var tables = TestTables()
        let rows = (0..<10).map { row("/\($0)", users: [hash64(1)]) }
        tables.add(GranuledPart(rows, schema(), granuleRows: 3, coded: true))
        var groups = QueryLimits()
        groups.groups = 9
        var sketchBytes = QueryLimits()
        sketchBytes.sketchBytes = 9 * 16
        for (metric, limits) in [("views", groups), ("visitors", sketchBytes)] {
            let error = #expect(throws: QueryError.self) {
                try answer(
                    [("metric", metric), ("dimensions", "page")], tables, limits: limits)
            }
            #expect(error?.status == 422 && error?.code == "query_limit")
        }
    }

    @Test func saysHowFarEstimatesMayBeOff() throws {
        var tables = TestTables()
        let many = (0..<5_000).map { hash64(UInt64($0)) }
        tables.add(
            memoryPart([row("/many", users: many), row("/few", users: [1 << 20])], schema()))
        tables.add(
            GranuledPart([row("/few", users: [1 << 21])], schema(), granuleRows: 1, coded: true))
        let both = try answer([("metric", "visitors"), ("dimensions", "page")], tables)
        #expect(both.values[0] == 2)
        #expect(abs(Double(both.values[1]) / 5_000 - 1) < 0.05)
        #expect(both.meta.relativeError == HyperLogLog.relativeError)
        let json = String(decoding: both.json(), as: UTF8.self)
        #expect(json.contains(#""relativeError":0.008125"#))
        let few = try answer([("metric", "visitors"), ("filter.page", "/few")], tables)
        #expect(few.values == [2] && few.meta.relativeError == nil)
    }

    @Test func leavesOutDamageAndSaysSo() throws {
        var tables = TestTables()
        tables.add(memoryPart([row("/")], schema()))
        var broken = GranuledPart([row("/")], schema(), granuleRows: 1, coded: true)
        broken.failure = .corrupt(CorruptionError(offset: 3, expected: "a", found: "b"))
        tables.add(broken)
        let partial = try answer([("metric", "views")], tables)
        #expect(partial.values == [1] && partial.meta.isPartial)
        #expect(partial.headers.first?.value == "no-store")

        broken.failure = .invalid(message: "the disk is gone")
        tables.add(broken)
        let error = #expect(throws: QueryError.self) { try answer([("metric", "views")], tables) }
        #expect(error?.status == 503)
    }

    @Test func damagedStatesDoNotEndTheServer() throws {
        var tables = TestTables()
        var broken = GranuledPart(
            [row("/", users: [1 << 40])], schema(), granuleRows: 1, coded: true)
        let state = try #require(broken.schema.columnIndex("users"))
        broken.granules[0][state] = Vector(
            type: .state, values: .strings(StringTable(["\u{1}\u{0}abc"])))
        tables.add(broken)
        let answer = try answer([("metric", "visitors"), ("dimensions", "page")], tables)
        #expect(answer.meta.isPartial)
        #expect(answer.values == [0])
    }

    @Test func knowsWhichLossesTouchIt() throws {
        var tables = TestTables()
        tables.losses = [loss("views_minute", minute...minute)]
        #expect(try answer([("metric", "views")], tables).meta.isPartial)
        tables.losses = [loss("", nil)]
        #expect(try answer([("metric", "views")], tables).meta.isPartial)
        tables.losses = [loss("views_minute_corrections", nil)]
        #expect(try answer([("metric", "views")], tables).meta.isPartial)
        tables.losses = [
            loss("clicks_minute", nil), loss("views_minute", 0...minute - 86_400_000),
        ]
        #expect(try !answer([("metric", "views")], tables).meta.isPartial)
    }

    private func loss(_ table: String, _ range: ClosedRange<Milliseconds>?) -> LostRows {
        LostRows(table: table, timeRange: range, rowCount: 1, file: "x.part", reason: "damage")
    }

    /// Granules that zones rule out are not read.
    @Test func readsNoMoreThanItMust() throws {
        var tables = TestTables()
        let rows = (0..<100).map {
            row($0 < 50 ? "/a" : "/b", at: minute + Int64($0 % 50) * 60_000)
        }
        tables.add(GranuledPart(rows, schema(), granuleRows: 10, coded: true))
        func scanned(_ parameters: [(name: String, value: String)]) throws -> Int {
            try answer([("metric", "views")] + parameters, tables).meta.rowsScanned
        }
        #expect(try scanned([]) == 100)
        #expect(try scanned([("filter.page", "/b")]) == 50)
        #expect(try scanned([("filter.page", "/c")]) == 0)
        #expect(try scanned([("filters", #"{"page":{"prefix":"/b"}}"#)]) == 50)
        #expect(try scanned([("filters", #"{"page":null}"#)]) == 0)
        #expect(try scanned([("filters", #"{"country":"de"}"#)]) == 0)
        let query = try MetricsQuery(
            parameters: [
                ("metric", "views"), ("start", "\(minute)"), ("end", "\(minute + 600_000)"),
            ], catalog: MetricsPropertyTests.catalog, now: minute)
        let early = try MetricsExecutor(catalog: MetricsPropertyTests.catalog)
            .execute(query, on: tables)
        #expect(early.meta.rowsScanned == 20 && early.values == [20])
    }

    @Test func listsTheMetrics() throws {
        let listing = try JSONValue.parse(Catalog.builtIn.metricsListing())
        guard case .object(let members) = listing, case .array(let metrics) = members[0].value
        else {
            Issue.record("not an object with a list")
            return
        }
        #expect(metrics.count == 4)
        #expect(
            metrics[1]
                == .object([
                    .init(name: "name", value: .string("page_views")),
                    .init(name: "aggregate", value: .string("count")),
                    .init(name: "eventType", value: .string("page_view")),
                    .init(
                        name: "dimensions",
                        value: .array(
                            ["page", "device", "browser", "country"].map { .string($0) })),
                ]))
    }
}
