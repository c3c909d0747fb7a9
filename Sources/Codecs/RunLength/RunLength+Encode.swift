internal import Base

extension RunLength {
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], _ statistics: NumberStatistics, into target: inout [UInt8]
    ) {
        var values: [Number] = []
        var lengths: [UInt32] = []
        values.reserveCapacity(statistics.runCount)
        lengths.reserveCapacity(statistics.runCount)
        var start = 0
        for index in 1...numbers.count
        where index == numbers.count || numbers[index] != numbers[start] {
            values.append(numbers[start])
            lengths.append(UInt32(truncatingIfNeeded: index &- start))
            start = index
        }
        target.appendVarint(UInt64(values.count))
        NumberStream.append(values, among: .simple, into: &target)
        NumberStream.append(lengths, among: .simple, into: &target)
    }
}
