package import Base

/// Values that follow from those of another column: `correlated`.
package enum CorrelatedStream {
    /// Whether so many exceptions surely take less than half of the codes' packed form.
    package static func isWorthwhile(exceptions: Int, count: Int, greatest: UInt32) -> Bool {
        let packed = packedByteCount(count, width: bitWidth(UInt64(greatest)))
        return Correlated.estimate(exceptions: exceptions, count: count, greatest: greatest)
            < packed / 2
    }

    /// Appends the rows whose code is not the derived one.
    package static func encode(
        _ codes: [UInt32], following derived: [UInt32], into target: inout [UInt8]
    ) {
        Correlated.encode(codes, following: derived, into: &target)
    }

    /// Appends the differences from the source's integers, modulo 2^64.
    package static func encode(
        _ integers: [Int64], following source: [Int64], into target: inout [UInt8]
    ) {
        Correlated.encode(integers, following: source, into: &target)
    }

    /// Turns the derived codes into those that were encoded.
    package static func decode(
        from reader: inout ByteReader, following codes: inout [UInt32]
    ) throws(CorruptionError) {
        try Correlated.decode(&reader, into: &codes)
    }

    /// Turns the source's integers into those that were encoded.
    package static func decode(
        from reader: inout ByteReader, following integers: inout [Int64]
    ) throws(CorruptionError) {
        try Correlated.decode(&reader, into: &integers)
    }
}
