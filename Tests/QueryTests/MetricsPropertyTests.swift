import Base
import Query
import Store
import Testing

/// Random rows in random parts, asked at random, against a loop over the rows.
@Suite struct MetricsPropertyTests {
    static let dimensions = ["page", "device", "country"]
    static let rollup = RollupDefinition(
        name: "views", eventType: "view", dimensions: dimensions, countsUsers: true)
    static let catalog = Catalog(
        metrics: [
            MetricDefinition(
                name: "views", aggregate: .count, eventType: "view", field: nil,
                dimensions: dimensions, rollup: "views", column: "events"),
            MetricDefinition(
                name: "visitors", aggregate: .uniq, eventType: "view", field: "userId",
                dimensions: dimensions, rollup: "views", column: "users"),
        ], rollups: [rollup])

    @Test(arguments: 0..<30) func agreesWithTheNaiveTwin(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let rows = randomRows(&random)
        let tables = randomTables(rows, &random)
        for _ in 0..<12 {
            let question = randomQuestion(&random)
            let query = try MetricsQuery(
                parameters: question.parameters, catalog: Self.catalog, now: 0)
            let answer = try MetricsExecutor(catalog: Self.catalog).execute(query, on: tables)
            let expected = naiveAnswer(question, rows)
            let found = (0..<answer.rowCount).map { row in
                Line(
                    bucket: CivilTime(answer.buckets[row]).text,
                    dimensions: question.dimensions.indices.map {
                        answer.text(dimension: $0, row: row)
                    }, value: answer.values[row])
            }
            #expect(found == expected.lines, "seed \(seed), \(question.parameters)")
            #expect(
                answer.meta.corrections == expected.corrections,
                "seed \(seed), \(question.parameters)")
            #expect(answer.meta.relativeError == nil && !answer.meta.isPartial)
        }
    }
}

/// A row of an answer.
private struct Line: Equatable {
    var bucket: String
    var dimensions: [String?]
    var value: UInt64
}

/// A query as parameters, and the same in words that the twin understands.
private struct Question {
    var parameters: [(name: String, value: String)] = []
    var metric = ""
    var dimensions: [String] = []
    var granularity = ""
    var range: Range<Milliseconds> = 0..<1
    var conditions: [(dimension: Int, meets: (String?) -> Bool)] = []
}

private let base: Milliseconds = 1_767_225_600_000  // 2026-01-01
private let pages = ["/", "/home", "/h", "/checkout", "/ä€", "75", ""]
private let devices = ["mobile", "desktop", "tablet"]
private let countries = ["de", "at", "np", "us", "fr", "jp", "br", "in"]

private func randomRows(_ random: inout SeededRandom) -> [Row] {
    let span = [3 * 60, 26 * 60, 70 * 24 * 60].randomElement(using: &random) ?? 60
    return (0..<Int.random(in: 0...400, using: &random)).map { _ in
        let values = [pages, devices, countries].map { values in
            Int.random(in: 0..<5, using: &random) == 0 ? nil : values.randomElement(using: &random)
        }
        let minute = Milliseconds(Int.random(in: 0..<span, using: &random)) * 60_000
        let userCount = Int.random(in: 0...4, using: &random)
        let users = (0..<userCount).map { _ in
            hash64(UInt64.random(in: 0..<60, using: &random))
        }
        return Row(
            dimensions: values, time: base + minute,
            events: Int64.random(in: 1...9, using: &random), users: users,
            isLate: Int.random(in: 0..<6, using: &random) == 0)
    }
}

private func randomTables(_ rows: [Row], _ random: inout SeededRandom) -> TestTables {
    var tables = TestTables()
    for isLate in [false, true] {
        let schema = MetricsPropertyTests.rollup.schema(corrections: isLate)
        let partCount = Int.random(in: 1...5, using: &random)
        var piles = [[Row]](repeating: [], count: partCount)
        for row in rows where row.isLate == isLate {
            piles[Int.random(in: 0..<partCount, using: &random)].append(row)
        }
        for var pile in piles {
            if Bool.random(using: &random) {
                tables.add(memoryPart(pile, schema))
                continue
            }
            pile.sort { order($0.dimensions, $1.dimensions) }
            tables.add(
                GranuledPart(
                    pile, schema,
                    granuleRows: [1, 3, 17, 1_000].randomElement(using: &random) ?? 1,
                    coded: Bool.random(using: &random)))
        }
    }
    return tables
}

private func randomQuestion(_ random: inout SeededRandom) -> Question {
    var question = Question()
    question.metric = Bool.random(using: &random) ? "views" : "visitors"
    question.dimensions = Array(
        MetricsPropertyTests.dimensions.shuffled(using: &random)
            .prefix(Int.random(in: 0...3, using: &random)))
    question.granularity = Granularity.names.randomElement(using: &random) ?? "hour"
    let start = base + Milliseconds.random(in: -100_000...90_000_000, using: &random)
    let lengths: [Milliseconds] = [60_000, 3_600_000, 90_000_000, 8_000_000_000]
    let length = lengths.randomElement(using: &random) ?? 1
    let end = start + Milliseconds.random(in: 1...length, using: &random)
    let lower = floorDivide(start, 60_000) * 60_000
    question.range = lower..<floorDivide(end + 59_999, 60_000) * 60_000
    question.parameters = [
        ("metric", question.metric), ("granularity", question.granularity),
        ("start", CivilTime(start).text), ("end", "\(end)"), ("_", "x"),
    ]
    if !question.dimensions.isEmpty {
        question.parameters.append(("dimensions", question.dimensions.joined(separator: ",")))
    }
    var members: [String] = []
    for (index, name) in MetricsPropertyTests.dimensions.enumerated()
    where Int.random(in: 0..<3, using: &random) == 0 {
        let values = [pages, devices, countries][index] + ["none"]
        let first = values.randomElement(using: &random) ?? ""
        let second = values.randomElement(using: &random) ?? ""
        let condition: (String?) -> Bool
        switch Int.random(in: 0..<9, using: &random) {
        case 0:
            members.append("\"\(name)\":\"\(first)\"")
            condition = { $0 == first }
        case 1:
            members.append("\"\(name)\":[\"\(first)\",\"\(second)\"]")
            condition = { $0 == first || $0 == second }
        case 2:
            members.append("\"\(name)\":null")
            condition = { $0 == nil }
        case 3:
            members.append("\"\(name)\":[\"\(first)\",null]")
            condition = { $0 == first || $0 == nil }
        case 4:
            members.append("\"\(name)\":{\"not\":\"\(first)\"}")
            condition = { $0 != first }
        case 5:
            members.append("\"\(name)\":{\"prefix\":\"/h\"}")
            condition = { $0?.hasPrefix("/h") ?? false }
        case 6:
            members.append("\"\(name)\":{\"not\":{\"contains\":\"e\"}}")
            condition = { !($0?.contains("e") ?? false) }
        case 7:
            members.append("\"\(name)\":[75]")
            condition = { $0 == "75" }
        default:
            question.parameters.append(("filter.\(name)", first))
            question.parameters.append(("filter.\(name)", second))
            condition = { $0 == first || $0 == second }
        }
        question.conditions.append((index, condition))
    }
    if !members.isEmpty {
        question.parameters.append(("filters", "{\(members.joined(separator: ","))}"))
    }
    return question
}

private func naiveAnswer(
    _ question: Question, _ rows: [Row]
) -> (lines: [Line], corrections: Int64) {
    struct Group {
        var events: Int64 = 0
        var users: Set<UInt64> = []
    }
    var groups: [[String?]: Group] = [:]
    var corrections: Int64 = 0
    for row in rows where question.range.contains(row.time) {
        guard question.conditions.allSatisfy({ $0.meets(row.dimensions[$0.dimension]) }) else {
            continue
        }
        let values = question.dimensions.map { name -> String? in
            MetricsPropertyTests.dimensions.firstIndex(of: name).flatMap { row.dimensions[$0] }
        }
        let key = [naiveBucket(question, row.time)] + values
        groups[key, default: Group()].events += row.events
        groups[key, default: Group()].users.formUnion(row.users)
        if row.isLate { corrections += row.events }
    }
    let lines = groups.keys.sorted(by: order).map { key in
        let group = groups[key] ?? Group()
        let value =
            question.metric == "views" ? UInt64(group.events) : UInt64(group.users.count)
        return Line(
            bucket: key.first.flatMap { $0 } ?? "", dimensions: Array(key.dropFirst()), value: value
        )
    }
    return (lines, corrections)
}

/// The bucket by cutting the text of the time.
private func naiveBucket(_ question: Question, _ time: Milliseconds) -> String {
    let text = CivilTime(time).text
    switch question.granularity {
    case "minute": return text
    case "hour": return text.prefix(13) + ":00:00Z"
    case "day": return text.prefix(10) + "T00:00:00Z"
    case "month": return text.prefix(7) + "-01T00:00:00Z"
    case "week":
        // 2026-01-05 was a Monday.
        var monday = base + 4 * 86_400_000 - 52 * 7 * 86_400_000
        while monday + 7 * 86_400_000 <= time { monday += 7 * 86_400_000 }
        return CivilTime(monday).text
    default: return CivilTime(question.range.lowerBound).text
    }
}

/// Nulls first, texts by their bytes.
private func order(_ left: [String?], _ right: [String?]) -> Bool {
    for (mine, theirs) in zip(left, right) where mine != theirs {
        guard let mine else { return true }
        guard let theirs else { return false }
        return mine.utf8.lexicographicallyPrecedes(theirs.utf8)
    }
    return false
}
