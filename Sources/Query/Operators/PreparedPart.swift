internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// A condition that stands directly over a scan.
struct ScanCondition: Sendable {
    let expression: Expression
    /// The columns of the scan that it reads.
    let columns: [Int]
    let neverFails: Bool

    init(_ expression: Expression) {
        self.expression = expression
        columns = expression.columns.sorted()
        neverFails = expression.neverFails
    }
}

/// A part, and what of it must be read: which granules, and which conditions are open in each.
struct PreparedPart: Sendable {
    /// A granule that can have rows that count.
    struct Granule: Sendable {
        var number: Int
        /// The conditions that are not true for all of its rows, by number.
        var open: [Int]
    }

    let part: any TablePart
    /// By column of the scan.
    let columns: [ScanColumn]
    /// By condition; nil where it is not known: for each code of the only column's dictionary,
    /// NULL first, whether the condition is true.
    private(set) var matches: [[Bool]?]
    /// By condition, in the order in which they are tried.
    private(set) var order: [Int]
    private(set) var granules: [Granule] = []

    private let isOnDisk: Bool
    private let timeColumn: Int?

    init(
        _ part: any TablePart, _ scan: TableScan, _ conditions: [ScanCondition],
        _ evaluator: inout Evaluator
    ) throws(StoreError) {
        self.part = part
        let schema = part.schema
        columns = scan.columns.map { ScanColumn($0, in: schema) }
        timeColumn = schema.columnIndex(schema.timeColumn, type: .timestamp)
        isOnDisk = part is Part
        matches = conditions.map { _ in nil }
        order = Array(conditions.indices)
        if let range = scan.timeRange, let times = part.timeRange, !times.overlaps(range) {
            return
        }
        if part.rowCount == 0 { return }
        var numbers = (0..<part.granuleCount).filter { granule in
            scan.timeRange.map { isWithin($0, granule) } ?? true
        }
        numbers = try left(numbers, conditions)
        if numbers.isEmpty { return }
        var sums = conditions.map { _ in [UInt32]() }
        for index in conditions.indices {
            guard let found = try evaluate(conditions[index], &evaluator) else { continue }
            if !found.contains(true) { return }
            matches[index] = found
            sums[index] = Self.sums(found)
        }
        // Those that were evaluated for all codes cannot fail, and cost least.
        order = conditions.indices.filter { matches[$0] != nil }
        order += conditions.indices.filter { matches[$0] == nil && conditions[$0].neverFails }
        order += conditions.indices.filter { matches[$0] == nil && !conditions[$0].neverFails }
        for number in numbers {
            if let open = try open(conditions, sums, number) {
                granules.append(Granule(number: number, open: open))
            }
        }
    }

    /// Whether times of the range can lie in a granule.
    private func isWithin(_ range: Range<Milliseconds>, _ granule: Int) -> Bool {
        guard let timeColumn, let zone = part.zone(column: timeColumn, granule: granule),
            case .integers(let bounds) = zone.bounds
        else { return true }
        return bounds.overlaps(range)
    }

    /// What is known of a column of the scan in a granule.
    func zone(_ column: Int, granule: Int) -> Zone? {
        let sources = columns[column].sources
        if sources.isEmpty {
            return Zone(bounds: .empty, nullCount: part.rowCount(granule: granule))
        }
        guard columns[column].isPlain else { return nil }
        if let zone = part.zone(column: sources[0], granule: granule) { return zone }
        guard sources[0] == timeColumn, let times = part.timeRange else { return nil }
        return Zone(bounds: .integers(times), nullCount: 0)
    }

    /// The dictionary of a column of the scan, if its rows have codes of it.
    func dictionary(_ column: Int) throws(StoreError) -> StringTable? {
        guard columns[column].isPlain, let part = part as? Part else { return nil }
        return try part.dictionary(column: columns[column].sources[0])
    }

    /// Whether a column's vectors have codes of one dictionary whose entries ascend.
    func hasDictionary(_ column: Int) -> Bool {
        guard columns[column].isPlain, let part = part as? Part else { return false }
        return part.hasDictionary(column: columns[column].sources[0])
    }

    /// The granules that zones and filters leave.
    private func left(
        _ granules: [Int], _ conditions: [ScanCondition]
    ) throws(StoreError) -> [Int] {
        var granules = granules.filter { granule in
            conditions.allSatisfy { condition in
                condition.expression.outcomes(rowCount: part.rowCount(granule: granule)) {
                    zone($0, granule: granule)
                }.contains(.isTrue)
            }
        }
        for condition in conditions where !granules.isEmpty {
            guard let wanted = condition.expression.wantedTexts,
                columns[wanted.column].isPlain
            else { continue }
            granules = try part.granules(
                granules, column: columns[wanted.column].sources[0], holdingAny: wanted.texts)
        }
        return granules
    }

    /// Evaluates a condition for each entry of the dictionary of its only column.
    ///
    /// Nil where it has none, or has no value for some entry, which perhaps no row that counts has.
    private func evaluate(
        _ condition: ScanCondition, _ evaluator: inout Evaluator
    ) throws(StoreError) -> [Bool]? {
        guard condition.columns.count == 1, let column = condition.columns.first,
            let dictionary = try dictionary(column)
        else { return nil }
        let codes = (0...UInt32(dictionary.count)).map { $0 }
        let vector = Vector(
            type: columns[column].type.valueType, values: .codes(codes, dictionary: dictionary))
        // Only one of the columns is looked at.
        let batch = Batch(
            columns: [Vector](repeating: vector, count: column + 1), rowCount: codes.count)
        guard let rows = try? evaluator.selection(condition.expression, batch) else { return nil }
        return (0..<codes.count).map { rows[$0] }
    }

    /// `sums[k]` is how many of the first `k` codes match.
    private static func sums(_ matches: [Bool]) -> [UInt32] {
        var sums: [UInt32] = [0]
        sums.reserveCapacity(matches.count + 1)
        for match in matches { sums.append(sums[sums.count - 1] + (match ? 1 : 0)) }
        return sums
    }

    /// The conditions that are open in a granule, in the order in which they are tried; nil if one
    /// is true for no row.
    private func open(
        _ conditions: [ScanCondition], _ sums: [[UInt32]], _ granule: Int
    ) throws(StoreError) -> [Int]? {
        var open: [Int] = []
        let rowCount = part.rowCount(granule: granule)
        for index in order {
            var outcomes = conditions[index].expression.outcomes(rowCount: rowCount) {
                zone($0, granule: granule)
            }
            if let found = try codeOutcomes(conditions[index], sums[index], granule) {
                outcomes.formIntersection(found)
            }
            if !outcomes.contains(.isTrue) { return nil }
            if outcomes != .isTrue { open.append(index) }
        }
        return open
    }

    /// What a condition can be for the codes between a granule's bounds; not true stands as false.
    private func codeOutcomes(
        _ condition: ScanCondition, _ sums: [UInt32], _ granule: Int
    ) throws(StoreError) -> Outcomes? {
        guard !sums.isEmpty, let column = condition.columns.first,
            let zone = zone(column, granule: granule),
            case .strings(let least, let greatest) = zone.bounds,
            let dictionary = try dictionary(column)
        else { return nil }
        let first = dictionary.place(of: least, orAfter: false) + 1
        let end = dictionary.place(of: greatest, orAfter: true) + 1
        guard first < end else { return nil }
        var matching = Int(sums[end] - sums[first])
        var all = end - first
        if zone.nullCount > 0 {
            matching += Int(sums[1])
            all += 1
        }
        if matching == all { return .isTrue }
        return matching == 0 ? [.isFalse, .isNull] : .any
    }
}

extension StringTable {
    /// How many entries, which ascend, lie before a text; with `orAfter` also those equal to it.
    func place(of text: [UInt8], orAfter: Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let entry = bytes(at: middle)
            let isBefore =
                orAfter
                ? !text.lexicographicallyPrecedes(entry) : entry.lexicographicallyPrecedes(text)
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
