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
        let byteCount = packedByteCount(target.count - first, width: width)
        try reader.skip(byteCount)
        unsafe reader.bytes.unchecked(start, byteCount).withUnsafeBytes { packed in
            unsafe target.withUnsafeMutableBufferPointer { room in
                let rest = unsafe UnsafeMutableBufferPointer(rebasing: room[first...])
                unsafe Number.unpack(packed, width: width, base: base, into: rest)
            }
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
