package import Base

// One namespace for each kind of values that a block holds. Each appends values in the encoding
// that is the smallest for them and says which; and decodes a stated number of values, checking
// every length. Streams end by themselves: decoding reads no byte more than the values take.

/// Streams of dictionary codes, lengths and other small unsigned numbers.
package enum CodeStream {
    /// Appends the values in the smallest encoding, and says which that is.
    package static func encode(_ codes: [UInt32], into target: inout [UInt8]) -> Encoding {
        NumberStream.encode(codes, into: &target)
    }

    /// Encodes in one certain encoding; false where it cannot hold these values.
    package static func encode(
        _ codes: [UInt32], as encoding: Encoding, into target: inout [UInt8]
    ) -> Bool {
        NumberStream.encode(codes, as: encoding, into: &target)
    }

    /// Decodes `count` values, and reads no byte more than they take.
    package static func decode(
        _ encoding: Encoding, count: Int, from reader: inout ByteReader
    ) throws(CorruptionError) -> [UInt32] {
        try requireCount(count, reader.offset)
        var codes = [UInt32](repeating: 0, count: count)
        try NumberStream.decode(encoding, &reader, into: &codes)
        return codes
    }
}

/// Streams of 64-bit integers and timestamps.
package enum IntegerStream {
    /// Appends the values in the smallest encoding, and says which that is.
    package static func encode(_ integers: [Int64], into target: inout [UInt8]) -> Encoding {
        NumberStream.encode(integers, into: &target)
    }

    /// Encodes in one certain encoding; false where it cannot hold these values.
    package static func encode(
        _ integers: [Int64], as encoding: Encoding, into target: inout [UInt8]
    ) -> Bool {
        NumberStream.encode(integers, as: encoding, into: &target)
    }

    /// Decodes `count` values, and reads no byte more than they take.
    package static func decode(
        _ encoding: Encoding, count: Int, from reader: inout ByteReader
    ) throws(CorruptionError) -> [Int64] {
        try requireCount(count, reader.offset)
        var integers = [Int64](repeating: 0, count: count)
        try NumberStream.decode(encoding, &reader, into: &integers)
        return integers
    }
}

/// Refuses more values than any block has.
func requireCount(_ count: Int, _ offset: Int) throws(CorruptionError) {
    guard count >= 0, count <= CodecLimits.valuesMax else {
        throw CorruptionError(
            offset: offset, expected: "at most \(CodecLimits.valuesMax) values",
            found: "\(count)")
    }
}

/// What a reader says where an encoding does not hold such values.
func unsupported(_ encoding: Encoding, _ what: String, _ offset: Int) -> CorruptionError {
    CorruptionError(
        offset: offset, expected: "an encoding of \(what)", found: "\(encoding)")
}
