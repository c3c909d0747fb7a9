/// Counts durations in buckets of equal relative width, so that every percentile is exact to 1 %.
///
/// Each power of two is split into 128 buckets.
struct Histogram: Sendable {
    private static let stepBits = 7
    private var counts = Array(repeating: 0, count: (65 - stepBits) << stepBits)
    private(set) var count = 0
    private(set) var greatest: UInt64 = 0

    mutating func add(_ nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] &+= 1
        count &+= 1
        greatest = max(greatest, nanoseconds)
    }

    mutating func merge(_ other: Histogram) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        count += other.count
        greatest = max(greatest, other.greatest)
    }

    /// The duration below or at which `share` of all lie, in nanoseconds.
    func percentile(_ share: Double) -> UInt64 {
        let rank = Int((Double(count) * share).rounded(.up))
        var seen = 0
        for bucket in counts.indices {
            seen += counts[bucket]
            if seen >= rank, seen > 0 { return min(greatest, Self.upperBound(bucket)) }
        }
        return greatest
    }

    private static func bucket(_ value: UInt64) -> Int {
        let order = 63 - (value | 1).leadingZeroBitCount
        guard order >= stepBits else { return Int(value) }
        let shift = order - stepBits
        return ((shift + 1) << stepBits) + Int((value >> UInt64(shift)) & ((1 << 7) - 1))
    }

    private static func upperBound(_ bucket: Int) -> UInt64 {
        let shift = bucket >> stepBits
        let step = UInt64(bucket & ((1 << stepBits) - 1))
        guard shift > 0 else { return step }
        let base = (UInt64(1) << UInt64(stepBits)) + step
        return ((base + 1) << UInt64(shift - 1)) &- 1
    }
}
