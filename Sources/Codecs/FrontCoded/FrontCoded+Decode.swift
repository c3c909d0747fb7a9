internal import Base

extension FrontCoded {
    static func decode(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> StringTable {
        let start = reader.offset
        var shared = [UInt32](repeating: 0, count: count)
        try NumberStream.decode(try reader.readEncoding(), &reader, into: &shared)
        let rests = try Plain.decodeStrings(&reader, count: count)
        var offsets = [UInt32](repeating: 0, count: count + 1)
        var (end, before) = (0, 0)
        for index in 0..<count {
            let same = Int(shared[index])
            guard same <= before else {
                throw CorruptionError(
                    offset: start, expected: "at most \(before) bytes shared", found: "\(same)")
            }
            before = same &+ rests.range(index).count
            end &+= before
            guard end <= CodecLimits.bodyBytesMax else {
                throw CorruptionError(
                    offset: start, expected: "\(CodecLimits.bodyBytesMax) bytes at most",
                    found: "more")
            }
            offsets[index &+ 1] = UInt32(truncatingIfNeeded: end)
        }
        return StringTable(offsets: offsets, bytes: join(shared, rests, offsets))
    }

    private static func join(
        _ shared: [UInt32], _ rests: StringTable, _ offsets: [UInt32]
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(offsets[offsets.count - 1]))
        unsafe bytes.withUnsafeMutableBytes { room in
            unsafe rests.bytes.withUnsafeBytes { source in
                guard let target = room.baseAddress, let rest = source.baseAddress else { return }
                var before = 0
                for index in shared.indices {
                    // All places were checked to lie within both.
                    let same = Int(shared[index])
                    let own = Int(offsets[index])
                    unsafe target.advanced(by: own).copyMemory(
                        from: target.advanced(by: before), byteCount: same)
                    before = own
                    let range = rests.range(index)
                    unsafe target.advanced(by: own &+ same).copyMemory(
                        from: rest.advanced(by: range.lowerBound), byteCount: range.count)
                }
            }
        }
        return bytes
    }
}
