internal import Base

extension Patched {
    static func decode<Number: StreamNumber>(
        _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        let base = try reader.readZigzag()
        let width = try BitPacked.readWidth(&reader)
        let patchCount = try reader.readCount(atMost: target.count, of: "patches")
        try BitPacked.unpack(&reader, width: width, base: base, into: &target, from: 0)
        let rows = try NumberStream.readPlaces(patchCount, below: target.count, &reader)
        var patches = [Number](repeating: 0, count: patchCount)
        try NumberStream.decode(among: .simple, &reader, into: &patches)
        for (row, patch) in zip(rows, patches) { target[Int(row)] = patch }
    }
}

extension NumberStream {
    /// Reads a stream of `count` places, which must ascend and be below `limit`.
    static func readPlaces(
        _ count: Int, below limit: Int, _ reader: inout ByteReader
    ) throws(CorruptionError) -> [UInt32] {
        let start = reader.offset
        var places = [UInt32](repeating: 0, count: count)
        try decode(among: .simple, &reader, into: &places)
        for index in places.indices {
            guard places[index] < limit, index == 0 || places[index - 1] < places[index] else {
                throw CorruptionError(
                    offset: start, expected: "ascending places below \(limit)",
                    found: "\(places[index])")
            }
        }
        return places
    }
}
