package import Base

extension Plain {
    static func decode<Number: BitwiseCopyable>(
        _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        try reader.readPlain(into: &target)
    }

    static func decodeBits(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> Bitmap {
        let start = reader.offset
        var bytes = try reader.readBytes((count + 7) / 8)
        if count & 7 != 0, let last = bytes.last, last >> UInt8(count & 7) != 0 {
            throw CorruptionError(
                offset: start + bytes.count - 1, expected: "no bits beyond \(count)",
                found: "byte \(last)")
        }
        let wordCount = (count + 63) / 64
        bytes.append(contentsOf: repeatElement(0, count: wordCount * 8 - bytes.count))
        var words = [UInt64](repeating: 0, count: wordCount)
        unsafe words.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
        return Bitmap(words: words, count: count)
    }

    static func decodeStrings(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> StringTable {
        let encoding = try reader.readEncoding()
        let lengths = try CodeStream.decode(encoding, count: count, from: &reader)
        var offsets = [UInt32](repeating: 0, count: count + 1)
        let start = reader.offset
        let limit = UInt64(min(reader.remaining, CodecLimits.bodyBytesMax))
        // The sum of 2^20 lengths of 32 bits does not wrap in 64.
        var end: UInt64 = 0
        for index in 0..<count {
            end &+= UInt64(lengths[index])
            offsets[index &+ 1] = UInt32(truncatingIfNeeded: end)
        }
        guard end <= limit else {
            throw CorruptionError(
                offset: start, expected: "\(end) bytes of strings", found: "\(limit) at most")
        }
        return StringTable(offsets: offsets, bytes: try reader.readBytes(Int(end)))
    }
}

extension ByteReader {
    /// Reads the id of an encoding, one byte; fails if no encoding has it.
    package mutating func readEncoding() throws(CorruptionError) -> Encoding {
        let start = offset
        let id = try readByte()
        guard let encoding = Encoding(rawValue: id) else {
            throw CorruptionError(
                offset: start, expected: "the id of an encoding", found: "\(id)")
        }
        return encoding
    }
}
