internal import Base

extension DictionaryCoded {
    /// What the encoding keeps of strings.
    struct Parts {
        var entries: StringTable
        var codes: [UInt32]
    }

    /// An upper bound of the bytes, and what is kept; nil where strings hardly repeat.
    static func estimate(_ strings: StringTable) -> (byteCount: Int, parts: Parts)? {
        // Of some rows at least half must have a string that was there before.
        let sample = min(strings.count, sampleRows)
        guard sample > 1, distinct(strings, rows: 0..<sample, most: sample / 2) != nil,
            let found = distinct(strings, rows: 0..<strings.count, most: strings.count / 2)
        else { return nil }
        let parts = sorted(found)
        let width = bitWidth(UInt64(parts.entries.count - 1))
        return (
            3 + 1 + 2 + 12 + parts.entries.bytes.count + 4 * parts.entries.count + 1 + 11
                + packedByteCount(strings.count, width: width), parts
        )
    }

    private static let sampleRows = 512

    /// The strings in the order in which they first come; nil if there are more than `most`.
    private static func distinct(
        _ strings: StringTable, rows: Range<Int>, most: Int
    ) -> Parts? {
        let slotCount = 1 << max(4, bitWidth(UInt64(most * 2)))
        var slots = [UInt32](repeating: 0, count: slotCount)
        var parts = Parts(entries: StringTable(), codes: [])
        parts.codes.reserveCapacity(rows.count)
        for row in rows {
            let string = strings.bytes(at: row)
            let hash = unsafe string.withUnsafeBytes { unsafe hash64($0) }
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while slots[slot] != 0, parts.entries.bytes(at: Int(slots[slot]) - 1) != string {
                slot = (slot + 1) & (slotCount - 1)
            }
            if slots[slot] == 0 {
                if parts.entries.count >= most { return nil }
                parts.entries.append(string)
                slots[slot] = UInt32(parts.entries.count)
            }
            parts.codes.append(slots[slot] - 1)
        }
        return parts
    }

    private static func sorted(_ parts: Parts) -> Parts {
        let order = (0..<parts.entries.count).sorted {
            parts.entries.precedes($0, parts.entries, $1)
        }
        var ranks = [UInt32](repeating: 0, count: order.count)
        var entries = StringTable()
        for (rank, entry) in order.enumerated() {
            ranks[entry] = UInt32(rank)
            entries.append(parts.entries.bytes(at: entry))
        }
        return Parts(entries: entries, codes: parts.codes.map { ranks[Int($0)] })
    }
}
