extension BitPacked {
    static func estimate(_ statistics: NumberStatistics) -> Int? {
        let width = statistics.width
        guard statistics.count > 0, width <= CodecLimits.packedWidthMax else { return nil }
        return zigzagByteCount(statistics.least) + 1
            + packedByteCount(statistics.count, width: width)
    }
}
