internal import Base

extension Delta {
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], _ statistics: NumberStatistics, into target: inout [UInt8]
    ) {
        var previous = Int64(truncatingIfNeeded: numbers[0])
        target.appendZigzag(previous)
        target.appendZigzag(statistics.deltaLeast)
        target.append(UInt8(statistics.deltaWidth))
        var deltas = [Int64](repeating: 0, count: numbers.count - 1)
        for index in deltas.indices {
            let number = Int64(truncatingIfNeeded: numbers[index &+ 1])
            deltas[index] = number &- previous
            previous = number
        }
        BitPacked.pack(
            deltas, base: statistics.deltaLeast, width: statistics.deltaWidth, into: &target)
    }
}
