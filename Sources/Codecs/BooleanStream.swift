package import Base

/// Streams of booleans, and the bitmaps of rows that have values.
package enum BooleanStream {
    /// Appends the values in the smallest encoding, and says which that is.
    package static func encode(_ bits: Bitmap, into target: inout [UInt8]) -> Encoding {
        if Constant.fits(bits) {
            Constant.encode(bits, into: &target)
            return .constant
        }
        let start = target.count
        let plainBytes = (bits.count + 7) / 8
        // A run takes a byte or more, mostly.
        if bits.count > 0, RunLength.runCount(of: bits) <= plainBytes {
            RunLength.encode(bits, into: &target)
            if target.count - start < plainBytes { return .runLength }
            target.removeLast(target.count - start)
        }
        Plain.encode(bits, into: &target)
        return .plain
    }

    /// Encodes in one certain encoding; false where it cannot hold these values.
    package static func encode(
        _ bits: Bitmap, as encoding: Encoding, into target: inout [UInt8]
    ) -> Bool {
        switch encoding {
        case .plain: Plain.encode(bits, into: &target)
        case .constant where Constant.fits(bits): Constant.encode(bits, into: &target)
        case .runLength where bits.count > 0: RunLength.encode(bits, into: &target)
        default: return false
        }
        return true
    }

    /// Decodes `count` values, and reads no byte more than they take.
    package static func decode(
        _ encoding: Encoding, count: Int, from reader: inout ByteReader
    ) throws(CorruptionError) -> Bitmap {
        try requireCount(count, reader.offset)
        switch encoding {
        case .plain: return try Plain.decodeBits(&reader, count: count)
        case .constant: return try Constant.decodeBits(&reader, count: count)
        case .runLength: return try RunLength.decodeBits(&reader, count: count)
        default: throw unsupported(encoding, "booleans", reader.offset)
        }
    }
}
