extension Delta {
    static func estimate(_ statistics: NumberStatistics, first: Int64) -> Int? {
        let width = statistics.deltaWidth
        guard statistics.count > 0, width <= CodecLimits.packedWidthMax else { return nil }
        return zigzagByteCount(first) + zigzagByteCount(statistics.deltaLeast) + 1
            + packedByteCount(statistics.count - 1, width: width)
    }
}
