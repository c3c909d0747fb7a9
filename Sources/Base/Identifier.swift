/// Makes UUIDs of version 7 (RFC 9562): 48 bits of milliseconds, then a counter and random bits,
/// so that the ids of one maker sort by the order in which they were made.
package struct IdentifierMaker: Sendable {
    private var random: UInt64
    private var counter: UInt64 = 0

    /// `seed` must differ between makers that run at once.
    package init(seed: UInt64) { random = seed }

    /// A maker with a seed of its own, drawn from the system.
    package init() { self.init(seed: UInt64.random(in: 0 ... .max)) }

    /// Appends the 36 characters of the next id.
    package mutating func appendNext(at time: Milliseconds, to table: inout StringTable) {
        random &+= 0x9E37_79B9_7F4A_7C15
        counter &+= 1
        // 48 bits of time, version 7, the low 12 bits of the counter; variant 10, 62 more bits.
        let high = UInt64(bitPattern: time) &<< 16 | 0x7000 | (counter & 0xFFF)
        let low = 0x8000_0000_0000_0000 | (hash64(random) &>> 2)
        for index in 0..<16 { appendHex(high, index, &table.bytes) }
        for index in 0..<16 { appendHex(low, index + 16, &table.bytes) }
        table.offsets.append(UInt32(table.bytes.count))
    }

    /// The next id as a string.
    package mutating func next(at time: Milliseconds) -> String {
        var table = StringTable()
        appendNext(at: time, to: &table)
        return table[0]
    }

    private func appendHex(_ word: UInt64, _ index: Int, _ bytes: inout [UInt8]) {
        if index == 8 || index == 12 || index == 16 || index == 20 {
            bytes.append(UInt8(ascii: "-"))
        }
        let nibble = UInt8(truncatingIfNeeded: word &>> UInt64(60 - 4 * (index & 15)) & 0xF)
        bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
    }
}
