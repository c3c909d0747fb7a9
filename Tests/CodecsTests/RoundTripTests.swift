import Base
import Codecs
import Testing

/// Every kind of values through every encoding, and through the one that is chosen.
@Suite struct RoundTripTests {
    @Test(arguments: Sample.all)
    func codesComeBack(sample: Sample) throws {
        let codes = sample.codes
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            guard CodeStream.encode(codes, as: encoding, into: &bytes) else {
                #expect(bytes.isEmpty)
                continue
            }
            var reader = ByteReader(bytes.span)
            let decoded = try CodeStream.decode(encoding, count: codes.count, from: &reader)
            #expect(decoded == codes, "\(encoding)")
            try reader.requireEnd()
        }
    }

    @Test(arguments: Sample.all)
    func integersComeBack(sample: Sample) throws {
        let integers = sample.integers
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            guard IntegerStream.encode(integers, as: encoding, into: &bytes) else {
                #expect(bytes.isEmpty)
                continue
            }
            var reader = ByteReader(bytes.span)
            let decoded = try IntegerStream.decode(
                encoding, count: integers.count, from: &reader)
            #expect(decoded == integers, "\(encoding)")
            try reader.requireEnd()
        }
    }

    @Test(arguments: Sample.all)
    func theChosenEncodingIsNeverLargerThanAnyOther(sample: Sample) throws {
        var chosen: [UInt8] = []
        let encoding = IntegerStream.encode(sample.integers, into: &chosen)
        // What these three take is known, or guessed from a sample, only roughly.
        let rough: Set<Encoding> = [.runLength, .patched, .differences]
        for other in Encoding.allCases where !rough.contains(other) {
            var bytes: [UInt8] = []
            guard IntegerStream.encode(sample.integers, as: other, into: &bytes) else { continue }
            #expect(chosen.count <= bytes.count, "\(encoding) against \(other)")
        }
        var reader = ByteReader(chosen.span)
        let count = sample.integers.count
        let decoded = try IntegerStream.decode(encoding, count: count, from: &reader)
        #expect(decoded == sample.integers)
        try reader.requireEnd()
    }

    @Test func eachEncodingIsChosenWhereItIsTheBest() {
        func chosen(_ integers: [Int64]) -> Encoding {
            var bytes: [UInt8] = []
            return IntegerStream.encode(integers, into: &bytes)
        }
        var generator = SeededRandom(seed: 1)
        #expect(chosen((0..<100).map { _ in Int64(bitPattern: generator.next()) }) == .plain)
        #expect(chosen([Int64](repeating: 3, count: 100)) == .constant)
        #expect(chosen((0..<100).map { _ in Int64(generator.next() % 1_000) }) == .bitPacked)
        #expect(chosen((0..<100).map { $0 * 1_000 + $0 % 2 }) == .delta)
        #expect(chosen((0..<100).map { $0 / 25 * ($0 / 25) * 977 }) == .runLength)
        // One value in two hundred is far away.
        let outliers = (0..<8_192).map { row in
            Int64(generator.next() % 1_000) + (row % 200 == 7 ? 1 << 40 : 0)
        }
        #expect(chosen(outliers) == .patched)
        // Times of one key after the other: short steps, and a long way back now and then.
        let times = (0..<8_192).map { row in
            1_768_003_200_000 + Int64(row % 100) * 60_000 + Int64(generator.next() % 50_000)
        }
        #expect(chosen(times) == .differences)
        #expect(chosen((0..<1_000).map { $0 * $0 }) == .differences)
    }

    @Test func floatsAreDecimalWhereTheyAre() {
        func chosen(_ floats: [Double]) -> (Encoding, byteCount: Int) {
            var bytes: [UInt8] = []
            return (FloatStream.encode(floats, into: &bytes), bytes.count)
        }
        var generator = SeededRandom(seed: 2)
        let prices = (0..<8_192).map { _ in Double(generator.next() % 100_000) / 100 }
        #expect(chosen(prices).0 == .decimal && chosen(prices).byteCount < 8_192 * 17 / 8 + 20)
        // All decimal numbers of 15 digits are, however they came about.
        let long = (0..<1_000).map { row in Double(123_456_789_012_000 + row) / 1e9 }
        #expect(chosen(long).0 == .decimal && chosen(long).byteCount < 1_000 * 2)
        let random = (0..<1_000).map { _ in Double(bitPattern: generator.next()) }
        #expect(chosen(random).0 == .plain)
        let near = (0..<1_000).map { _ in Double.random(in: 1..<2, using: &generator) }
        #expect(chosen(near).0 == .bitPacked)
        let mixed = prices.enumerated().map { $0.offset % 50 == 3 ? -0.0 : $0.element }
        #expect(chosen(mixed).0 == .decimal)
    }

    /// Two runs whose least length takes two bytes: the bound of the estimate forgot the second.
    ///
    /// The encoder checks in debug that nothing is larger than was estimated.
    @Test func runsAreNeverLargerThanEstimated() throws {
        for first in 1...300 {
            for second in [1, 63, 64, 65, 130, 300, 8_191, 9_000] {
                let runs =
                    [UInt32](repeating: 7, count: first)
                    + [UInt32](repeating: 70_000, count: second)
                var bytes: [UInt8] = []
                let encoding = CodeStream.encode(runs, into: &bytes)
                var reader = ByteReader(bytes.span)
                let decoded = try CodeStream.decode(encoding, count: runs.count, from: &reader)
                guard decoded == runs else {
                    Issue.record("\(first) and \(second) do not come back")
                    return
                }
            }
        }
    }

    @Test(arguments: Sample.all)
    func floatsComeBackBitForBit(sample: Sample) throws {
        let floats = sample.floats
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            guard FloatStream.encode(floats, as: encoding, into: &bytes) else {
                #expect(bytes.isEmpty)
                continue
            }
            var reader = ByteReader(bytes.span)
            let decoded = try FloatStream.decode(encoding, count: floats.count, from: &reader)
            #expect(decoded.map(\.bitPattern) == floats.map(\.bitPattern), "\(encoding)")
            try reader.requireEnd()
        }
        var chosen: [UInt8] = []
        let encoding = FloatStream.encode(floats, into: &chosen)
        #expect(chosen.count <= 8 * floats.count)
        var reader = ByteReader(chosen.span)
        let decoded = try FloatStream.decode(encoding, count: floats.count, from: &reader)
        #expect(decoded.map(\.bitPattern) == floats.map(\.bitPattern))
    }

    @Test func zeroAndMinusZeroAreNotOneConstant() {
        var bytes: [UInt8] = []
        #expect(FloatStream.encode([0.0, -0.0], into: &bytes) != .constant)
        bytes = []
        #expect(FloatStream.encode([Double.nan, .nan], into: &bytes) == .constant)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 63, 64, 65, 1_000])
    func booleansComeBack(count: Int) throws {
        var generator = SeededRandom(seed: UInt64(count))
        var mixed = Bitmap(count: 0)
        for _ in 0..<count { mixed.append(generator.next() & 1 == 1) }
        var runs = Bitmap(count: count)
        for row in 0..<count where row / 30 % 2 == 1 || row > 200 { runs[row] = true }
        for bits in [mixed, runs, Bitmap(count: count), Bitmap(repeating: true, count: count)] {
            for encoding in Encoding.allCases {
                var bytes: [UInt8] = []
                guard BooleanStream.encode(bits, as: encoding, into: &bytes) else { continue }
                var reader = ByteReader(bytes.span)
                #expect(
                    try BooleanStream.decode(encoding, count: count, from: &reader) == bits)
                try reader.requireEnd()
            }
            var chosen: [UInt8] = []
            _ = BooleanStream.encode(bits, into: &chosen)
            #expect(chosen.count <= (count + 7) / 8)
        }
    }

    @Test(arguments: StringSample.all)
    func stringsComeBack(sample: StringSample) throws {
        let table = StringTable(sample.strings)
        var plain: [UInt8] = []
        #expect(StringStream.encode(table, as: .plain, into: &plain))
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            guard StringStream.encode(table, as: encoding, into: &bytes) else { continue }
            var reader = ByteReader(bytes.span)
            #expect(try StringStream.decode(encoding, count: table.count, from: &reader) == table)
            try reader.requireEnd()
        }
        var chosen: [UInt8] = []
        _ = StringStream.encode(table, into: &chosen)
        #expect(chosen.count <= plain.count)
    }
}
