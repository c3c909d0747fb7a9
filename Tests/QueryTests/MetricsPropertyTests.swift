import Base
import Query
import Store
import TestSupport
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

    @Test(arguments: 0..<TestSizes.rounds(30, full: 200)) func agreesWithTheNaiveTwin(
        round: Int
    ) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let rows = randomRows(&random)
        let tables = randomTables(rows, &random)
        let names = Self.rollup.derivedTables.map(\.name) + ["views_minute"]
        for _ in 0..<12 {
            let question = randomQuestion(&random)
            let query = try MetricsQuery(
                parameters: question.parameters, catalog: Self.catalog, now: question.now)
            let expected = try naiveAnswer(question, rows)
            // The table that is planned, then some that may or may not be able to answer.
            for forced in [nil] + names.shuffled(using: &random).prefix(4).map({ $0 }) {
                let limits = randomLimits(&random)
                let executor = MetricsExecutor(
                    catalog: Self.catalog, limits: limits, forcedTable: forced)
                let answer = try executor.execute(query, on: tables)
                let context = "seed \(seed), \(question.parameters), by \(answer.meta.table)"
                #expect(
                    lines(answer, question) == Array(expected.lines.prefix(limits.rows)),
                    "\(context)")
                #expect(answer.meta.isTruncated == (expected.lines.count > limits.rows))
                #expect(answer.meta.corrections == expected.corrections, "\(context)")
                #expect(answer.meta.relativeError == nil && !answer.meta.isPartial)
                try checkExplanation(answer, forced: forced)
            }
        }
    }

    /// Segments fill the range, and the forced table answers if the explanation says that it can.
    private func checkExplanation(_ answer: MetricsAnswer, forced: String?) throws {
        let explanation = try #require(answer.meta.explanation)
        for segments in [explanation.segments, explanation.corrections] {
            #expect(segments.count <= 7)
            var end = answer.meta.range.lowerBound
            for segment in segments {
                #expect(segment.range.lowerBound == end && !segment.range.isEmpty)
                end = segment.range.upperBound
            }
            #expect(end == answer.meta.range.upperBound)
        }
        let chosen = explanation.candidates.filter { $0.reason == nil }
        #expect(chosen.map(\.table) == [answer.meta.table])
        let able = explanation.candidates.contains { $0.table == forced && $0.rows != nil }
        if able { #expect(answer.meta.table == forced) }
    }
}

/// Limits that are met, and tables that are too small, now and then.
private func randomLimits(_ random: inout SeededRandom) -> QueryLimits {
    var limits = QueryLimits()
    limits.rows = [2, 7, 40, 50_000].randomElement(using: &random) ?? 1
    limits.directCells = [16, 64, 1 << 16].randomElement(using: &random) ?? 1
    limits.directMinutes = [0, 1 << 12].randomElement(using: &random) ?? 1
    return limits
}

/// The rows of an answer.
func lines(_ answer: MetricsAnswer, _ question: Question) -> [Line] {
    (0..<answer.rowCount).map { row in
        Line(
            bucket: answer.text(of: answer.buckets[row]),
            dimensions: question.dimensions.indices.map {
                answer.text(dimension: $0, row: row)
            }, value: answer.values[row])
    }
}

/// A row of an answer.
struct Line: Equatable {
    var bucket: String
    var dimensions: [String?]
    var value: UInt64
}

/// A query as parameters, and the same in words that the twin understands.
struct Question {
    var parameters: [(name: String, value: String)] = []
    var metric = ""
    var dimensions: [String] = []
    var granularity = ""
    var range: Range<Milliseconds> = 0..<1
    var zone = "UTC"
    var limit: Int?
    var isLeast = false
    var addsOther = false
    var fills = false
    var now: Milliseconds = 0
    var conditions: [(dimension: Int, meets: (String?) -> Bool)] = []
}

let base: Milliseconds = 1_767_225_600_000  // 2026-01-01
let pages = ["/", "/home", "/h", "/checkout", "/ä€", "75", ""]
let devices = ["mobile", "desktop", "tablet"]
private let zones = ["America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Chatham"]
let countries = ["de", "at", "np", "us", "fr", "jp", "br", "in"]

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
        var parts: [(rows: [Row], part: any TablePart)] = []
        for var pile in piles {
            if Bool.random(using: &random) {
                parts.append((pile, memoryPart(pile, schema)))
                continue
            }
            pile.sort { order($0.dimensions, $1.dimensions) }
            let part = GranuledPart(
                pile, schema, granuleRows: [1, 3, 17, 1_000].randomElement(using: &random) ?? 1,
                coded: Bool.random(using: &random))
            parts.append((pile, part))
        }
        for part in parts { tables.add(part.part) }
        for table in MetricsPropertyTests.rollup.derivedTables
        where table.isCorrections == isLate && Int.random(in: 0..<4, using: &random) > 0 {
            addDerived(
                table, of: parts, dimensions: MetricsPropertyTests.dimensions, to: &tables,
                &random)
        }
    }
    return tables
}

func randomQuestion(_ random: inout SeededRandom) -> Question {
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
    question.zone = Bool.random(using: &random) ? "UTC" : zones.randomElement(using: &random) ?? ""
    question.parameters = [
        ("timezone", question.zone),
        ("metric", question.metric), ("granularity", question.granularity),
        ("start", CivilTime(start).text), ("end", "\(end)"), ("_", "x"), ("explain", "1"),
    ]
    if !question.dimensions.isEmpty {
        question.parameters.append(("dimensions", question.dimensions.joined(separator: ",")))
    }
    addSelection(to: &question, &random)
    addFilters(to: &question, &random)
    return question
}

private func addSelection(to question: inout Question, _ random: inout SeededRandom) {
    if Bool.random(using: &random) {
        let limit = Int.random(in: 1...6, using: &random)
        question.limit = limit
        question.isLeast = Bool.random(using: &random)
        question.addsOther = Bool.random(using: &random)
        question.parameters += [
            ("order", question.isLeast ? "value" : "-value"), ("limit", "\(limit)"),
            ("other", question.addsOther ? "1" : "0"),
        ]
    }
    let span = question.range.upperBound - question.range.lowerBound
    if Bool.random(using: &random), span <= 90_000_000 {
        question.fills = true
        question.now =
            question.range.lowerBound + .random(in: -span / 10...span * 3 / 2, using: &random)
        question.parameters.append(("fill", "zero"))
    }
}

private func addFilters(to question: inout Question, _ random: inout SeededRandom) {
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
}

private struct Group {
    var events: Int64 = 0
    var users: Set<UInt64> = []

    func value(_ question: Question) -> UInt64 {
        question.metric == "views" ? UInt64(events) : UInt64(users.count)
    }

    mutating func add(_ other: Group) {
        events += other.events
        users.formUnion(other.users)
    }
}

/// A bucket and the dimensions' values.
private struct Key: Hashable {
    var bucket: Milliseconds
    var values: [String?]
}

func naiveAnswer(
    _ question: Question, _ rows: [Row]
) throws -> (lines: [Line], corrections: Int64) {
    var calendar = try NaiveCalendar(question)
    var groups: [Key: Group] = [:]
    var corrections: Int64 = 0
    for row in rows where question.range.contains(row.time) {
        guard question.conditions.allSatisfy({ $0.meets(row.dimensions[$0.dimension]) }) else {
            continue
        }
        let values = question.dimensions.map { name -> String? in
            MetricsPropertyTests.dimensions.firstIndex(of: name).flatMap { row.dimensions[$0] }
        }
        let key = Key(bucket: calendar.bucket(row.time), values: values)
        groups[key, default: Group()].add(Group(events: row.events, users: Set(row.users)))
        if row.isLate { corrections += row.events }
    }
    if let limit = question.limit { groups = naiveSelection(groups, question, limit) }
    if question.fills {
        let combinations: Set<[String?]> =
            question.dimensions.isEmpty ? [[]] : Set(groups.keys.map(\.values))
        var time = question.range.lowerBound
        while time < question.range.upperBound, time <= question.now {
            let bucket = calendar.bucket(time)
            for values in combinations {
                groups[Key(bucket: bucket, values: values), default: Group()].add(Group())
            }
            time += 60_000
        }
    }
    let keys = groups.keys.sorted {
        $0.bucket != $1.bucket ? $0.bucket < $1.bucket : order($0.values, $1.values)
    }
    let lines = keys.map { key in
        Line(
            bucket: calendar.text(key.bucket), dimensions: key.values,
            value: groups[key]?.value(question) ?? 0)
    }
    return (lines, corrections)
}

private func naiveSelection(
    _ groups: [Key: Group], _ question: Question, _ limit: Int
) -> [Key: Group] {
    var totals: [[String?]: Group] = [:]
    for (key, group) in groups { totals[key.values, default: Group()].add(group) }
    let ranked = totals.sorted { left, right in
        let (mine, theirs) = (left.value.value(question), right.value.value(question))
        if mine == theirs { return order(left.key, right.key) }
        return question.isLeast ? mine < theirs : mine > theirs
    }
    let kept = Set(ranked.prefix(limit).map(\.key))
    var result = groups.filter { kept.contains($0.key.values) }
    if question.addsOther {
        for (key, group) in groups where !kept.contains(key.values) {
            let values = [String?](repeating: "__other__", count: key.values.count)
            result[Key(bucket: key.bucket, values: values), default: Group()].add(group)
        }
    }
    return result
}

/// Buckets by cutting the text of the local time, and by trying instants one after the other.
private struct NaiveCalendar {
    private let question: Question
    private let zone: TimeZoneRules?
    private var known: [String: Milliseconds] = [:]

    init(_ question: Question) throws {
        self.question = question
        zone = try TimeZoneDatabase.shared.rules(named: question.zone)
    }

    func text(_ bucket: Milliseconds) -> String {
        guard let zone else { return CivilTime(bucket).text }
        let offset = zone.offset(at: bucket)
        let minutes = abs(offset) / 60_000
        let digits = "\(10_000 + minutes / 60 * 100 + minutes % 60)".dropFirst()
        return local(bucket).text.dropLast() + (offset < 0 ? "-" : "+")
            + digits.prefix(2) + ":" + digits.suffix(2)
    }

    mutating func bucket(_ time: Milliseconds) -> Milliseconds {
        let text = local(time).text
        switch question.granularity {
        case "all": return question.range.lowerBound
        case "minute": return floorDivide(time, 60_000) * 60_000
        case "hour":
            return floorDivide(time, 60_000) * 60_000 - Int64(local(time).minute) * 60_000
        case "day": return first(text.prefix(10))
        case "month": return first(text.prefix(7) + "-01")
        default:
            // 2026-01-05 was a Monday.
            var monday = base + 4 * 86_400_000 - 52 * 7 * 86_400_000
            while CivilTime(monday + 7 * 86_400_000).text.prefix(10) <= text.prefix(10) {
                monday += 7 * 86_400_000
            }
            return first(CivilTime(monday).text.prefix(10))
        }
    }

    private func local(_ instant: Milliseconds) -> CivilTime {
        CivilTime(instant + (zone?.offset(at: instant) ?? 0))
    }

    /// The first instant of a date; all of these are at a quarter of an hour.
    private mutating func first(_ date: Substring) -> Milliseconds {
        if let instant = known[String(date)] { return instant }
        guard case .local(let midnight)? = CivilTime.parse(String(date)) else { return 0 }
        var instant = midnight - 18 * 3_600_000
        while local(instant).text.prefix(10) < date { instant += 900_000 }
        known[String(date)] = instant
        return instant
    }
}
