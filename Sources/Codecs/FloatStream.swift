package import Base

/// Streams of 64-bit floats, kept to the bit.
///
/// Beside `plain`, `constant` and `decimal` they take the encodings of integers, which then hold
/// their bits.
package enum FloatStream {
    /// Appends the values in the smallest encoding, and says which that is.
    package static func encode(_ floats: [Double], into target: inout [UInt8]) -> Encoding {
        if Constant.fits(floats) {
            Constant.encode(floats, into: &target)
            return .constant
        }
        let start = target.count
        let plainBytes = floats.count * 8
        if let digits = Decimal.digits(of: floats) {
            Decimal.encode(floats, digits: digits, into: &target)
            if target.count - start < plainBytes { return .decimal }
            target.removeLast(target.count - start)
        }
        let encoding = NumberStream.encode(patterns(of: floats), among: .inner, into: &target)
        invariant(target.count - start <= plainBytes, "floats as \(encoding)")
        return encoding
    }

    /// Encodes in one certain encoding; false where it cannot hold these values.
    package static func encode(
        _ floats: [Double], as encoding: Encoding, into target: inout [UInt8]
    ) -> Bool {
        switch encoding {
        case .plain: Plain.encode(floats, into: &target)
        case .constant where Constant.fits(floats): Constant.encode(floats, into: &target)
        case .decimal where !floats.isEmpty:
            Decimal.encode(floats, digits: Decimal.digits(of: floats) ?? 0, into: &target)
        case .bitPacked, .delta, .runLength, .patched:
            return NumberStream.encode(patterns(of: floats), as: encoding, into: &target)
        default: return false
        }
        return true
    }

    /// Decodes `count` values, and reads no byte more than they take.
    package static func decode(
        _ encoding: Encoding, count: Int, from reader: inout ByteReader
    ) throws(CorruptionError) -> [Double] {
        try requireCount(count, reader.offset)
        switch encoding {
        case .plain, .decimal:
            var floats = [Double](repeating: 0, count: count)
            if encoding == .plain {
                try Plain.decode(&reader, into: &floats)
            } else {
                try Decimal.decode(&reader, into: &floats)
            }
            return floats
        case .constant: return try Constant.decodeFloats(&reader, count: count)
        case .bitPacked, .delta, .runLength, .patched:
            var patterns = [Int64](repeating: 0, count: count)
            try NumberStream.decode(encoding, &reader, into: &patterns)
            return floats(of: patterns)
        default: throw unsupported(encoding, "floats", reader.offset)
        }
    }

    private static func patterns(of floats: [Double]) -> [Int64] {
        floats.map { Int64(bitPattern: $0.bitPattern) }
    }

    private static func floats(of patterns: [Int64]) -> [Double] {
        patterns.map { Double(bitPattern: UInt64(bitPattern: $0)) }
    }
}
