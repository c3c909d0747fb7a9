/// Reads what `ByteWriter` wrote, checking every length; never traps on bad bytes.
package struct ByteReader: ~Escapable {
    /// All bytes, those that were read included.
    package let bytes: RawSpan
    /// The offset of the next byte to read.
    package private(set) var offset = 0

    /// Reads from the first byte on; the reader cannot outlive the bytes.
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// Reads from the first byte on; the reader cannot outlive the bytes.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) {
        self.init(unsafe bytes.bytes)
    }

    /// How many bytes are left.
    package var remaining: Int { bytes.byteCount - offset }

    /// Reads one byte.
    package mutating func readByte() throws(CorruptionError) -> UInt8 {
        try require(1)
        defer { offset += 1 }
        return unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Reads a little-endian integer in its full width.
    package mutating func readFixed<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self
    ) throws(CorruptionError) -> Number {
        let width = Number.bitWidth / 8
        try require(width)
        defer { offset += width }
        return Number(
            littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// Reads an unsigned varint of at most ten bytes.
    package mutating func readVarint() throws(CorruptionError) -> UInt64 {
        let start = offset
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readByte()
            if shift == 63, byte > 1 {
                throw CorruptionError(
                    offset: start, expected: "a varint of 64 bits", found: "a longer one")
            }
            number |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    /// Reads a varint that counts something, refusing one above `limit`.
    package mutating func readCount(
        atMost limit: Int, of what: StaticString
    ) throws(CorruptionError) -> Int {
        let start = offset
        let number = try readVarint()
        guard number <= UInt64(limit) else {
            throw CorruptionError(
                offset: start, expected: "at most \(limit) \(what)", found: "\(number)")
        }
        return Int(number)
    }

    /// Reads what `ByteWriter.appendZigzag` wrote: a signed number as a varint.
    package mutating func readZigzag() throws(CorruptionError) -> Int64 {
        unzigzag(try readVarint())
    }

    /// Reads so many bytes, as they are; fails before it copies if fewer are left.
    package mutating func readBytes(_ count: Int) throws(CorruptionError) -> [UInt8] {
        try require(count)
        defer { offset += count }
        return unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0[offset..<offset + count]) }
    }

    /// Reads a string of at most `limit` bytes of valid UTF-8.
    package mutating func readString(atMost limit: Int) throws(CorruptionError) -> String {
        let start = offset
        let count = try readCount(atMost: limit, of: "bytes of text")
        let text = try readBytes(count)
        guard let string = String(validating: text, as: UTF8.self) else {
            throw CorruptionError(offset: start, expected: "valid UTF-8", found: "other bytes")
        }
        return string
    }

    /// Passes over so many bytes; fails if fewer are left.
    package mutating func skip(_ count: Int) throws(CorruptionError) {
        try require(count)
        offset += count
    }

    /// Fails unless all bytes were read.
    package func requireEnd() throws(CorruptionError) {
        guard remaining == 0 else {
            throw CorruptionError(
                offset: offset, expected: "the end", found: "\(remaining) more bytes")
        }
    }

    private func require(_ count: Int) throws(CorruptionError) {
        guard count >= 0, count <= remaining else {
            throw CorruptionError(
                offset: offset, expected: "\(count) bytes", found: "\(remaining) left")
        }
    }
}
