import Base
import Testing

@Suite struct ByteReaderTests {
    @Test func varintsHaveTheirWorkedForm() {
        var writer = ByteWriter()
        writer.appendVarint(UInt64(0))
        writer.appendVarint(UInt64(127))
        writer.appendVarint(UInt64(300))
        writer.appendVarint(UInt64.max)
        let longest: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
        #expect(writer.bytes == [0x00, 0x7F, 0xAC, 0x02] + longest)
    }

    @Test func zigzagAlternates() {
        #expect([0, -1, 1, -2, 2].map { zigzag($0) } == [0, 1, 2, 3, 4])
        for number in [Int64.min, -1, 0, 1, .max] { #expect(unzigzag(zigzag(number)) == number) }
    }

    @Test func everythingWrittenIsReadBack() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let word = UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0...63)
            let signed = Int64(bitPattern: word) &* (word & 1 == 0 ? 1 : -1)
            var writer = ByteWriter()
            writer.appendVarint(word)
            writer.appendZigzag(signed)
            writer.append("héllo\0")
            writer.appendFixed(UInt32(truncatingIfNeeded: word))
            writer.appendFixed(signed)
            let bytes = writer.bytes
            var reader = ByteReader(bytes.span)
            #expect(try reader.readVarint() == word)
            #expect(try reader.readZigzag() == signed)
            #expect(try reader.readString(atMost: 16) == "héllo\0")
            #expect(try reader.readFixed(UInt32.self) == UInt32(truncatingIfNeeded: word))
            #expect(try reader.readFixed(Int64.self) == signed)
            try reader.requireEnd()
        }
    }

    @Test(
        arguments: [
            [], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        ] as [[UInt8]])
    func damagedVarintsAreRefused(bytes: [UInt8]) {
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.span)
            _ = try reader.readVarint()
        }
    }

    @Test func lengthsAreCheckedBeforeTheyAreUsed() {
        let bytes: [UInt8] = [200, 1, 65, 66]
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.span)
            _ = try reader.readString(atMost: 100)
        }
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.span)
            _ = try reader.readString(atMost: 1_000)
        }
        let text: [UInt8] = [2, 0xC3, 0x28]
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(text.span)
            _ = try reader.readString(atMost: 10)
        }
    }

    @Test func errorsSayWhere() throws {
        let error = CorruptionError(offset: 7, expected: "a", found: "b").located(
            in: "parts/x", base: 100)
        #expect(error.description == "parts/x, offset 107: expected a, found b")
    }
}
