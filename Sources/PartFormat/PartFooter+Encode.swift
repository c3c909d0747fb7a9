internal import Base
internal import Codecs
internal import Expressions

extension PartFooter {
    /// The footer before compression; `format-spec.md` has its layout.
    func encode() -> [UInt8] {
        var writer = ByteWriter(reserving: 4_096)
        schema.append(to: &writer)
        writer.appendVarint(rowCount)
        writer.appendVarint(granuleCount)
        var bytes = writer.bytes
        bytes.appendStream(codes: (0..<granuleCount).map { UInt32(rowCount(granule: $0)) })
        writer = ByteWriter()
        writer.append(timeRange == nil ? 0 : 1)
        if let timeRange {
            writer.appendZigzag(timeRange.lowerBound)
            writer.appendZigzag(timeRange.upperBound)
        }
        provenance.append(to: &writer)
        bytes += writer.bytes
        for (column, index) in zip(schema.columns, columns) {
            PartFooter.append(index, type: column.type, to: &bytes)
        }
        writer = ByteWriter()
        writer.appendVarint(filters.count)
        for filter in filters { filter.append(to: &writer) }
        bytes += writer.bytes
        return bytes
    }

    private static func append(
        _ index: ColumnIndex, type: ValueType, to bytes: inout [UInt8]
    ) {
        var writer = ByteWriter()
        writer.append((index.dictionary == nil ? 0 : 1) + (index.correlation == nil ? 0 : 2))
        if let dictionary = index.dictionary {
            writer.appendVarint(dictionary.range.lowerBound)
            writer.appendVarint(dictionary.range.count)
            writer.appendVarint(dictionary.entryCount)
        }
        if let correlation = index.correlation {
            writer.appendVarint(correlation.source)
            if let map = correlation.map {
                writer.appendVarint(map.lowerBound)
                writer.appendVarint(map.count)
            }
        }
        bytes += writer.bytes
        bytes.appendStream(integers: index.offsets)
        bytes.appendStream(codes: index.lengths)
        let zones = index.zones
        bytes.appendStream(codes: zones.nullCounts)
        bytes.appendStream(codes: zones.kinds)
        switch type {
        case .integer, .timestamp:
            bytes.appendStream(integers: zones.integers.least)
            bytes.appendStream(integers: zones.integers.greatest)
        case .float:
            bytes.appendStream(floats: zones.floats.least)
            bytes.appendStream(floats: zones.floats.greatest)
        case .string, .json:
            bytes.appendStream(strings: zones.strings.least)
            bytes.appendStream(strings: zones.strings.greatest)
        case .boolean, .state: break
        }
    }
}
