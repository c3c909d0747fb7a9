internal import Aggregates
internal import Base
internal import Expressions

/// Sorted rows in groups of equal keys, each of which becomes one row.
struct RowGroups {
    private let rows: ArraySlice<UInt32>
    /// The first row of each group.
    private(set) var firstRows: ArraySlice<UInt32>
    /// Where each group begins, as an offset into `rows`; empty while each row is a group.
    private var starts: [Int] = []

    /// Each row is a group of its own.
    init(rows: ArraySlice<UInt32>) {
        self.rows = rows
        firstRows = rows
    }

    /// Whether no two rows share a group.
    var isTrivial: Bool { starts.isEmpty }

    /// Puts neighbours with equal keys into one group.
    mutating func combine(words: [[UInt64]]) {
        var begins: [Int] = []
        var first: [UInt32] = []
        var previous: UInt32 = 0
        for (offset, row) in rows.enumerated() {
            if offset == 0 || !RowGroups.isEqual(words, Int(previous), Int(row)) {
                begins.append(offset)
                first.append(row)
            }
            previous = row
        }
        if first.count == rows.count { return }
        starts = begins
        firstRows = first[...]
    }

    private static func isEqual(_ words: [[UInt64]], _ left: Int, _ right: Int) -> Bool {
        for index in words.indices where words[index][left] != words[index][right] { return false }
        return true
    }

    private func rows(ofGroup group: Int) -> ArraySlice<UInt32> {
        let start = rows.startIndex + starts[group]
        let end = group + 1 < starts.count ? rows.startIndex + starts[group + 1] : rows.endIndex
        return rows[start..<end]
    }

    /// The sum of each group.
    ///
    /// Counts of 64 bits wrap, which no number of events reaches.
    func sums(_ vector: Vector) -> Vector {
        guard case .integers(let numbers) = vector.values else {
            return vector.gathered(firstRows)
        }
        var sums: [Int64] = []
        sums.reserveCapacity(firstRows.count)
        for group in starts.indices {
            var sum: Int64 = 0
            for row in rows(ofGroup: group) { sum &+= numbers[Int(row)] }
            sums.append(sum)
        }
        return Vector(type: vector.type, values: .integers(sums))
    }

    /// The union of each group's states, serialised.
    func unions(_ vector: Vector, _ members: MembersBySet?) throws(StoreError) -> Vector {
        var writer = ByteWriter()
        var hashes: [UInt64] = []
        var offsets: [UInt32] = [0]
        for group in firstRows.indices {
            let rows =
                isTrivial ? firstRows[group...group] : rows(ofGroup: group - firstRows.startIndex)
            if let members {
                hashes.removeAll(keepingCapacity: true)
                for row in rows { members.append(set: Int(row), to: &hashes) }
                HyperLogLog.serialize(hashes: &hashes, into: &writer)
            } else if case .strings(let table) = vector.values {
                try RowGroups.appendUnion(of: rows, in: table, to: &writer)
            }
            offsets.append(UInt32(writer.count))
        }
        return Vector(
            type: .state, values: .strings(StringTable(offsets: offsets, bytes: writer.bytes)))
    }

    private static func appendUnion(
        of members: ArraySlice<UInt32>, in table: StringTable, to writer: inout ByteWriter
    ) throws(StoreError) {
        if members.count == 1 {
            writer.append(table.bytes(at: Int(members[members.startIndex])))
            return
        }
        var union = HyperLogLog()
        for row in members { try union.formUnion(serialized: table.bytes(at: Int(row))) }
        union.serialize(into: &writer)
    }
}

extension HyperLogLog {
    /// Unites with a state as columns hold it.
    mutating func formUnion(serialized bytes: ArraySlice<UInt8>) throws(StoreError) {
        do throws(CorruptionError) {
            var reader = unsafe ByteReader(bytes.span.bytes)
            try formUnion(decoding: &reader)
        } catch {
            throw StoreError.corrupt(error)
        }
    }
}
