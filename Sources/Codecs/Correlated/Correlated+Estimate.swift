internal import Base

extension Correlated {
    /// The rows that do not follow.
    static func exceptions(_ codes: [UInt32], following derived: [UInt32]) -> [UInt32] {
        invariant(codes.count == derived.count)
        var rows: [UInt32] = []
        for row in codes.indices where codes[row] != derived[row] { rows.append(UInt32(row)) }
        return rows
    }

    /// An upper bound of the bytes with so many exceptions among `count` codes up to `greatest`.
    static func estimate(exceptions: Int, count: Int, greatest: UInt32) -> Int {
        let rowBits = bitWidth(UInt64(count))
        let codeBits = bitWidth(UInt64(greatest))
        return 3 + 2 * 12 + packedByteCount(exceptions, width: rowBits)
            + packedByteCount(exceptions, width: codeBits)
    }
}
