extension Decimal {
    static func encode(_ floats: [Double], digits: Int, into target: inout [UInt8]) {
        let power = power(digits)
        var integers = [Int64](repeating: 0, count: floats.count)
        var rows: [UInt32] = []
        var exceptions: [Double] = []
        var previous = floats.lazy.compactMap { integer($0, power: power) }.first ?? 0
        for row in floats.indices {
            if let integer = integer(floats[row], power: power) {
                previous = integer
            } else {
                rows.append(UInt32(truncatingIfNeeded: row))
                exceptions.append(floats[row])
            }
            // An exception takes the integer before it, which no width or run minds.
            integers[row] = previous
        }
        target.append(UInt8(digits))
        NumberStream.append(integers, among: .outer, into: &target)
        target.appendVarint(UInt64(rows.count))
        guard !rows.isEmpty else { return }
        NumberStream.append(rows, among: .simple, into: &target)
        target.appendPlain(exceptions)
    }
}
