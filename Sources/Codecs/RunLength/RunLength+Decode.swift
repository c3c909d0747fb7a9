internal import Base

extension RunLength {
    static func decode<Number: StreamNumber>(
        _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        let runs = try reader.readCount(atMost: target.count, of: "runs")
        var values = [Number](repeating: 0, count: runs)
        try NumberStream.decode(among: .simple, &reader, into: &values)
        let start = reader.offset
        var lengths = [UInt32](repeating: 0, count: runs)
        try NumberStream.decode(among: .simple, &reader, into: &lengths)
        guard fill(&target, values, lengths) else {
            throw CorruptionError(
                offset: start, expected: "runs of \(target.count) values together",
                found: "other lengths")
        }
    }

    /// False if a run is empty or the lengths do not sum up to the target's count.
    private static func fill<Number: StreamNumber>(
        _ target: inout [Number], _ values: [Number], _ lengths: [UInt32]
    ) -> Bool {
        invariant(values.count == lengths.count)
        return unsafe target.withUnsafeMutableBufferPointer { room in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe Number.fillRuns(values, lengths, into: room)
                }
            }
        }
    }
}
