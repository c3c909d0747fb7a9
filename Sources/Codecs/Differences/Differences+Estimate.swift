internal import Base

extension Differences {
    /// The stretches of neighbours that are looked at, and their lengths.
    private static let stretchCount = 4
    private static let stretchLength = 33

    /// Whether a sample of the differences promises that their stream takes clearly less than
    /// `limit`: what it really takes only encoding it tells.
    static func isPromising<Number: StreamNumber>(
        _ numbers: [Number], _ statistics: NumberStatistics, below limit: Int
    ) -> Bool {
        // Evenly spaced values cannot be had for less than `delta` has them.
        guard numbers.count > 2, statistics.deltaWidth > 0 else { return false }
        let (steps, turns) = sample(numbers)
        let bits = min(
            patchedBits(steps), bitWidth(UInt64(bitPattern: turns.greatest &- turns.least)) + 1,
            runBits(steps, statistics))
        return bits * numbers.count / 8 + 24 < limit - limit / 32
    }

    /// Differences of neighbours, and the range of the differences of those.
    private static func sample<Number: StreamNumber>(
        _ numbers: [Number]
    ) -> (steps: [Int64], turns: (least: Int64, greatest: Int64)) {
        var steps: [Int64] = []
        steps.reserveCapacity(stretchCount * stretchLength)
        var turns = (least: Int64.max, greatest: Int64.min)
        let length = min(stretchLength, numbers.count)
        for stretch in 0..<stretchCount {
            let start = (numbers.count - length) * stretch / max(1, stretchCount - 1)
            for index in start + 1..<start + length {
                let step =
                    Int64(truncatingIfNeeded: numbers[index])
                    &- Int64(truncatingIfNeeded: numbers[index &- 1])
                if index > start + 1 {
                    let turn = step &- steps[steps.count - 1]
                    turns = (min(turns.least, turn), max(turns.greatest, turn))
                }
                steps.append(step)
            }
        }
        return (steps, turns)
    }

    /// The bits that most differences need, with what the others add.
    private static func patchedBits(_ steps: [Int64]) -> Int {
        let sorted = steps.sorted()
        var least = Int.max
        for dropped in [0, 2, 6, 12] where sorted.count > dropped {
            let below = dropped / 2
            let spread = sorted[sorted.count - 1 - dropped + below] &- sorted[below]
            // A patch takes some 40 bits.
            let bits = bitWidth(UInt64(bitPattern: spread)) + dropped * 40 / sorted.count
            least = min(least, bits)
        }
        return least
    }

    /// The bits a value where the differences come in runs.
    private static func runBits(_ steps: [Int64], _ statistics: NumberStatistics) -> Int {
        var runs = 1
        for index in 1..<max(1, steps.count) where steps[index] != steps[index - 1] { runs += 1 }
        return runs * (min(64, statistics.deltaWidth) + 8) / max(1, steps.count)
    }
}
