internal import Base
internal import Codecs
package import Expressions

/// What the values of a column follow from: those of another column in the same rows.
package enum BlockOrigin {
    /// By code of the source the code here; and the source's rows.
    case codes(map: [UInt32], rows: [UInt32])
    /// The source's rows.
    case integers([Int64])

    /// Takes the decoded rows of the column's source, and of codes the decoded map; nil where
    /// nothing can follow from them.
    package init?(source: Vector, map: [UInt32]?) {
        switch source.values {
        case .codes(let rows, _):
            guard let map else { return nil }
            var greatest: UInt32 = 0
            for row in rows { greatest = max(greatest, row) }
            guard Int(greatest) < map.count else { return nil }
            self = .codes(map: map, rows: rows)
        case .integers(let rows):
            guard source.validity == nil, map == nil else { return nil }
            self = .integers(rows)
        case .strings, .floats, .booleans: return nil
        }
    }

    /// Decodes the body of a block that says what does not follow.
    static func decode(
        _ reader: inout ByteReader, _ header: BlockHeader, _ origin: BlockOrigin?
    ) throws(CorruptionError) -> Vector.Values {
        switch origin {
        case .codes(let map, let rows)
        where header.kind == .codes && header.nulls == .none && rows.count == header.rowCount:
            // The map was checked to have an entry for each of the source's rows.
            var codes = rows.map { map[Int($0)] }
            try CorrelatedStream.decode(from: &reader, following: &codes)
            return .codes(codes, dictionary: StringTable())
        case .integers(let rows)
        where header.kind == .integers && header.nulls == .none && rows.count == header.rowCount:
            var integers = rows
            try CorrelatedStream.decode(from: &reader, following: &integers)
            return .integers(integers)
        default:
            throw CorruptionError(
                offset: reader.offset, expected: "a column with a source and without nulls",
                found: "values that follow from it")
        }
    }
}
