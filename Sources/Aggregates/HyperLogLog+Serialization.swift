package import Base

// The bytes of a state, all numbers little-endian:
//
//     sparse:  count (2 bytes, 0 to 2,048) │ count values of 6 bytes, strictly ascending
//     dense:   0xFFFF (2 bytes)            │ 16,384 ranks of 1 byte, each 0 to 35
//
// Ranks take a whole byte because the entropy coder of the block that holds them takes a register
// to about three bits, which it could not across the borders of six-bit fields.
extension HyperLogLog {
    private static let denseMark: UInt16 = 0xFFFF

    /// Appends the state's canonical bytes: equal sets give equal bytes.
    package func serialize(into writer: inout ByteWriter) {
        if isDense {
            writer.appendFixed(Self.denseMark)
            writer.append(registers)
            return
        }
        writer.appendFixed(UInt16(sparseCount))
        var values: [UInt64] = []
        values.reserveCapacity(sparseCount)
        for slot in slots where slot != 0 { values.append(slot &- 1) }
        values.sort()
        for value in values {
            writer.appendFixed(UInt32(truncatingIfNeeded: value))
            writer.appendFixed(UInt16(truncatingIfNeeded: value &>> 32))
        }
    }

    /// The state's canonical bytes.
    package func serialized() -> [UInt8] {
        var writer = ByteWriter(reserving: 2 + max(sparseCount * 6, registers.count))
        serialize(into: &writer)
        return writer.bytes
    }

    /// Reads a state that stands next in `reader`.
    package init(decoding reader: inout ByteReader) throws(CorruptionError) {
        self.init()
        try formUnion(decoding: &reader)
    }

    /// Reads a state that fills `bytes`, no more and no less.
    package init(decoding bytes: Span<UInt8>) throws(CorruptionError) {
        self.init()
        var reader = ByteReader(unsafe bytes.bytes)
        try formUnion(decoding: &reader)
        try reader.requireEnd()
    }

    /// Inserts all that the serialised state next in `reader` holds, without building that state.
    ///
    /// Where it throws, some of the values may have been inserted.
    package mutating func formUnion(decoding reader: inout ByteReader) throws(CorruptionError) {
        let start = reader.offset
        let mark: UInt16 = try reader.readFixed()
        if mark == Self.denseMark {
            try formUnion(decodingDense: &reader)
            return
        }
        guard Int(mark) <= Self.sparseLimit else {
            throw CorruptionError(
                offset: start, expected: "at most \(Self.sparseLimit) values", found: "\(mark)")
        }
        guard reader.remaining >= Int(mark) * 6 else {
            throw CorruptionError(
                offset: reader.offset, expected: "\(mark) values of 6 bytes",
                found: "\(reader.remaining) bytes")
        }
        if !isDense, mark > 0 { reserve(max(sparseCount, Int(mark))) }
        var previous: UInt64?
        for _ in 0..<mark {
            let place = reader.offset
            let low: UInt32 = try reader.readFixed()
            let high: UInt16 = try reader.readFixed()
            let value = UInt64(high) &<< 32 | UInt64(low)
            if let previous, value <= previous {
                throw CorruptionError(
                    offset: place, expected: "a value above \(previous)", found: "\(value)")
            }
            insert(value: value)
            previous = value
        }
    }

    private mutating func formUnion(
        decodingDense reader: inout ByteReader
    ) throws(CorruptionError) {
        let start = reader.offset
        let ranks = try reader.readBytes(Self.registerCount)
        for (index, rank) in ranks.enumerated() where rank > Self.rankMax {
            throw CorruptionError(
                offset: start + index, expected: "a rank of at most \(Self.rankMax)",
                found: "\(rank)")
        }
        var other = HyperLogLog()
        other.registers = ranks
        formUnion(other)
    }
}
