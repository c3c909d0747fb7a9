internal import Base

extension DictionaryCoded {
    static func decode(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> StringTable {
        let start = reader.offset
        let entryCount = try reader.readCount(atMost: count, of: "entries")
        let encoding = try reader.readEncoding()
        guard encoding != .dictionary else {
            throw CorruptionError(
                offset: start, expected: "an encoding of entries", found: "\(encoding)")
        }
        let entries = try StringStream.decode(encoding, count: entryCount, from: &reader)
        var codes = [UInt32](repeating: 0, count: count)
        try NumberStream.decode(try reader.readEncoding(), &reader, into: &codes)
        var offsets = [UInt32](repeating: 0, count: count + 1)
        var end = 0
        for index in codes.indices {
            let code = Int(codes[index])
            guard code < entryCount else {
                throw CorruptionError(
                    offset: start, expected: "codes below \(entryCount)", found: "\(code)")
            }
            end &+= entries.range(code).count
            offsets[index &+ 1] = UInt32(truncatingIfNeeded: end)
        }
        // 2^20 strings of at most a body each do not wrap in 64 bits.
        guard end <= CodecLimits.bodyBytesMax else {
            throw CorruptionError(
                offset: start, expected: "\(CodecLimits.bodyBytesMax) bytes of strings at most",
                found: "\(end)")
        }
        return StringTable(offsets: offsets, bytes: expand(codes, entries, byteCount: end))
    }

    private static func expand(
        _ codes: [UInt32], _ entries: StringTable, byteCount: Int
    ) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { room, count in
            unsafe entries.bytes.withUnsafeBufferPointer { source in
                guard let target = room.baseAddress, let first = source.baseAddress else { return }
                for code in codes {
                    // The room has as many bytes as all codes' entries together.
                    let range = entries.range(Int(code))
                    unsafe target.advanced(by: count).update(
                        from: first.advanced(by: range.lowerBound), count: range.count)
                    count &+= range.count
                }
            }
        }
    }
}
