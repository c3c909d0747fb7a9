extension Plain {
    static func estimate(_ statistics: NumberStatistics) -> Int {
        statistics.count * statistics.plainWidth
    }
}
