import Base
import CKernels
import Testing

/// The loops in C against twins in Swift that are as plain as can be.
@Suite struct KernelTests {
    /// Value `index` of those packed, bit by bit.
    private func value(_ packed: [UInt8], _ index: Int, width: Int) -> UInt64 {
        (0..<width).reduce(0) { value, place in
            let bit = index * width + place
            return value | UInt64(packed[bit / 8] >> UInt8(bit % 8) & 1) << UInt64(place)
        }
    }

    @Test(arguments: 0...56)
    func unpackingIsThatOfTheTwin(width: Int) {
        var random = SeededRandom(seed: UInt64(width))
        for count in Array(0...40) + [63, 64, 65, 500] {
            let packed = (0..<(count * width + 7) / 8).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            let base = random.next()
            let expected = (0..<count).map { value(packed, $0, width: width) &+ base }
            let packedCount = packed.count
            let bits = UInt32(width)
            var wide = [UInt64](repeating: 0, count: count)
            unsafe weir_unpack64(packed, packedCount, bits, base, &wide, count)
            #expect(wide == expected, "\(count) values")
            wide = [UInt64](repeating: 0, count: count)
            unsafe weir_unpack64_portable(packed, packedCount, bits, base, &wide, count)
            #expect(wide == expected, "\(count) values")
            let low = UInt32(truncatingIfNeeded: base)
            let codes = expected.map { UInt32(truncatingIfNeeded: $0) }
            var narrow = [UInt32](repeating: 0, count: count)
            unsafe weir_unpack32(packed, packedCount, bits, low, &narrow, count)
            #expect(narrow == codes, "\(count) codes")
            narrow = [UInt32](repeating: 0, count: count)
            unsafe weir_unpack32_portable(packed, packedCount, bits, low, &narrow, count)
            #expect(narrow == codes, "\(count) codes")
        }
    }

    @Test func runsAreThoseOfTheTwin() {
        var random = SeededRandom(seed: 3)
        for round in 0..<200 {
            let lengths = (0..<round % 20 + 1).map { _ in
                UInt32(random.next() % UInt64(round / 4 + 1)) + 1
            }
            let values = lengths.map { _ in random.next() }
            let expected = zip(values, lengths).flatMap {
                [UInt64](repeating: $0, count: Int($1))
            }
            let count = expected.count
            var wide = [UInt64](repeating: 0, count: count)
            let isWide = unsafe weir_fill_runs64(values, lengths, lengths.count, &wide, count)
            #expect(isWide)
            #expect(wide == expected)
            let codes = values.map { UInt32(truncatingIfNeeded: $0) }
            var narrow = [UInt32](repeating: 0, count: count)
            let isNarrow = unsafe weir_fill_runs32(codes, lengths, lengths.count, &narrow, count)
            #expect(isNarrow)
            #expect(narrow == expected.map { UInt32(truncatingIfNeeded: $0) })
        }
    }

    /// What does not fill the target is refused, and nothing beyond it is written.
    @Test func runsOfOtherLengthsAreRefused() {
        for lengths in [[3, 0, 2], [2, 2], [3, 4], [6], [UInt32.max, 6]] as [[UInt32]] {
            var target = [UInt64](repeating: 7, count: 6)
            let values = [UInt64](repeating: 1, count: lengths.count)
            let isFilled = unsafe weir_fill_runs64(values, lengths, lengths.count, &target, 5)
            #expect(!isFilled && target[5] == 7)
        }
    }
}
