import Aggregates
import Base
import Expressions
import PartFormat
import Query
import Store

/// A row of a rollup, as plainly as can be.
struct Row {
    var dimensions: [String?]
    var time: Milliseconds
    var events: Int64
    var users: [UInt64]
    var isLate = false
}

/// Tables in memory for the executor.
struct TestTables: TableSource {
    var parts: [String: [any TablePart]] = [:]
    /// By derived table, what it does not contain of its base.
    var beyond: [String: [any TablePart]] = [:]
    var watermark: Milliseconds?
    var losses: [LostRows] = []

    func sources(table: String) -> [any TablePart] { parts[table] ?? [] }

    func sources(table: String, beyond derived: String) -> [any TablePart] {
        beyond[derived] ?? sources(table: table)
    }

    mutating func add(_ part: any TablePart) {
        parts[part.schema.name, default: []].append(part)
    }
}

/// A part with granules and zones, as parts on disk have them, and states as bytes.
struct GranuledPart: TablePart {
    var schema: TableSchema
    var granules: [[Vector]]
    var zones: [[Zone?]]
    var timeRange: ClosedRange<Milliseconds>?
    /// What every read fails with.
    var failure: StoreError?

    var rowCount: Int { (0..<granuleCount).map { rowCount(granule: $0) }.reduce(0, +) }
    var granuleCount: Int { granules.count }

    func rowCount(granule: Int) -> Int { granules[granule].first?.count ?? 0 }

    func zone(column: Int, granule: Int) -> Zone? { zones[granule][column] }

    func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        if let failure { throw failure }
        return granules.map { granule in columns.map { self.granules[granule][$0] } }
    }

    /// Splits rows, which have a dictionary for each dimension in common, into granules.
    init(_ rows: [Row], _ schema: TableSchema, granuleRows: Int, coded: Bool) {
        self.schema = schema
        let dictionaries = (0..<dimensionCount(schema)).map { dimension in
            StringTable(Set(rows.compactMap { $0.dimensions[dimension] }).sorted())
        }
        granules = stride(from: 0, to: rows.count, by: granuleRows).map { start in
            let slice = Array(rows[start..<min(rows.count, start + granuleRows)])
            return vectors(slice, schema, dictionaries: coded ? dictionaries : nil)
        }
        zones = stride(from: 0, to: rows.count, by: granuleRows).map { start in
            zonesOf(Array(rows[start..<min(rows.count, start + granuleRows)]), schema)
        }
        let times = rows.map(\.time)
        if let least = times.min(), let greatest = times.max() { timeRange = least...greatest }
    }
}

/// A part as live generations have it.
func memoryPart(_ rows: [Row], _ schema: TableSchema) -> MemoryPart {
    let dictionaries = (0..<dimensionCount(schema)).map { dimension in
        StringTable(Set(rows.compactMap { $0.dimensions[dimension] }).sorted().reversed())
    }
    let vectors = vectors(rows, schema, dictionaries: dictionaries)
    let columns = zip(schema.columns, vectors).map { column, vector in
        column.role == .uniq ? MemoryPart.Column.members(members(rows)) : .vector(vector)
    }
    return MemoryPart(schema: schema, rowCount: rows.count, columns: columns)
}

private func members(_ rows: [Row]) -> HashedMembers {
    var members = HashedMembers()
    for (index, row) in rows.enumerated() {
        let users = Array(row.users)
        members.append(
            sets: [UInt32](repeating: UInt32(index), count: users.count), hashes: users)
    }
    return members
}

func sketch(_ row: Row) -> HyperLogLog {
    var sketch = HyperLogLog()
    for user in row.users { sketch.insert(hash: user) }
    return sketch
}

private func dimensionCount(_ schema: TableSchema) -> Int {
    schema.columns.count { $0.type == .string }
}

private func vectors(
    _ rows: [Row], _ schema: TableSchema, dictionaries: [StringTable]?
) -> [Vector] {
    schema.columns.enumerated().map { index, column in
        switch (column.name, column.role) {
        case (_, .count): return Vector(type: .integer, values: .integers(rows.map(\.events)))
        case (_, .uniq):
            var table = StringTable()
            for row in rows { table.append(sketch(row).serialized()[...]) }
            return Vector(type: .state, values: .strings(table))
        case ("bucket", _): return Vector(type: .timestamp, values: .integers(rows.map(\.time)))
        case ("receivedHour", _):
            return Vector(type: .timestamp, values: .integers(rows.map { $0.time + 7_200_000 }))
        default:
            let texts = rows.map { $0.dimensions[index] }
            guard let dictionary = dictionaries?[index] else { return strings(texts) }
            let entries = (0..<dictionary.count).map { dictionary[$0] }
            let codes = texts.map { text in
                text.flatMap { entries.firstIndex(of: $0) }.map { UInt32($0 + 1) } ?? 0
            }
            return Vector(type: .string, values: .codes(codes, dictionary: dictionary))
        }
    }
}

private func strings(_ texts: [String?]) -> Vector {
    var validity = Bitmap(count: 0)
    for text in texts { validity.append(text != nil) }
    return Vector(
        type: .string, values: .strings(StringTable(texts.map { $0 ?? "" })), validity: validity)
}

private func zonesOf(_ rows: [Row], _ schema: TableSchema) -> [Zone?] {
    schema.columns.enumerated().map { index, column in
        if column.name == "bucket" {
            let times = rows.map(\.time)
            guard let least = times.min(), let greatest = times.max() else { return nil }
            return Zone(bounds: .integers(least...greatest), nullCount: 0)
        }
        guard column.type == .string else { return nil }
        let texts = rows.compactMap { $0.dimensions[index] }.map { Array($0.utf8) }
            .sorted { $0.lexicographicallyPrecedes($1) }
        guard let least = texts.first, let greatest = texts.last else {
            return Zone(bounds: .empty, nullCount: rows.count)
        }
        return Zone(
            bounds: .strings(least: least, greatest: greatest),
            nullCount: rows.count - texts.count)
    }
}
