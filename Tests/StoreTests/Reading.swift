import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import TestSupport
import Testing

/// Reads all that a view holds, and checks what every part promises.
func contents(of view: StoreView, live: Bool = false) throws -> Twin {
    var twin = Twin()
    for part in view.parts(table: "events") { try readEvents(part, into: &twin) }
    for part in view.parts(table: "page_views_minute") { try readRollup(part, into: &twin) }
    if live {
        for generation in view.live {
            for part in generation.parts where part.schema.kind == .rollup {
                try readRollup(part, into: &twin)
            }
        }
    }
    twin.events.sort()
    return twin
}

private func readEvents(_ part: Part, into twin: inout Twin) throws {
    let rows = try rows(of: part)
    #expect(rows.count == part.rowCount)
    var previous: [Value] = []
    for row in rows {
        var fields: [String] = []
        for (value, column) in zip(row, part.schema.columns) where value != .null {
            fields.append("\(column.name)=\(value)")
        }
        twin.events.append(fields.sorted().joined(separator: " "))
        let key = try key(row, part.schema)
        #expect(!key.lexicographicallyPrecedes(previous), "\(part.file) is not sorted")
        previous = key
        try checkPlace(row, part)
    }
}

private func readRollup(_ part: some TablePart, into twin: inout Twin) throws {
    var seen = Set<String>()
    var previous: [Value] = []
    for row in try rows(of: part) {
        let name = "\(row[0] == .null ? "-" : "\(row[0])")|\(row[1] == .null ? "-" : "\(row[1])")"
        let rowKey = "\(name)|\(row[2])"
        guard case .integer(let count) = row[3], case .bytes(let state) = row[4] else {
            Issue.record("a row of other types: \(row)")
            continue
        }
        if let part = part as? Part {
            #expect(seen.insert(rowKey).inserted, "\(part.file) repeats \(rowKey)")
            let key = try key(row, part.schema)
            #expect(!key.lexicographicallyPrecedes(previous), "\(part.file) is not sorted")
            previous = key
            try checkPlace(row, part)
        }
        var cell = twin.rollup[rowKey] ?? Twin.Cell()
        cell.count += count
        cell.users.formUnion(try HyperLogLog(decoding: state.span))
        twin.rollup[rowKey] = cell
    }
}

/// The row's time is within what the part says, and in its folder.
private func checkPlace(_ row: [Value], _ part: Part) throws {
    let index = try #require(part.schema.columnIndex(part.schema.timeColumn))
    guard case .integer(let time) = row[index] else { return }
    let range = try #require(part.timeRange)
    #expect(range.contains(time))
    let day = Partition(time, .day).name
    #expect(part.file.contains("/\(day)/") || part.file.contains("/mixed/"), "\(part.file) \(day)")
}

private func key(_ row: [Value], _ schema: TableSchema) throws -> [Value] {
    try schema.sortKey.map { row[try #require(schema.columnIndex($0))] }
}

/// A value of a row.
enum Value: Comparable, CustomStringConvertible {
    case null
    case bytes([UInt8])
    case integer(Int64)
    case float(Double)
    case boolean(Bool)

    static func < (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): false
        case (.null, _): true
        case (_, .null): false
        case (.bytes(let first), .bytes(let second)): first.lexicographicallyPrecedes(second)
        case (.integer(let first), .integer(let second)): first < second
        case (.float(let first), .float(let second)): first < second
        default: false
        }
    }

    var description: String {
        switch self {
        case .null: "null"
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        }
    }
}

func rows(of part: some TablePart) throws -> [[Value]] {
    let columns = Array(part.schema.columns.indices)
    let granules = Array(0..<part.granuleCount)
    var rows: [[Value]] = []
    for (granule, vectors) in zip(granules, try part.read(columns: columns, granules: granules)) {
        let start = rows.count
        for row in 0..<part.rowCount(granule: granule) {
            rows.append(vectors.map { value($0, row) })
        }
        for column in columns {
            if let zone = part.zone(column: column, granule: granule) {
                check(zone, rows[start...].map { $0[column] })
            }
        }
    }
    return rows
}

private func check(_ zone: Zone, _ values: [Value]) {
    #expect(zone.nullCount == values.count { $0 == .null })
    for value in values where value != .null {
        switch (zone.bounds, value) {
        case (.integers(let range), .integer(let number)): #expect(range.contains(number))
        case (.floats(let range), .float(let number)): #expect(range.contains(number))
        case (.empty, _): Issue.record("a zone without values has \(value)")
        default: break
        }
    }
}

private func value(_ vector: Vector, _ row: Int) -> Value {
    if let validity = vector.validity, !validity[row] { return .null }
    switch vector.values {
    case .codes(let codes, let dictionary):
        return codes[row] == 0 ? .null : .bytes(Array(dictionary.bytes(at: Int(codes[row]) - 1)))
    case .strings(let table): return .bytes(Array(table.bytes(at: row)))
    case .integers(let numbers): return .integer(numbers[row])
    case .floats(let numbers): return .float(numbers[row])
    case .booleans(let bits): return .boolean(bits[row])
    }
}

/// Batches and stores for tests.
enum Scenario {
    /// Tiny sizes, so that few rows make many granules, tiers and merges.
    static func options() -> StoreOptions {
        var options = StoreOptions()
        options.granuleRows = 7
        options.partitionsPerFlush = 3
        options.filterRowsLeast = 1
        options.filterEntriesLeast = 0
        options.filterGranules = 3
        options.mergeFanIn = 3
        options.mergeFanInMost = 4
        options.tierFloorBytes = 256
        options.tierFactor = 4
        options.mixedWaitFlushes = 2
        options.minimumFreeBytes = 0
        options.manifestRewriteFloor = 512
        options.mergesInBackground = false
        options.takeTestSizes()
        return options
    }

    static func open(
        _ disk: any Disk, _ directory: String = "/data", _ options: StoreOptions = options()
    ) throws -> Store {
        try Store.open(directory: directory, disk: disk, options: options) { _ in }
    }

    static func batch(_ number: UInt64, _ events: [TestEvent]) -> FlushBatch {
        batch(number, parts: TestRows.parts(events))
    }

    static func batch(_ number: UInt64, parts: [MemoryPart]) -> FlushBatch {
        FlushBatch(
            flushNumber: number, position: LogPosition(number * 10),
            replayPosition: LogPosition(number * 10 - 5),
            watermark: Milliseconds(number) * 1_000, state: [UInt8(truncatingIfNeeded: number)],
            parts: parts)
    }

    static func events(
        _ count: Int, from first: Int, days: Int, using random: inout SeededRandom
    ) -> [TestEvent] {
        (first..<first + count).map { TestEvent.random(id: $0, days: days, using: &random) }
    }
}

/// The files of a data directory's tables, relative to it.
func tableFiles(_ disk: any Disk, _ directory: String) throws -> Set<String> {
    var files = Set<String>()
    guard try disk.exists("\(directory)/tables") else { return [] }
    for table in try disk.list("\(directory)/tables") {
        for partition in try disk.list("\(directory)/tables/\(table)") {
            let folder = "tables/\(table)/\(partition)"
            for name in try disk.list("\(directory)/\(folder)") {
                files.insert("\(folder)/\(name)")
            }
        }
    }
    return files
}

/// The files that a view names, relative to the data directory.
func namedFiles(_ view: StoreView) -> Set<String> {
    Set(view.tableNames.flatMap { view.parts(table: $0).map(\.file) })
}
