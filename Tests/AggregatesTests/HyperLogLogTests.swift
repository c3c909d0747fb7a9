import Aggregates
import Base
import Testing

@Suite struct HyperLogLogTests {
    /// The worked example of format-spec.md, "States".
    @Test func theExampleOfTheSpecification() {
        var state = HyperLogLog()
        #expect(state.serialized() == [0, 0])
        for user in ["user_1", "user_2"] { state.insert(hash: hash64(user)) }
        #expect(
            state.serialized() == [
                0x02, 0x00, 0x92, 0xDC, 0x69, 0x49, 0x2F, 0x4C, 0x7F, 0xFB, 0x8D, 0x2D, 0xD0, 0x94,
            ])
    }

    /// Random states against sets of the kept bits, while they are exact.
    @Test(arguments: 0..<20) func countsExactlyWhileSparse(round: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var sketch = HyperLogLog()
        var twin: Set<UInt64> = []
        for _ in 0..<random.below(4_000) {
            let hash = hash64(UInt64(random.below(2_048)))
            sketch.insert(hash: hash)
            twin.insert(hash >> 16)
        }
        #expect(sketch.isExact, "seed \(seed)")
        #expect(sketch.estimate().value == UInt64(twin.count), "seed \(seed)")
        #expect(sketch.estimate().isExact)
    }

    @Test func turnsDenseWithTheFirstValueTooMany() {
        var sketch = HyperLogLog()
        for number in 0..<UInt64(HyperLogLog.sparseLimit) { sketch.insert(hash: hash64(number)) }
        #expect(sketch.estimate() == .init(value: 2_048, isExact: true))
        sketch.insert(hash: hash64(7))
        #expect(sketch.isExact)
        sketch.insert(hash: hash64(2_048))
        #expect(!sketch.isExact)
        #expect(sketch.byteCount == 16_384)
    }

    @Test func keepsSmallStatesSmall() {
        var sketch = HyperLogLog()
        #expect(sketch.isEmpty && sketch.byteCount == 0)
        sketch.insert(hash: 0)
        #expect(!sketch.isEmpty && sketch.byteCount == 16)
        #expect(sketch.serialized().count == 8)
        for number in 1..<10 { sketch.insert(hash: hash64(UInt64(number))) }
        #expect(sketch.byteCount == 128)
    }

    /// The same set, split, ordered, repeated and joined at random, gives the same bytes.
    @Test(arguments: 0..<12) func isCanonical(round: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let count = [0, 1, 3, 100, 2_048, 2_049, 9_000][round % 7]
        let hashes = (0..<count).map { _ in random.next() }
        var plain = HyperLogLog()
        plain.insert(hashes: hashes.span)
        var states = (0...random.below(9)).map { _ in HyperLogLog() }
        var shuffled = hashes + hashes.prefix(random.below(count + 1))
        shuffled.shuffle(using: &random)
        for (index, hash) in shuffled.enumerated() {
            // Each hash at least once, somewhere.
            states[index % states.count].insert(hash: hash)
            states[random.below(states.count)].insert(hash: hash)
        }
        while states.count > 1 {
            let taken = states.remove(at: random.below(states.count))
            states[random.below(states.count)].formUnion(taken)
        }
        #expect(states[0] == plain, "seed \(seed), \(count) values")
        #expect(states[0].serialized() == plain.serialized(), "seed \(seed), \(count) values")
        #expect(HyperLogLog.union([plain, states[0], HyperLogLog()]) == plain)
    }

    /// Estimates over many seeds: no bias beyond chance, a spread as stated.
    @Test(arguments: [2_500, 5_000, 20_000, 60_000, 200_000])
    func estimatesWithinTheStatedError(count: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let rounds = 40
        var squares = 0.0
        var errors = 0.0
        for _ in 0..<rounds {
            var sketch = HyperLogLog()
            for _ in 0..<count { sketch.insert(hash: random.next()) }
            let error = Double(sketch.estimate().value) / Double(count) - 1
            #expect(abs(error) < 5 * HyperLogLog.relativeError, "seed \(seed), error \(error)")
            errors += error
            squares += error * error
        }
        let bias = errors / Double(rounds)
        let spread = (squares / Double(rounds)).squareRoot()
        #expect(abs(bias) < 0.8 * HyperLogLog.relativeError, "seed \(seed)")
        #expect(spread < 1.7 * HyperLogLog.relativeError, "seed \(seed)")
    }

    @Test(arguments: [0, 1, 17, 2_048, 3_000]) func survivesSerialisation(count: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var sketch = HyperLogLog()
        for _ in 0..<count { sketch.insert(hash: random.next()) }
        let bytes = sketch.serialized()
        let copy = try HyperLogLog(decoding: bytes.span)
        #expect(copy == sketch, "seed \(seed)")
        #expect(copy.serialized() == bytes, "seed \(seed)")

        // Read from the middle of other bytes, and into a state that already holds something.
        var reader = ByteReader(unsafe (bytes + bytes + [9]).span.bytes)
        var joined = try HyperLogLog(decoding: &reader)
        try joined.formUnion(decoding: &reader)
        #expect(joined == sketch)
        #expect(reader.remaining == 1)
    }

    @Test func writesTheBytesThatAreDocumented() {
        var sketch = HyperLogLog()
        sketch.insert(hash: 0x0102_0304_0506_0708)
        sketch.insert(hash: 0x0000_0000_0001_FFFF)
        let expected: [UInt8] = [2, 0, 1, 0, 0, 0, 0, 0, 6, 5, 4, 3, 2, 1]
        #expect(sketch.serialized() == expected)
    }

    /// Damaged bytes either fail or are another state's canonical bytes.
    @Test(arguments: [0, 1, 40, 3_000]) func refusesDamagedBytes(count: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var sketch = HyperLogLog()
        for _ in 0..<count { sketch.insert(hash: random.next()) }
        let bytes = sketch.serialized()
        for _ in 0..<300 {
            var damaged = bytes
            switch random.below(3) {
            case 0: damaged.removeLast(1 + random.below(damaged.count))
            case 1: damaged.append(UInt8(random.below(256)))
            default: damaged[random.below(damaged.count)] ^= UInt8(1 << random.below(8))
            }
            guard let read = try? HyperLogLog(decoding: damaged.span) else { continue }
            #expect(read.serialized() == damaged, "seed \(seed)")
        }
        for length in 0..<min(bytes.count, 60) {
            #expect(throws: CorruptionError.self) {
                try HyperLogLog(decoding: Array(bytes[..<length]).span)
            }
        }
    }

    @Test func namesTheDamage() {
        let unordered: [UInt8] = [2, 0, 6, 5, 4, 3, 2, 1, 1, 0, 0, 0, 0, 0]
        #expect(
            throws: CorruptionError(
                offset: 8, expected: "a value above 1108152157446", found: "1")
        ) { try HyperLogLog(decoding: unordered.span) }
        #expect(
            throws: CorruptionError(
                offset: 0, expected: "at most 2048 values", found: "2049")
        ) { try HyperLogLog(decoding: ([0x01, 0x08] as [UInt8]).span) }
        let dense = [0xFF, 0xFF] + [UInt8](repeating: 0, count: 16_383) + [36]
        #expect(
            throws: CorruptionError(
                offset: 16_385, expected: "a rank of at most 35", found: "36")
        ) { try HyperLogLog(decoding: dense.span) }
    }

    @Test func copiesAreIndependent() {
        var first = HyperLogLog()
        first.insert(hash: hash64(1))
        let second = first
        first.insert(hash: hash64(2))
        #expect(second.estimate().value == 1)
        #expect(first.estimate().value == 2)
    }
}
