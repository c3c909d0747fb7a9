internal import Base

extension Differences {
    static func decode<Number: StreamNumber>(
        _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        guard !target.isEmpty else {
            throw CorruptionError(
                offset: reader.offset, expected: "values to take differences of", found: "none")
        }
        var sum = try reader.readZigzag()
        var differences = [Int64](repeating: 0, count: target.count - 1)
        try NumberStream.decode(among: .inner, &reader, into: &differences)
        var room = target.mutableSpan
        room[0] = Number(truncatingIfNeeded: sum)
        for index in differences.indices {
            sum &+= differences[index]
            room[index &+ 1] = Number(truncatingIfNeeded: sum)
        }
    }
}
