internal import Base
internal import Expressions

/// Chooses the rows that lie in the query's range and meet its filters.
///
/// Kept for all granules of a part: their blocks share a dictionary, on which each filter is
/// evaluated once.
struct RowSelection: Sendable {
    private let range: Range<Milliseconds>
    private let predicates: [Predicate]
    private var known: [(dictionary: StringTable, matches: [Bool])?]

    init(range: Range<Milliseconds>, predicates: [Predicate]) {
        self.range = range
        self.predicates = predicates
        known = predicates.map { _ in nil }
    }

    /// The rows that count, ascending.
    ///
    /// `filters` has a vector for each predicate, nil for a column that the part lacks.
    mutating func rows(times: [Milliseconds], filters: [Vector?]) -> [UInt32] {
        var kept: Bitmap?
        for (index, vector) in filters.enumerated() {
            let rows = matches(index, vector, rowCount: times.count)
            if kept == nil { kept = rows } else { kept?.formIntersection(rows) }
        }
        let (lower, upper) = (range.lowerBound, range.upperBound)
        if let kept {
            return Self.rows(times.count) { kept[$0] && times[$0] >= lower && times[$0] < upper }
        }
        return Self.rows(times.count) { times[$0] >= lower && times[$0] < upper }
    }

    /// Without branches: whether a row counts is hard to guess.
    @inline(__always)
    private static func rows(_ rowCount: Int, _ counts: (Int) -> Bool) -> [UInt32] {
        var rows = [UInt32](repeating: 0, count: rowCount)
        var count = 0
        for row in 0..<rowCount {
            rows[count] = UInt32(truncatingIfNeeded: row)
            count &+= counts(row) ? 1 : 0
        }
        rows.removeLast(rowCount - count)
        return rows
    }

    private mutating func matches(_ index: Int, _ vector: Vector?, rowCount: Int) -> Bitmap {
        let predicate = predicates[index]
        guard let vector else {
            let nullMatches = predicate.codeMatches(StringTable())[0]
            return Bitmap(repeating: nullMatches, count: rowCount)
        }
        guard case .codes(let codes, let dictionary) = vector.values else {
            return predicate.selection(of: vector)
        }
        if let entry = known[index], entry.dictionary.sharesMemory(with: dictionary) {
            return Predicate.select(codes, entry.matches)
        }
        let matches = predicate.codeMatches(dictionary)
        known[index] = (dictionary, matches)
        return Predicate.select(codes, matches)
    }
}

extension StringTable {
    /// Whether both are copies of one table; false may also mean that they are equal by chance.
    func sharesMemory(with other: StringTable) -> Bool {
        sharesBuffer(offsets, other.offsets) && sharesBuffer(bytes, other.bytes)
    }
}

/// Whether two arrays have one buffer.
///
/// Addresses are compared, nothing is read through them; both
/// arrays are alive, so an address stands for one buffer only.
private func sharesBuffer<Element>(_ left: [Element], _ right: [Element]) -> Bool {
    unsafe left.withUnsafeBufferPointer { mine in
        unsafe right.withUnsafeBufferPointer { theirs in
            unsafe mine.baseAddress == theirs.baseAddress && mine.count == theirs.count
        }
    }
}
