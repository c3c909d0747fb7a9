extension RunLength {
    /// An upper bound: the inner streams take their best encoding, which is never worse.
    static func estimate(_ statistics: NumberStatistics) -> Int? {
        let runs = statistics.runCount
        // Two streams of short runs never beat one packed stream.
        guard statistics.count > 0, runs <= statistics.count / 2 else { return nil }
        let width = statistics.width
        let values =
            width <= CodecLimits.packedWidthMax
            ? zigzagByteCount(statistics.least) + 1 + packedByteCount(runs, width: width)
            : runs * statistics.plainWidth
        let lengthWidth = bitWidth(UInt64(statistics.count))
        // The least length is at most the mean one.
        let leastBytes = zigzagByteCount(Int64(statistics.count / runs))
        let lengths = leastBytes + 1 + packedByteCount(runs, width: lengthWidth)
        return varintByteCount(UInt64(runs)) + 1 + values + 1 + lengths
    }
}
