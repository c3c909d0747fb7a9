internal import Base
internal import Expressions

extension TableSchema {
    /// Appends the schema as footers hold it.
    func append(to writer: inout ByteWriter) {
        writer.append(name)
        writer.append(kind.rawValue)
        writer.append(partitioning.rawValue)
        writer.append(timeColumn)
        writer.appendVarint(sortKey.count)
        for name in sortKey { writer.append(name) }
        writer.appendVarint(columns.count)
        for column in columns {
            writer.append(column.name)
            writer.append(column.type.rawValue)
            writer.append(column.role.rawValue)
        }
    }

    init(from reader: inout ByteReader) throws(CorruptionError) {
        let start = reader.offset
        let name = try reader.readString(atMost: PartLimits.nameBytesMax)
        let kind = try reader.readId(Kind.self, "kind of table")
        let partitioning = try reader.readId(Partitioning.self, "partitioning")
        let timeColumn = try reader.readString(atMost: PartLimits.nameBytesMax)
        var sortKey: [String] = []
        for _ in 0..<(try reader.readCount(atMost: PartLimits.columnsMax, of: "sort columns")) {
            sortKey.append(try reader.readString(atMost: PartLimits.nameBytesMax))
        }
        var columns: [ColumnSchema] = []
        for _ in 0..<(try reader.readCount(atMost: PartLimits.columnsMax, of: "columns")) {
            columns.append(
                ColumnSchema(
                    name: try reader.readString(atMost: PartLimits.nameBytesMax),
                    type: try reader.readId(ValueType.self, "type of values"),
                    role: try reader.readId(ColumnSchema.Role.self, "role of a column")))
        }
        self.init(
            name: name, kind: kind, partitioning: partitioning, timeColumn: timeColumn,
            sortKey: sortKey, columns: columns)
        let isTimed = columns.contains { $0.name == timeColumn && $0.type == .timestamp }
        guard isTimed else {
            throw CorruptionError(
                offset: start, expected: "a time column among the columns", found: timeColumn)
        }
    }
}

extension ByteReader {
    /// Reads one byte that is the raw value of an enumeration.
    fileprivate mutating func readId<Id: RawRepresentable<UInt8>>(
        _ type: Id.Type, _ what: String
    ) throws(CorruptionError) -> Id {
        let start = offset
        let byte = try readByte()
        guard let id = Id(rawValue: byte) else {
            throw CorruptionError(offset: start, expected: "a known \(what)", found: "\(byte)")
        }
        return id
    }
}
