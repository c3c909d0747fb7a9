internal import Base

extension Delta {
    static func decode<Number: StreamNumber>(
        _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        guard !target.isEmpty else {
            throw CorruptionError(
                offset: reader.offset, expected: "values to take differences of", found: "none")
        }
        target[0] = Number(truncatingIfNeeded: try reader.readZigzag())
        let deltaLeast = try reader.readZigzag()
        let width = try BitPacked.readWidth(&reader)
        try BitPacked.unpack(&reader, width: width, base: deltaLeast, into: &target, from: 1)
        accumulate(&target)
    }

    private static func accumulate<Number: StreamNumber>(_ numbers: inout [Number]) {
        var sum: Number = 0
        for index in numbers.indices {
            sum &+= numbers[index]
            numbers[index] = sum
        }
    }
}
