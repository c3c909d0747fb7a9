internal import Base
internal import Codecs
internal import Expressions

// The footer holds its numbers as the blocks hold theirs: the id of an encoding, then a stream.

extension [UInt8] {
    mutating func appendStream(codes: [UInt32]) {
        appendStream { CodeStream.encode(codes, into: &$0) }
    }

    mutating func appendStream(integers: [Int64]) {
        appendStream { IntegerStream.encode(integers, into: &$0) }
    }

    mutating func appendStream(floats: [Double]) {
        appendStream { FloatStream.encode(floats, into: &$0) }
    }

    mutating func appendStream(strings: StringTable) {
        appendStream { StringStream.encode(strings, into: &$0) }
    }

    private mutating func appendStream(_ encode: (inout [UInt8]) -> Encoding) {
        let place = count
        append(0)
        self[place] = encode(&self).rawValue
    }
}

extension ByteReader {
    mutating func readCodes(count: Int) throws(CorruptionError) -> [UInt32] {
        let encoding = try readEncodingId()
        return try CodeStream.decode(encoding, count: count, from: &self)
    }

    mutating func readIntegers(count: Int) throws(CorruptionError) -> [Int64] {
        let encoding = try readEncodingId()
        return try IntegerStream.decode(encoding, count: count, from: &self)
    }

    mutating func readFloats(count: Int) throws(CorruptionError) -> [Double] {
        let encoding = try readEncodingId()
        return try FloatStream.decode(encoding, count: count, from: &self)
    }

    mutating func readStrings(count: Int) throws(CorruptionError) -> StringTable {
        let encoding = try readEncodingId()
        return try StringStream.decode(encoding, count: count, from: &self)
    }

    private mutating func readEncodingId() throws(CorruptionError) -> Encoding {
        let start = offset
        let id = try readByte()
        guard let encoding = Encoding(rawValue: id) else {
            throw CorruptionError(offset: start, expected: "the id of an encoding", found: "\(id)")
        }
        return encoding
    }
}
