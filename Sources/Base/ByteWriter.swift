/// Appends little-endian numbers, varints and strings to a byte array.
package struct ByteWriter: Sendable {
    /// What is written so far.
    package private(set) var bytes: [UInt8]

    /// How many bytes are written so far, which is the offset of the next.
    @inlinable
    package var count: Int { bytes.count }

    /// A writer whose first `capacity` bytes need no further allocation.
    package init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Appends one byte.
    package mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Appends bytes as they are, without their count.
    package mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Appends bytes as they are, without their count.
    package mutating func append(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

    /// Appends an integer in its full width, little-endian.
    package mutating func appendFixed<Number: FixedWidthInteger>(_ number: Number) {
        var rest = number
        for _ in 0..<(Number.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// Appends an unsigned LEB128 varint: seven bits a byte, lowest first, 1 to 10 bytes.
    package mutating func appendVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a count, as a varint.
    package mutating func appendVarint(_ count: Int) {
        invariant(count >= 0, "negative count \(count)")
        appendVarint(UInt64(count))
    }

    /// Appends a signed number as the varint of its zigzag form.
    package mutating func appendZigzag(_ number: Int64) {
        appendVarint(zigzag(number))
    }

    /// Appends the length of the UTF-8 form as a varint, then its bytes.
    package mutating func append(_ string: String) {
        appendVarint(string.utf8.count)
        bytes.append(contentsOf: string.utf8)
    }

    /// Overwrites four bytes at `offset`, for a checksum that follows what it covers.
    package mutating func overwrite(_ number: UInt32, at offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt32(index)))
        }
    }
}

/// Maps signed to unsigned so that small magnitudes stay small.
///
/// 0, -1, 1, -2 … become 0, 1, 2, 3 …
@inlinable
package func zigzag(_ number: Int64) -> UInt64 {
    UInt64(bitPattern: (number &<< 1) ^ (number &>> 63))
}

/// The inverse of `zigzag`.
@inlinable
package func unzigzag(_ number: UInt64) -> Int64 {
    Int64(bitPattern: (number &>> 1) ^ (0 &- (number & 1)))
}
