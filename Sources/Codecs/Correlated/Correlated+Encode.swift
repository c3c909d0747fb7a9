internal import Base

extension Correlated {
    static func encode(
        _ codes: [UInt32], following derived: [UInt32], into target: inout [UInt8]
    ) {
        let rows = exceptions(codes, following: derived)
        target.appendVarint(UInt64(rows.count))
        target.appendStream(rows)
        target.appendStream(rows.map { codes[Int($0)] })
    }

    static func encode(
        _ integers: [Int64], following source: [Int64], into target: inout [UInt8]
    ) {
        invariant(integers.count == source.count)
        target.appendStream(integers.indices.map { integers[$0] &- source[$0] })
    }
}
