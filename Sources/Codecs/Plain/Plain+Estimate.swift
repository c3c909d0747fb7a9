internal import Base

extension Plain {
    static func estimate(_ statistics: NumberStatistics) -> Int {
        statistics.count * statistics.plainWidth
    }

    /// A lower bound: that of the lengths is not looked at.
    static func estimate(_ strings: StringTable) -> Int { 2 + strings.bytes.count }
}
