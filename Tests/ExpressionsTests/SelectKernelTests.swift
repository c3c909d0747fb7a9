import Base
import CKernels
import Testing

/// The loops in C that make sets of rows and truncate, against twins as plain as can be.
@Suite struct SelectKernelTests {
    private static let counts = [0, 1, 3, 63, 64, 65, 127, 128, 200, 1_000]

    private func words(_ count: Int, _ holds: (Int) -> Bool) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        for row in 0..<count where holds(row) { words[row / 64] |= 1 << UInt64(row % 64) }
        return words
    }

    private func integer(_ random: inout SeededRandom) -> Int64 {
        let extremes: [Int64] = [.min, .min + 1, .max, .max - 1, 0, -1]
        if random.chance(0.2) { return extremes.randomElement(using: &random) ?? 0 }
        return Int64.random(in: -20...20, using: &random)
    }

    @Test(arguments: counts) func rangesOfIntegers(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        for _ in 0..<40 {
            let values = (0..<count).map { _ in integer(&random) }
            let others = (0..<count).map { _ in integer(&random) }
            let (lower, upper) = (integer(&random), integer(&random))
            var result = [UInt64](repeating: .max, count: (count + 63) / 64)
            unsafe weir_select64(values, count, lower, upper, &result)
            #expect(result == words(count) { values[$0] >= lower && values[$0] <= upper })
            unsafe weir_less64(values, others, count, &result)
            #expect(result == words(count) { values[$0] < others[$0] })
            unsafe weir_equal64(values, others, count, &result)
            #expect(result == words(count) { values[$0] == others[$0] })
        }
    }

    @Test(arguments: counts) func rangesAndMarksOfCodes(count: Int) {
        var random = SeededRandom(seed: UInt64(count) + 1)
        for _ in 0..<40 {
            let codes = (0..<count).map { _ in
                random.chance(0.1) ? UInt32.max - UInt32(random.below(2)) : UInt32(random.below(9))
            }
            let lower = random.chance(0.1) ? UInt32.max - 1 : UInt32(random.below(9))
            let upper = random.chance(0.1) ? UInt32.max : UInt32(random.below(9))
            var result = [UInt64](repeating: .max, count: (count + 63) / 64)
            unsafe weir_select32(codes, count, lower, upper, &result)
            #expect(result == words(count) { codes[$0] >= lower && codes[$0] <= upper })
            let marks = (0...random.below(9)).map { _ in UInt8(random.below(2)) }
            unsafe weir_select_marked(codes, count, marks, marks.count, &result)
            #expect(
                result == words(count) { marks[min(Int(codes[$0]), marks.count - 1)] == 1 })
        }
    }

    @Test(arguments: counts) func ordersOfFloats(count: Int) {
        var random = SeededRandom(seed: UInt64(count) + 2)
        let special: [Double] = [
            .nan, -.nan, .infinity, -.infinity, -0.0, 0, 1, -1, .leastNonzeroMagnitude,
        ]
        for _ in 0..<40 {
            let values = (0..<count).map { _ in special.randomElement(using: &random) ?? 0 }
            let constant = special.randomElement(using: &random) ?? 0
            var result = [UInt64](repeating: .max, count: (count + 63) / 64)
            unsafe weir_select_floats(values, count, WEIR_FLOAT_LESS, constant, &result)
            #expect(result == words(count) { values[$0] < constant })
            unsafe weir_select_floats(values, count, WEIR_FLOAT_LESS_OR_EQUAL, constant, &result)
            #expect(result == words(count) { values[$0] <= constant })
            unsafe weir_select_floats(values, count, WEIR_FLOAT_EQUAL, constant, &result)
            #expect(result == words(count) { values[$0] == constant })
        }
    }

    @Test func truncationIsFloorDivision() {
        var random = SeededRandom(seed: 7)
        let bound: Int64 = 1 << 49
        for _ in 0..<400 {
            let width =
                random.chance(0.5)
                ? [1, 1_000, 60_000, 3_600_000, 86_400_000, 604_800_000].randomElement(
                    using: &random) ?? 1
                : Int64.random(in: 1..<bound >> Int64(random.below(48)), using: &random)
            let origin = Int64.random(in: -width...width, using: &random)
            let values = (0..<65).map { _ -> Int64 in
                // On the edges of spans, and anywhere.
                let any = Int64.random(in: -bound + 1..<bound, using: &random)
                let edge = floorDivide(any - origin, width) * width + origin
                let near = edge + Int64.random(in: -1...1, using: &random)
                return random.chance(0.5) && near.magnitude < bound ? near : any
            }
            let expected = values.map { floorDivide($0 - origin, width) * width + origin }
            var result = [Int64](repeating: 0, count: values.count)
            unsafe weir_truncate(values, values.count, width, origin, &result)
            #expect(result == expected, "width \(width), origin \(origin)")
            unsafe weir_truncate_portable(values, values.count, width, origin, &result)
            #expect(result == expected, "width \(width), origin \(origin)")
        }
    }

    @Test func partsAreFound() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<2_000 {
            let text = (0..<random.below(12)).map { _ in UInt8(random.below(2)) }
            let part = (0..<random.below(5)).map { _ in UInt8(random.below(2)) }
            let starts = 0...max(0, text.count - part.count)
            let expected = starts.first { text[$0...].starts(with: part) } ?? -1
            let found = unsafe weir_find_bytes(text, text.count, part, part.count)
            #expect(found == (part.count > text.count ? -1 : expected))
        }
    }
}
