internal import Base

extension Constant {
    static func decode<Number: StreamNumber>(
        _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        let number = Number(truncatingIfNeeded: try reader.readZigzag())
        for index in target.indices { target[index] = number }
    }

    static func decodeFloats(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> [Double] {
        let pattern = try reader.readFixed(UInt64.self)
        return [Double](repeating: Double(bitPattern: pattern), count: count)
    }

    static func decodeBits(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> Bitmap {
        let start = reader.offset
        let byte = try reader.readByte()
        guard byte <= 1 else {
            throw CorruptionError(offset: start, expected: "0 or 1", found: "\(byte)")
        }
        return Bitmap(repeating: byte == 1, count: count)
    }

    static func decodeStrings(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> StringTable {
        // All copies together keep within the limit of a body, as their plain form would.
        let limit = CodecLimits.bodyBytesMax / max(1, count)
        let length = try reader.readCount(atMost: limit, of: "bytes of a repeated string")
        let entry = try reader.readBytes(length)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length * count)
        var offsets = [UInt32](repeating: 0, count: count + 1)
        for index in 0..<count {
            bytes.append(contentsOf: entry)
            offsets[index + 1] = UInt32(bytes.count)
        }
        return StringTable(offsets: offsets, bytes: bytes)
    }
}
