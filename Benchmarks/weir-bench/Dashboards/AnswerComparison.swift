internal import Base

/// Compares an answer over filled rollups with the generator's own truth, row by row.
struct AnswerComparison {
    private static let otherLabel = "__other__"
    /// Up to that many people a distinct count is exact; beyond, this is five standard errors.
    private static let exactCount = 2_048
    private static let tolerance = 0.04

    private let query: DashboardQuery
    private let range: Range<Milliseconds>
    private let truth: DashboardTruth
    private(set) var differences: [String] = []
    private(set) var rowCount = 0

    /// `range` is that of the query, all of it filled.
    init(
        _ query: DashboardQuery, _ body: ArraySlice<UInt8>, range: Range<Milliseconds>,
        _ truth: DashboardTruth
    ) {
        self.query = query
        self.range = range
        self.truth = truth
        let answer = JSONValue(body)
        let meta = answer["meta"]
        guard meta["start"].string != nil else {
            fail("is no answer of metrics")
            return
        }
        if case .bool(true) = meta["partial"] { fail("is partial") }
        if case .bool(true) = meta["truncated"] { fail("is truncated") }
        let rows = answer["data"].items.map { Row($0, query, range) }
        rowCount = rows.count
        guard !rows.contains(where: \.isBroken) else {
            fail("has a row without a time")
            return
        }
        if Set(rows.map(\.key)).count != rows.count { fail("has a row twice") }
        switch query.expectation {
        case .counts(let table, let prefix):
            compare(rows, table(truth), prefix: prefix.map { "\($0)|" } ?? "")
        case .visitors: compareVisitors(rows)
        }
    }

    /// A row of the answer.
    private struct Row {
        var label: String
        var value: Int
        var bucket: String
        /// What of the bucket lies in the range of the query.
        var range: Range<Milliseconds> = 0..<0

        var key: String { "\(bucket) \(label)" }
        var isBroken: Bool { range.isEmpty }

        init(_ row: JSONValue, _ query: DashboardQuery, _ range: Range<Milliseconds>) {
            var values: [String] = []
            if case .object(let members) = row["dimensions"] {
                values = members.map { $0.value.string ?? "null" }
            }
            label = values.joined(separator: "|")
            value = Int(row["value"].number ?? -1)
            bucket = row["timeBucket"].string ?? ""
            guard case .instant(let start) = CivilTime.parse(bucket) else { return }
            let end = query.granularity.end(of: start, in: range)
            let lower = max(start, range.lowerBound)
            self.range = lower..<max(lower, min(end, range.upperBound))
        }
    }

    private mutating func fail(_ what: String) { differences.append("\(query.name): \(what)") }

    private mutating func compare(_ rows: [Row], _ table: CountTable, prefix: String) {
        let labels = rows.filter { !$0.label.hasPrefix(Self.otherLabel) }
        // A filter on the only dimension of the truth leaves answers without any.
        let isTotal = labels.allSatisfy { $0.label.isEmpty }
        for row in labels {
            let label = prefix.isEmpty ? row.label : prefix + row.label
            let wanted =
                isTotal
                ? table.sum(prefix: String(prefix.dropLast()), row.range)
                : table.sum(label, row.range)
            expect(row, wanted)
        }
        if query.limit == nil || rows.count > labels.count {
            let sum = rows.reduce(0) { $0 + $1.value }
            if sum != table.sum(prefix: String(prefix.dropLast()), range) {
                fail("adds up to \(sum)")
            }
        }
        if let limit = query.limit { compareGreatest(labels, table, limit) }
        if query.parameters.contains("fill=zero") {
            let hours = Int((range.upperBound - range.lowerBound) / CivilTime.millisecondsPerHour)
            if rows.count != hours { fail("has \(rows.count) of \(hours) hours") }
        }
    }

    private mutating func expect(_ row: Row, _ wanted: Int?) {
        if row.value != wanted {
            let text = wanted.map(String.init) ?? "something unknown"
            fail("\(row.key) is \(row.value) instead of \(text)")
        }
    }

    /// Whether the combinations that were kept are the greatest ones.
    private mutating func compareGreatest(_ rows: [Row], _ table: CountTable, _ limit: Int) {
        var kept: [String: Int] = [:]
        for row in rows { kept[row.label, default: 0] += row.value }
        let greatest = table.labels.filter { !$0.hasPrefix("(") }
            .compactMap { table.sum($0, range) }.filter { $0 > 0 }.sorted(by: >).prefix(limit)
        if kept.values.sorted(by: >) != Array(greatest) {
            fail("has not kept the \(limit) greatest")
        }
    }

    private mutating func compareVisitors(_ rows: [Row]) {
        var seenCount = 0
        for row in rows {
            guard
                let wanted = truth.visitorCount(country: row.label, day: row.range.lowerBound)
            else { continue }
            seenCount += 1
            let difference = abs(row.value - wanted)
            let allowed = wanted <= Self.exactCount ? 0 : Int(Double(wanted) * Self.tolerance)
            if difference > allowed { expect(row, wanted) }
        }
        if seenCount == 0, !rows.isEmpty { fail("names no country that is known") }
        if rows.isEmpty, truth.eventCount > 0 { fail("is empty") }
    }
}

extension DashboardQuery.Granularity {
    /// Where a bucket ends; of hours also in zones without summer time, of longer ones in UTC.
    fileprivate func end(of start: Milliseconds, in range: Range<Milliseconds>) -> Milliseconds {
        switch self {
        case .minute: start + CivilTime.millisecondsPerMinute
        case .hour: start + CivilTime.millisecondsPerHour
        case .day: start + CivilTime.millisecondsPerDay
        case .week: start + 7 * CivilTime.millisecondsPerDay
        case .month: Self.monthEnd(start)
        case .all: range.upperBound
        }
    }

    private static func monthEnd(_ start: Milliseconds) -> Milliseconds {
        let time = CivilTime(start)
        let days = CivilTime.dayCount(year: time.year, month: time.month)
        return start + Milliseconds(days) * CivilTime.millisecondsPerDay
    }
}
