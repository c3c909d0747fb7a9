internal import Glibc

extension HyperLogLog {
    /// A distinct count and how far to trust it.
    package struct Estimate: Sendable, Equatable {
        /// How many distinct values there are.
        package var value: UInt64
        /// Whether the count is exact; else `HyperLogLog.relativeError` applies.
        package var isExact: Bool

        /// Says a count and whether it is exact.
        package init(value: UInt64, isExact: Bool) {
            self.value = value
            self.isExact = isExact
        }
    }

    /// The standard error of an estimate that is not exact: 1.04 / √16384, 0.81 %.
    ///
    /// About two estimates in three lie within it, and all but one in 370 within three times it.
    package static let relativeError = 1.04 / 128

    /// Whether the count is exact.
    package var isExact: Bool { !isDense }

    /// How many distinct values were inserted.
    ///
    /// O(1) while exact, O(registers) beyond. The dense estimator is the improved raw estimator of
    /// Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
    /// (arXiv:1702.01284, algorithm 6): unbiased over the whole range without tables, computed from
    /// the histogram of the registers.
    package func estimate() -> Estimate {
        guard isDense else { return Estimate(value: UInt64(sparseCount), isExact: true) }
        let histogram = Self.histogram(registers.span)
        let count = Double(Self.registerCount)
        var sum = count * tau(1 - Double(histogram[Self.rankBits + 1]) / count)
        for rank in stride(from: Self.rankBits, through: 1, by: -1) {
            sum = 0.5 * (sum + Double(histogram[rank]))
        }
        sum += count * sigma(Double(histogram[0]) / count)
        let raw = count * count / (2 * log(2) * sum)
        // A state with a value in every register at its greatest rank would be infinite: such a set
        // has no fewer than 2⁴⁸ values, which is all there are.
        let greatest = Double(UInt64(1) << Self.valueBits)
        return Estimate(value: UInt64(min(raw, greatest).rounded()), isExact: false)
    }
}

extension HyperLogLog {
    /// How many registers have each rank.
    ///
    /// Counted in four tables in turn: neighbours mostly have the same rank, and would wait for one
    /// another's increment.
    private static func histogram(_ registers: Span<UInt8>) -> [Int] {
        let width = 64
        var counts = [UInt32](repeating: 0, count: 4 * width)
        var table = counts.mutableSpan
        for index in stride(from: 0, to: registers.count, by: 4) {
            for lane in 0..<4 {
                // SAFETY: there are 16,384 registers, and no rank exceeds 35.
                let rank = Int(unsafe registers[unchecked: index &+ lane])
                unsafe table[unchecked: lane &* width &+ rank] &+= 1
            }
        }
        return (0...Int(rankMax)).map { rank in
            (0..<4).reduce(0) { $0 + Int(counts[$1 * width + rank]) }
        }
    }
}

/// The correction for registers at their greatest rank; `share` is that of the others.
private func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var x = share
    var y = 1.0
    var z = 1 - x
    while true {
        x = x.squareRoot()
        let previous = z
        y *= 0.5
        z -= (1 - x) * (1 - x) * y
        if z == previous { return z / 3 }
    }
}

/// The correction for empty registers, infinite where all are empty; `share` is theirs.
private func sigma(_ share: Double) -> Double {
    if share == 1 { return .infinity }
    var x = share
    var y = 1.0
    var z = x
    while true {
        x *= x
        let previous = z
        z += x * y
        y += y
        if z == previous { return z }
    }
}
