internal import Base

extension Patched {
    /// How many values are looked at before all are.
    private static let sampleCount = 128

    /// The plan for the fewest bytes that were found; nil if a sample says, or all values do, that
    /// it takes no fewer than `limit`.
    ///
    /// 1. A sample, sorted, gives the ranges that hold all of it but a few at either end, and what
    ///    each would cost.
    /// 2. Only if the cheapest promises to save something all values are gone through, for its
    ///    width and the next two: the tails of a sample are short.
    static func plan<Number: StreamNumber>(
        _ numbers: [Number], _ statistics: NumberStatistics, below limit: Int
    ) -> Plan? {
        guard statistics.count > 1, statistics.width > 0 else { return nil }
        let sample = sortedSample(numbers, least: statistics.least)
        guard let guess = cheapest(sample, statistics),
            guess.byteCount < limit - limit / 32
        else { return nil }
        var best: Plan?
        for width in guess.width...min(guess.width + 2, CodecLimits.packedWidthMax)
        where width < statistics.width {
            let base = base(of: sample, guess, width: width, least: statistics.least)
            var patchCount = 0
            for number in numbers {
                let distance = distance(number, from: base)
                patchCount &+= distance &>> UInt64(width) == 0 ? 0 : 1
            }
            let byteCount = byteCount(statistics, base: base, width: width, patchCount)
            if patchCount > 0, byteCount < limit, byteCount < best?.byteCount ?? .max {
                best = Plan(
                    base: base, width: width, patchCount: patchCount, byteCount: byteCount)
            }
        }
        return best
    }

    /// How far a value lies above the base, modulo 2^64.
    static func distance<Number: StreamNumber>(_ number: Number, from base: Int64) -> UInt64 {
        UInt64(bitPattern: Int64(truncatingIfNeeded: number) &- base)
    }

    /// A range of the sorted sample, and what it would cost.
    private struct Guess {
        var first: Int
        var last: Int
        var width: Int
        var byteCount: Int
    }

    /// Distances from the least value, from all over the block.
    private static func sortedSample<Number: StreamNumber>(
        _ numbers: [Number], least: Int64
    ) -> [UInt64] {
        let count = min(sampleCount, numbers.count)
        if count == numbers.count { return numbers.map { distance($0, from: least) }.sorted() }
        var sample = [UInt64](repeating: 0, count: count)
        for index in 0..<count {
            // Not evenly: values may come in turns.
            let place = (index * numbers.count + (index * 7 % 13) * numbers.count / 13) / count
            sample[index] = distance(numbers[place], from: least)
        }
        sample.sort()
        return sample
    }

    private static func cheapest(
        _ sample: [UInt64], _ statistics: NumberStatistics
    ) -> Guess? {
        var best: Guess?
        for below in [0, 1, 3, 8] {
            for above in [0, 1, 3, 8, 16] where below + above < sample.count {
                let last = sample.count - 1 - above
                let width = bitWidth(sample[last] - sample[below])
                guard width <= CodecLimits.packedWidthMax else { continue }
                let share = Double(below + above) / Double(sample.count)
                let patchCount = max(1, Int(Double(statistics.count) * share))
                let bytes = byteCount(statistics, base: 0, width: width, patchCount)
                if bytes < best?.byteCount ?? .max {
                    best = Guess(first: below, last: last, width: width, byteCount: bytes)
                }
            }
        }
        return best
    }

    /// The base of a range of so many bits, which leaves as much room below the sample as above it.
    private static func base(
        of sample: [UInt64], _ guess: Guess, width: Int, least: Int64
    ) -> Int64 {
        let room: UInt64 = (1 &<< UInt64(width)) &- 1
        let spare = room &- min(room, sample[guess.last] &- sample[guess.first])
        let offset = sample[guess.first] &- min(sample[guess.first], spare / 2)
        return least &+ Int64(bitPattern: offset)
    }

    /// At most so many bytes: the inner streams are never larger than bit-packed.
    private static func byteCount(
        _ statistics: NumberStatistics, base: Int64, width: Int, _ patchCount: Int
    ) -> Int {
        let rowWidth = bitWidth(UInt64(statistics.count))
        let rows =
            zigzagByteCount(Int64(statistics.count))
            + packedByteCount(
                patchCount, width: rowWidth)
        let leastBytes = max(
            zigzagByteCount(statistics.least), zigzagByteCount(statistics.greatest))
        let packed = leastBytes + packedByteCount(patchCount, width: statistics.width)
        let values =
            statistics.width <= CodecLimits.packedWidthMax
            ? packed : patchCount * statistics.plainWidth
        return zigzagByteCount(base) + 1 + varintByteCount(UInt64(patchCount))
            + packedByteCount(statistics.count, width: width) + 2 + rows + 2 + values
    }
}
