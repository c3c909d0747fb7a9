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
        for value in values { Self.append(value: value, to: &writer) }
    }

    /// Appends the 6 bytes of a value.
    static func append(value: UInt64, to writer: inout ByteWriter) {
        writer.appendFixed(UInt32(truncatingIfNeeded: value))
        writer.appendFixed(UInt16(truncatingIfNeeded: value &>> 32))
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
        let place = reader.offset
        try reader.skip(Int(mark) * 6)
        try insert(reader.bytes, from: place, count: Int(mark))
    }

    /// Inserts values of 6 bytes, which the caller has checked to be there.
    private mutating func insert(
        _ bytes: RawSpan, from start: Int, count: Int
    ) throws(CorruptionError) {
        if isDense || count == 0 {
            try Self.forEachValue(bytes, from: start, count: count) { insert(value: $0) }
            return
        }
        // The least that may come next.
        var next: UInt64 = 0
        try insertSparse(count) { index throws(CorruptionError) in
            let value = Self.value(bytes, at: start &+ index &* 6)
            guard value >= next else { throw Self.misplaced(value, next, start &+ index &* 6) }
            next = value &+ 1
            return value
        }
    }

    /// Reads values of 6 bytes, which must ascend.
    @inline(__always)
    private static func forEachValue(
        _ bytes: RawSpan, from start: Int, count: Int, _ body: (UInt64) -> Void
    ) throws(CorruptionError) {
        var next: UInt64 = 0
        for index in 0..<count {
            let value = Self.value(bytes, at: start &+ index &* 6)
            guard value >= next else { throw misplaced(value, next, start &+ index &* 6) }
            body(value)
            next = value &+ 1
        }
    }

    @inline(__always)
    private static func value(_ bytes: RawSpan, at place: Int) -> UInt64 {
        // SAFETY: the caller of `insert` has checked that there are so many bytes.
        let low = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self)
        let high = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place &+ 4, as: UInt16.self)
        return UInt64(UInt16(littleEndian: high)) &<< 32 | UInt64(UInt32(littleEndian: low))
    }

    private static func misplaced(
        _ value: UInt64, _ least: UInt64, _ place: Int
    ) -> CorruptionError {
        CorruptionError(
            offset: place, expected: "a value above \(least - 1)", found: "\(value)")
    }

    private mutating func formUnion(
        decodingDense reader: inout ByteReader
    ) throws(CorruptionError) {
        let start = reader.offset
        try reader.skip(Self.registerCount)
        let bytes = reader.bytes
        // SAFETY: skipping has checked that there are as many bytes.
        let ranks = unsafe bytes.extracting(unchecked: start..<start + Self.registerCount)
        var greatest: UInt8 = 0
        for index in 0..<Self.registerCount {
            greatest = max(greatest, unsafe ranks.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        guard greatest <= Self.rankMax else { throw Self.wrongRank(ranks, at: start) }
        if !isDense { makeDense() }
        invariant(registers.count == Self.registerCount)
        var target = registers.mutableSpan
        for index in 0..<Self.registerCount {
            let rank = unsafe ranks.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            // SAFETY: there are as many registers.
            unsafe target[unchecked: index] = max(target[unchecked: index], rank)
        }
    }

    private static func wrongRank(_ ranks: RawSpan, at start: Int) -> CorruptionError {
        var index = 0
        var rank: UInt8 = 0
        repeat {
            rank = unsafe ranks.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            index += 1
        } while rank <= rankMax
        return CorruptionError(
            offset: start + index - 1, expected: "a rank of at most \(rankMax)", found: "\(rank)")
    }
}
