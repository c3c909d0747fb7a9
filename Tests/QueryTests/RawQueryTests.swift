import Base
import Expressions
import Query
import Store
import Testing

private let start: Milliseconds = 1_767_225_600_000  // 2026-01-01

private func ask(
    _ parameters: [(name: String, value: String)], _ tables: TestTables
) throws -> MetricsAnswer {
    let query = try MetricsQuery(
        parameters: parameters, catalog: MetricsPropertyTests.catalog, now: start)
    return try MetricsExecutor(catalog: MetricsPropertyTests.catalog).execute(query, on: tables)
}

/// Dimensions that no rollup has are answered from the events.
@Suite struct RawQueryTests {
    @Test(arguments: 0..<20) func agreesWithTheNaiveTwin(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let rows = randomRows(&random)
        var tables = TestTables()
        for part in 0..<3 {
            tables.add(rawPart(rows.enumerated().filter { $0.offset % 3 == part }.map(\.element)))
        }
        for _ in 0..<10 {
            let dimensions = ["plan", "page", "sessionId", "late"].shuffled(using: &random)
                .prefix(Int.random(in: 1...3, using: &random)).map { $0 }
            let wanted = ["7", "1.5", "true", "pro"].randomElement(using: &random) ?? ""
            let filters = Bool.random(using: &random) ? [("filter.plan", wanted)] : []
            let metric = Bool.random(using: &random) ? "views" : "visitors"
            let range =
                start + 5 * 60_000..<start + Milliseconds.random(in: 6...60, using: &random)
                * 60_000
            let answer = try ask(
                [
                    ("metric", metric), ("dimensions", dimensions.joined(separator: ",")),
                    ("granularity", "hour"), ("start", "\(range.lowerBound)"),
                    ("end", "\(range.upperBound)"), ("filter.referrer", "a"), ("explain", "1"),
                ] + filters.map { ($0.0, $0.1) }, tables)
            let chosen = rows.filter { row in
                row.type == "view" && range.contains(row.time) && row.text("referrer") == "a"
                    && (filters.isEmpty || row.text("plan") == wanted)
            }
            #expect(
                lines(answer) == naive(chosen, dimensions, people: metric == "visitors"),
                "seed \(seed), \(dimensions), \(filters)")
            #expect(answer.meta.corrections == Int64(chosen.count(where: \.isLate)))
            #expect(answer.meta.isRaw && answer.meta.table == "events")
        }
    }

    private func lines(_ answer: MetricsAnswer) -> [[String?]: UInt64] {
        var lines: [[String?]: UInt64] = [:]
        for row in 0..<answer.rowCount {
            let key = answer.dimensions.indices.map { answer.text(dimension: $0, row: row) }
            lines[key] = answer.values[row]
        }
        #expect(lines.count == answer.rowCount)
        return lines
    }

    private func naive(
        _ rows: [RawRow], _ dimensions: [String], people: Bool
    ) -> [[String?]: UInt64] {
        let groups = Dictionary(grouping: rows) { row in dimensions.map { row.text($0) } }
        return groups.mapValues { rows in
            let names = Set(rows.compactMap { $0.user ?? $0.session })
            return UInt64(people ? names.count : rows.count)
        }
    }

    private func randomRows(_ random: inout SeededRandom) -> [RawRow] {
        let plans: [Literal] = [
            .string("pro"), .string("7"), .integer(7), .float(1.5), .boolean(true),
        ]
        return (0..<300).map { _ in
            var row = RawRow(time: start + Milliseconds.random(in: 0..<3_600_000, using: &random))
            row.type = Bool.random(using: &random) ? "view" : "click"
            row.isLate = Int.random(in: 0..<5, using: &random) == 0
            if Bool.random(using: &random) {
                row.user = "u\(Int.random(in: 0..<9, using: &random))"
            }
            if Bool.random(using: &random) {
                row.session = "s\(Int.random(in: 0..<4, using: &random))"
            }
            if Int.random(in: 0..<3, using: &random) > 0 {
                row.properties["plan"] = plans.randomElement(using: &random)
            }
            if Bool.random(using: &random) { row.properties["page"] = .string("/") }
            row.properties["referrer"] = .string(Bool.random(using: &random) ? "a" : "b")
            return row
        }
    }

    /// Sketches of rollups and of raw rows hold the same hashes.
    @Test func countsPeopleAsRollupsDo() throws {
        let name = Array("user_1".utf8)
        let hash = unsafe name.withUnsafeBytes { unsafe hash64($0) }
        var row = RawRow(time: start)
        row.user = "user_1"
        row.properties = ["plan": .string("pro")]
        var tables = TestTables()
        tables.add(rawPart([row]))
        tables.add(
            memoryPart(
                [Row(dimensions: [nil, nil, nil], time: start, events: 1, users: [hash])],
                MetricsPropertyTests.rollup.schema(corrections: false)))
        let range = [("start", "\(start)"), ("end", "\(start + 60_000)")]
        let raw = try ask([("metric", "visitors"), ("dimensions", "plan")] + range, tables)
        let rollup = try ask([("metric", "visitors")] + range, tables)
        #expect(raw.values == [1] && rollup.values == [1])
        #expect(raw.meta.isRaw && !rollup.meta.isRaw)
    }

    @Test func saysThatEventsWereRead() throws {
        var row = RawRow(time: start)
        row.properties = ["plan": .string("pro")]
        var tables = TestTables()
        tables.add(rawPart([row]))
        let answer = try ask(
            [
                ("metric", "views"), ("dimensions", "plan"), ("start", "\(start)"),
                ("end", "\(start + 60_000)"), ("explain", "1"),
            ], tables)
        let json = String(decoding: answer.json(), as: UTF8.self)
        #expect(json.contains(#""meta":{"table":"events","raw":true,"#))
        #expect(
            json.contains(
                #"{"table":"views_minute","qualifies":false,"chosen":false,"#
                    + #""reason":"lacks dimension plan"}"#))
        #expect(json.contains(#"{"table":"events","qualifies":true,"rows":1,"chosen":true}"#))
    }

    @Test(arguments: [
        ("dimensions", "pag,device", "unknown_dimension", "page"),
        ("dimensions", "loadTimeM", "unknown_dimension", "loadTimeMs"),
        ("filter.devise", "mobile", "unknown_filter", "device"),
        ("filters", #"{"contry":"de"}"#, "unknown_filter", "country"),
        ("dimensions", "userid", "unknown_dimension", "userId"),
    ]) func namesWhatWasNeverSeen(
        name: String, value: String, code: String, closest: String
    ) throws {
        var row = RawRow(time: start)
        row.properties = ["loadTimeMs": .integer(7)]
        var tables = TestTables()
        tables.add(rawPart([row]))
        let error = #expect(throws: QueryError.self) {
            try ask([("metric", "views"), (name, value)], tables)
        }
        #expect(error?.status == 422 && error?.code == code)
        #expect(error?.closest.contains(closest) ?? false)
    }

    /// A property that is named like a field goes by its full name.
    @Test func tellsFieldsAndPropertiesApart() throws {
        var row = RawRow(user: "ann", time: start)
        row.properties = ["userId": .integer(7)]
        var tables = TestTables()
        tables.add(rawPart([row]))
        let range = [("start", "\(start)"), ("end", "\(start + 60_000)")]
        let answer = try ask(
            [("metric", "views"), ("dimensions", "userId,properties.userId")] + range, tables)
        #expect(answer.text(dimension: 0, row: 0) == "ann")
        #expect(answer.text(dimension: 1, row: 0) == "7")
    }
}
