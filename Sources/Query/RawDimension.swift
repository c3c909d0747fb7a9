internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// What a dimension's name means in raw rows: a field of the event, or a property.
///
/// A property that has the name of a field is `properties.` and that name.
enum RawDimension {
    static let fields = [
        "eventId", "eventType", "userId", "sessionId", "timestamp", "receivedAt", "late",
    ]
    private static let propertyPrefix = "properties."

    /// The columns that hold its values, one for each type that the property has.
    static func columns(of name: String, in schema: TableSchema) -> [Int] {
        if fields.contains(name) { return schema.columnIndex(name).map { [$0] } ?? [] }
        let own = indices(of: propertyPrefix + name, in: schema)
        // `properties.x` may be the name of a property itself.
        return own.isEmpty && name.hasPrefix(propertyPrefix) ? indices(of: name, in: schema) : own
    }

    /// The names of all properties that a part has columns for.
    static func properties(in schema: TableSchema) -> [String] {
        schema.columns.filter { $0.name.hasPrefix(propertyPrefix) }
            .map { String($0.name.dropFirst(propertyPrefix.count)) }
    }

    private static func indices(of column: String, in schema: TableSchema) -> [Int] {
        schema.columns.indices.filter { schema.columns[$0].name == column }
    }

    /// The values of all columns as text; of a row that has several, the first.
    static func text(_ vectors: [Vector], rowCount: Int) -> Vector {
        if vectors.count == 1 { return vectors[0].castToText() }
        let texts = vectors.map { $0.castToText() }
        var table = StringTable()
        var validity = Bitmap(count: rowCount)
        for row in 0..<rowCount {
            let value = texts.lazy.compactMap { $0.bytes(row: row) }.first
            table.append(value ?? [])
            if value != nil { validity[row] = true }
        }
        return Vector(type: .string, values: .strings(table), validity: validity)
    }
}

/// Who did it, as the stream counts people in rollups: `userId`, else `sessionId`.
enum RawPeople {
    /// By row the bits of the hash; 0 is nobody.
    static func hashes(user: Vector?, session: Vector?, rowCount: Int) -> Vector {
        var hashes = [Int64](repeating: 0, count: rowCount)
        for row in 0..<rowCount {
            guard let name = user?.bytes(row: row) ?? session?.bytes(row: row) else { continue }
            let hash = unsafe name.withUnsafeBytes { unsafe hash64($0) }
            // A value whose hash is 0 counts as the one whose hash is 1.
            hashes[row] = hash == 0 ? 1 : Int64(bitPattern: hash)
        }
        return Vector(type: .integer, values: .integers(hashes))
    }
}

extension Vector {
    /// The text of a row; nil if it has none.
    fileprivate func bytes(row: Int) -> ArraySlice<UInt8>? {
        switch values {
        case .codes(let codes, let dictionary):
            return codes[row] == 0 ? nil : dictionary.bytes(at: Int(codes[row]) - 1)
        case .strings(let table):
            return validity?[row] ?? true ? table.bytes(at: row) : nil
        case .integers, .floats, .booleans: return nil
        }
    }
}
