internal import Base

extension BitPacked {
    static func decode<Number: StreamNumber>(
        _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        let least = try reader.readZigzag()
        let width = try readWidth(&reader)
        try unpack(&reader, width: width, base: least, into: &target, from: 0)
    }

    static func readWidth(_ reader: inout ByteReader) throws(CorruptionError) -> Int {
        let start = reader.offset
        let width = Int(try reader.readByte())
        guard width <= CodecLimits.packedWidthMax else {
            throw CorruptionError(
                offset: start, expected: "at most \(CodecLimits.packedWidthMax) bits a value",
                found: "\(width)")
        }
        return width
    }

    /// Unpacks distances and adds `base`, for all of the target from index `first` on.
    static func unpack<Number: StreamNumber>(
        _ reader: inout ByteReader, width: Int, base: Int64, into target: inout [Number],
        from first: Int
    ) throws(CorruptionError) {
        let start = reader.offset
        let count = target.count - first
        let byteCount = packedByteCount(count, width: width)
        try reader.skip(byteCount)
        let packed = reader.bytes.unchecked(start, byteCount)
        let base = Number(truncatingIfNeeded: base)
        let whole = wholeLoads(count: count, width: width, byteCount: byteCount)
        var room = target.mutableSpan
        unpackWhole(packed, count: whole, width: width, base: base, into: &room, from: first)
        unpackTail(packed, from: whole, width: width, base: base, into: &room, first: first)
    }

    /// How many leading values can be read by 64-bit loads that stay within the bytes.
    private static func wholeLoads(count: Int, width: Int, byteCount: Int) -> Int {
        guard width > 0 else { return count }
        guard byteCount >= 8 else { return 0 }
        // Value i is loaded from byte (i·width) / 8, which must be at most byteCount - 8.
        return min(count, ((byteCount - 8) * 8 + 7) / width + 1)
    }

    private static func unpackWhole<Number: StreamNumber>(
        _ packed: RawSpan, count: Int, width: Int, base: Number,
        into target: inout MutableSpan<Number>, from first: Int
    ) {
        invariant(first + count <= target.count)
        guard width > 0 else {
            for index in first..<first + count { unsafe target[unchecked: index] = base }
            return
        }
        let mask: UInt64 = (1 &<< UInt64(width)) &- 1
        var bit = 0
        for index in first..<first &+ count {
            let word = unsafe packed.unsafeLoadUnaligned(
                fromByteOffset: bit &>> 3, as: UInt64.self)
            let distance = (word &>> UInt64(bit & 7)) & mask
            unsafe target[unchecked: index] = Number(truncatingIfNeeded: distance) &+ base
            bit &+= width
        }
    }

    /// The last few values, whose 64-bit loads would reach beyond the bytes.
    private static func unpackTail<Number: StreamNumber>(
        _ packed: RawSpan, from whole: Int, width: Int, base: Number,
        into target: inout MutableSpan<Number>, first: Int
    ) {
        let mask: UInt64 = (1 &<< UInt64(width)) &- 1
        for index in first + whole..<target.count {
            let bit = (index - first) * width
            var word: UInt64 = 0
            for place in 0..<min(8, packed.byteCount - bit / 8) {
                let byte = unsafe packed.unsafeLoad(
                    fromByteOffset: bit / 8 + place, as: UInt8.self)
                word |= UInt64(byte) << UInt64(8 * place)
            }
            let distance = (word >> UInt64(bit & 7)) & mask
            target[index] = Number(truncatingIfNeeded: distance) &+ base
        }
    }
}

extension RawSpan {
    /// The `count` bytes from `start` on, which the caller has checked to be there.
    @_lifetime(copy self)
    func unchecked(_ start: Int, _ count: Int) -> RawSpan {
        unsafe extracting(unchecked: start..<start + count)
    }
}
