import Base
import Codecs
import Testing

@Suite struct ZstdTests {
    @Test func whatPaysComesBack() throws {
        var compressor = ZstdCompressor()
        var decompressor = ZstdDecompressor()
        var target: [UInt8] = []
        for count in [100, 10_000, 500] {
            let source = (0..<count).map { UInt8($0 / 50 % 7) }
            var bytes: [UInt8] = [1, 2]
            #expect(compressor.append(source.span, to: &bytes))
            #expect(bytes.count < count * 9 / 10 + 2)
            #expect(bytes.prefix(2) == [1, 2])
            try decompressor.decompress(
                bytes.span.extracting(2..<bytes.count), count: count, into: &target)
            #expect(target == source)
        }
    }

    @Test func whatDoesNotPayIsLeftAlone() {
        var compressor = ZstdCompressor(level: 3)
        var generator = SeededRandom(seed: 5)
        let noise = (0..<5_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        for source in [noise, [], [1, 2, 3]] {
            var bytes: [UInt8] = [9]
            #expect(!compressor.append(source.span, to: &bytes))
            #expect(bytes == [9])
        }
    }

    @Test func wrongLengthsAndBrokenFramesAreRefused() {
        var compressor = ZstdCompressor()
        let source = [UInt8](repeating: 7, count: 1_000)
        var bytes: [UInt8] = []
        #expect(compressor.append(source.span, to: &bytes))
        for count in [0, 999, 1_001] {
            #expect(throws: CorruptionError.self) {
                var decompressor = ZstdDecompressor()
                var target: [UInt8] = []
                try decompressor.decompress(bytes.span, count: count, into: &target)
            }
        }
        bytes[0] ^= 1
        #expect(throws: CorruptionError.self) {
            var decompressor = ZstdDecompressor()
            var target: [UInt8] = []
            try decompressor.decompress(bytes.span, count: 1_000, into: &target)
        }
    }
}
