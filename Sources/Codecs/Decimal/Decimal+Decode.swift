internal import Base

extension Decimal {
    static func decode(
        _ reader: inout ByteReader, into target: inout [Double]
    ) throws(CorruptionError) {
        let start = reader.offset
        let digits = Int(try reader.readByte())
        guard digits <= digitsMax else {
            throw CorruptionError(
                offset: start, expected: "at most \(digitsMax) digits", found: "\(digits)")
        }
        var integers = [Int64](repeating: 0, count: target.count)
        try NumberStream.decode(among: .outer, &reader, into: &integers)
        guard divide(integers, by: power(digits), into: &target) else {
            throw CorruptionError(
                offset: start, expected: "integers up to \(integerMax)", found: "a greater one")
        }
        let count = try reader.readCount(atMost: target.count, of: "exceptions")
        if count == 0 { return }
        let rows = try NumberStream.readPlaces(count, below: target.count, &reader)
        var exceptions = [Double](repeating: 0, count: count)
        try reader.readPlain(into: &exceptions)
        for (row, exception) in zip(rows, exceptions) { target[Int(row)] = exception }
    }

    /// False if an integer is too great to be exact.
    private static func divide(
        _ integers: [Int64], by power: Double, into target: inout [Double]
    ) -> Bool {
        invariant(integers.count == target.count)
        let source = integers.span
        var room = target.mutableSpan
        var greatest: UInt64 = 0
        for index in source.indices {
            let integer = unsafe source[unchecked: index]
            // From 0 to 2 · 2^53 where it is exact, above it modulo 2^64 where it is not.
            greatest = max(greatest, UInt64(bitPattern: integer &+ integerMax))
            unsafe room[unchecked: index] = Double(integer) / power
        }
        return greatest <= UInt64(2 * integerMax)
    }
}
