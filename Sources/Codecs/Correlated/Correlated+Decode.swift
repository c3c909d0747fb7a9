internal import Base

extension Correlated {
    /// Puts the exceptions into what follows from the other column.
    static func decode(
        _ reader: inout ByteReader, into codes: inout [UInt32]
    ) throws(CorruptionError) {
        let start = reader.offset
        let count = try reader.readCount(atMost: codes.count, of: "exceptions")
        var rows = [UInt32](repeating: 0, count: count)
        try NumberStream.decode(try reader.readEncoding(), &reader, into: &rows)
        var values = [UInt32](repeating: 0, count: count)
        try NumberStream.decode(try reader.readEncoding(), &reader, into: &values)
        var least = 0
        for index in rows.indices {
            let row = Int(rows[index])
            guard row >= least, row < codes.count else {
                throw CorruptionError(
                    offset: start, expected: "ascending rows below \(codes.count)",
                    found: "row \(row)")
            }
            codes[row] = values[index]
            least = row + 1
        }
    }

    /// Adds the differences to the other column's integers.
    static func decode(
        _ reader: inout ByteReader, into integers: inout [Int64]
    ) throws(CorruptionError) {
        var differences = [Int64](repeating: 0, count: integers.count)
        try NumberStream.decode(try reader.readEncoding(), &reader, into: &differences)
        for index in integers.indices { integers[index] &+= differences[index] }
    }
}
