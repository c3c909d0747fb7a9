import Base
import Codecs
import Testing

/// The worked examples of `format-spec.md`, byte for byte, written and read.
@Suite struct WorkedExampleTests {
    @Test func plain() throws {
        try expect(codes: [1, 256], as: .plain, [0x01, 0, 0, 0, 0x00, 0x01, 0, 0])
        try expect(
            integers: [-2, 1], as: .plain,
            [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0, 0, 0, 0, 0, 0, 0])
        var bytes: [UInt8] = []
        #expect(FloatStream.encode([1.5], as: .plain, into: &bytes))
        #expect(bytes == [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
        bytes = []
        var bits = Bitmap(count: 10)
        for row in [0, 2, 9] { bits[row] = true }
        #expect(BooleanStream.encode(bits, as: .plain, into: &bytes))
        #expect(bytes == [0x05, 0x02])
        bytes = []
        #expect(StringStream.encode(StringTable(["ab", "", "c"]), as: .plain, into: &bytes))
        #expect(bytes == [0x03, 0x00, 0x02, 0x12, 0x61, 0x62, 0x63])
    }

    @Test func constant() throws {
        try expect(codes: [7, 7, 7], as: .constant, [0x0E])
        try expect(integers: [-300, -300], as: .constant, [0xD7, 0x04])
        var bytes: [UInt8] = []
        #expect(FloatStream.encode([1.5, 1.5], as: .constant, into: &bytes))
        #expect(bytes == [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
        bytes = []
        #expect(BooleanStream.encode(Bitmap(repeating: true, count: 9), into: &bytes) == .constant)
        #expect(bytes == [0x01])
        bytes = []
        #expect(StringStream.encode(StringTable(["ab", "ab"]), into: &bytes) == .constant)
        #expect(bytes == [0x02, 0x61, 0x62])
    }

    @Test func bitPacked() throws {
        // Distances 0, 5, 3, 7 of 3 bits: 111 011 101 000 as one number is 0xEE8.
        try expect(integers: [100, 105, 103, 107], as: .bitPacked, [0xC8, 0x01, 0x03, 0xE8, 0x0E])
        try expect(codes: [2, 1, 3], as: .bitPacked, [0x02, 0x02, 0x21])
    }

    @Test func delta() throws {
        // Differences 10, 12, 10, 11: least 10, distances 0, 2, 0, 1 of 2 bits.
        try expect(
            integers: [1_000, 1_010, 1_022, 1_032, 1_043], as: .delta,
            [0xD0, 0x0F, 0x14, 0x02, 0x48])
        try expect(integers: [5, 4, 3], as: .delta, [0x0A, 0x01, 0x00])
    }

    @Test func runLength() throws {
        // Two runs, the value 9 four times and the value 1 twice.
        try expect(
            integers: [9, 9, 9, 9, 1, 1], as: .runLength,
            [0x02, 0x03, 0x02, 0x04, 0x08, 0x03, 0x04, 0x02, 0x02])
        // Of 100 booleans the first 40 are true: the lengths are a delta stream.
        var bits = Bitmap(count: 100)
        for row in 0..<40 { bits[row] = true }
        var bytes: [UInt8] = []
        #expect(BooleanStream.encode(bits, as: .runLength, into: &bytes))
        #expect(bytes == [0x01, 0x02, 0x04, 0x50, 0x28, 0x00])
        var reader = ByteReader(bytes.span)
        #expect(try BooleanStream.decode(.runLength, count: 100, from: &reader) == bits)
    }

    @Test func patched() throws {
        // Base 20, two bits; row 1 is a patch, so that rows and patches are constants.
        try expect(
            integers: [20, 1_000_000, 21, 20, 23, 22, 21, 20], as: .patched,
            [0x28, 0x02, 0x01, 0x10, 0x1B, 0x02, 0x02, 0x02, 0x80, 0x89, 0x7A])
        try expect(
            codes: [20, 1_000_000, 21, 20, 23, 22, 21, 20], as: .patched,
            [0x28, 0x02, 0x01, 0x10, 0x1B, 0x02, 0x02, 0x02, 0x80, 0x89, 0x7A])
    }

    @Test func differences() throws {
        // Squares: the differences 1, 3, 5, … are a delta stream of width 0.
        try expect(
            integers: [0, 1, 4, 9, 16, 25, 36], as: .differences, [0x00, 0x04, 0x02, 0x04, 0x00])
        try expect(
            codes: [0, 1, 4, 9, 16, 25, 36], as: .differences, [0x00, 0x04, 0x02, 0x04, 0x00])
    }

    @Test func decimal() throws {
        // Hundredths 150, 225, and for the exception 225 again.
        let floats = [1.5, 2.25, .nan]
        let expected: [UInt8] = [
            0x02, 0x03, 0xAC, 0x02, 0x07, 0x80, 0xE5, 0x12, 0x01, 0x02, 0x04, 0, 0, 0, 0, 0, 0,
            0xF8, 0x7F,
        ]
        var bytes: [UInt8] = []
        #expect(FloatStream.encode(floats, as: .decimal, into: &bytes))
        #expect(bytes == expected)
        var reader = ByteReader(expected.span)
        let decoded = try FloatStream.decode(.decimal, count: 3, from: &reader)
        #expect(decoded.map(\.bitPattern) == floats.map(\.bitPattern))
        // Floats take the encodings of integers for their bits: 1.0 and the float after it.
        bytes = []
        #expect(FloatStream.encode([1, 1.0.nextUp], as: .bitPacked, into: &bytes))
        #expect(bytes == [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xF0, 0x7F, 0x01, 0x02])
    }

    @Test func digits() throws {
        // Two pieces: "e_" and a hexadecimal digit, "b" and two decimal ones: 0, 15 and 12, 34.
        try expect(
            ["e_0b12", "e_fb34"], as: .digits,
            [
                0x02, 0x02, 0x65, 0x5F, 0x01, 0x02, 0x01, 0x62, 0x02, 0x01, 0x00,
                0x03, 0x00, 0x04, 0xF0, 0x04, 0x18, 0x2C, 0x00,
            ])
        // Digits whose number varies: "u7", "u42", "u" are 70, 42, 00 with 1, 2, 0 of them.
        try expect(
            ["u7", "u42", "u"], as: .digits,
            [
                0x01, 0x01, 0x75, 0x02, 0x01, 0x01, 0x03, 0x00, 0x02, 0x09,
                0x03, 0x00, 0x07, 0x46, 0x15, 0x00,
            ])
    }

    @Test func frontCoded() throws {
        // Shared 0, 2, 3; the rests "abc", "d", "e".
        try expect(
            ["abc", "abd", "abde"], as: .frontCoded,
            [
                0x03, 0x00, 0x02, 0x38, 0x03, 0x02, 0x02, 0x02, 0x61, 0x62, 0x63, 0x64, 0x65,
            ])
    }

    @Test func dictionary() throws {
        try expect(
            ["b", "a", "b", "b"], as: .dictionary,
            [0x02, 0x01, 0x02, 0x02, 0x61, 0x62, 0x03, 0x00, 0x01, 0x0D])
    }

    @Test func correlated() throws {
        // Of five rows that should be 4 4 9 9 1 the third is 2.
        var bytes: [UInt8] = []
        var codes: [UInt32] = [4, 4, 9, 9, 1]
        CorrelatedStream.encode([4, 4, 2, 9, 1], following: codes, into: &bytes)
        #expect(bytes == [0x01, 0x02, 0x04, 0x02, 0x04])
        var reader = ByteReader(bytes.span)
        try CorrelatedStream.decode(from: &reader, following: &codes)
        try reader.requireEnd()
        #expect(codes == [4, 4, 2, 9, 1])
        bytes = []
        var integers: [Int64] = [1_000, 2_000]
        CorrelatedStream.encode([1_005, 2_005], following: integers, into: &bytes)
        #expect(bytes == [0x02, 0x0A])
        var other = ByteReader(bytes.span)
        try CorrelatedStream.decode(from: &other, following: &integers)
        #expect(integers == [1_005, 2_005])
    }

    private func expect(
        _ strings: [String], as encoding: Encoding, _ expected: [UInt8]
    ) throws {
        var bytes: [UInt8] = []
        #expect(StringStream.encode(StringTable(strings), as: encoding, into: &bytes))
        #expect(bytes == expected)
        var reader = ByteReader(expected.span)
        let decoded = try StringStream.decode(encoding, count: strings.count, from: &reader)
        #expect(decoded == StringTable(strings))
        try reader.requireEnd()
    }

    private func expect(
        codes: [UInt32], as encoding: Encoding, _ expected: [UInt8]
    ) throws {
        var bytes: [UInt8] = []
        #expect(CodeStream.encode(codes, as: encoding, into: &bytes))
        #expect(bytes == expected)
        var reader = ByteReader(expected.span)
        #expect(try CodeStream.decode(encoding, count: codes.count, from: &reader) == codes)
    }

    private func expect(
        integers: [Int64], as encoding: Encoding, _ expected: [UInt8]
    ) throws {
        var bytes: [UInt8] = []
        #expect(IntegerStream.encode(integers, as: encoding, into: &bytes))
        #expect(bytes == expected)
        var reader = ByteReader(expected.span)
        let decoded = try IntegerStream.decode(encoding, count: integers.count, from: &reader)
        #expect(decoded == integers)
    }
}
