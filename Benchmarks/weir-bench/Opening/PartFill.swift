internal import Aggregates
internal import Base
internal import Disk
internal import Expressions
internal import PartFormat
internal import Store

/// Writes many small parts through the store: events and the rollups of every installation, flush
/// by flush, over many days.
struct PartFill {
    /// Days of one flush: each table gets a part for each.
    private static let daysPerFlush = 50
    private static let start: Milliseconds = 1_767_571_200_000
    private static let properties = [
        "page", "device", "browser", "os", "country", "referrer", "element",
    ]

    let partCount: Int
    let rowsPerPart: Int

    /// A store of the directory that does nothing by itself.
    static func open(_ directory: String, _ disk: any Disk) throws(StoreError) -> Store {
        var options = StoreOptions()
        options.mergesInBackground = false
        options.derivedTables = Catalog.builtIn.derivedTables
        return try Store.open(
            directory: directory, disk: disk, options: options, syncLog: { _ in })
    }

    /// Fills the directory, which must be new; how many parts it has then.
    func run(_ directory: String, _ disk: any Disk) throws(StoreError) -> Int {
        let store = try Self.open(directory, disk)
        defer { store.close() }
        let tableCount = Catalog.builtIn.rollups.count + 1
        var written = 0
        var flush: UInt64 = 0
        while written < partCount {
            flush += 1
            let days = min(Self.daysPerFlush, (partCount - written + tableCount - 1) / tableCount)
            let position = LogPosition(flush)
            try store.commit(
                FlushBatch(
                    flushNumber: flush, position: position, replayPosition: position,
                    watermark: Self.start, state: [], parts: parts(flush, days: days)))
            written += days * tableCount
        }
        return written
    }

    private func parts(_ flush: UInt64, days: Int) -> [MemoryPart] {
        var times: [Milliseconds] = []
        for day in 0..<days {
            for row in 0..<rowsPerPart {
                let minute = (row + Int(flush) * rowsPerPart) % 1_440
                times.append(
                    Self.start + Milliseconds(day) * CivilTime.millisecondsPerDay
                        + Milliseconds(minute) * CivilTime.millisecondsPerMinute)
            }
        }
        return [events(times)] + Catalog.builtIn.rollups.map { rollup($0, times) }
    }

    /// One row for each time: different keys, so that none are combined.
    private func rollup(_ rollup: RollupDefinition, _ times: [Milliseconds]) -> MemoryPart {
        let schema = rollup.schema(corrections: false)
        let columns = schema.columns.map { column -> MemoryPart.Column in
            switch column.type {
            case .timestamp: return .vector(Vector(type: .timestamp, values: .integers(times)))
            case .integer:
                let ones = [Int64](repeating: 1, count: times.count)
                return .vector(Vector(type: .integer, values: .integers(ones)))
            case .state:
                var members = HashedMembers()
                let sets = times.indices.map { UInt32($0) }
                members.append(sets: sets, hashes: sets.map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 })
                return .members(members)
            default: return .vector(text(column.name, times.count))
            }
        }
        return MemoryPart(schema: schema, rowCount: times.count, columns: columns)
    }

    private func events(_ times: [Milliseconds]) -> MemoryPart {
        let fields = ["eventId", "eventType", "userId", "sessionId"]
        let names = fields + Self.properties.map { "properties.\($0)" }
        var columns = names.map { ColumnSchema(name: $0, type: .string, role: .value) }
        columns.append(ColumnSchema(name: "timestamp", type: .timestamp, role: .value))
        columns.append(ColumnSchema(name: "receivedAt", type: .timestamp, role: .value))
        let ids = StringTable(times.indices.map { "event-\($0)" })
        var vectors = [Vector(type: .string, values: .strings(ids))]
        vectors += names.dropFirst().map { text($0, times.count) }
        for _ in 0..<2 { vectors.append(Vector(type: .timestamp, values: .integers(times))) }
        let schema = TableSchema(
            name: LiveGeneration.rawTable, kind: .raw, partitioning: .day,
            timeColumn: "timestamp", sortKey: ["eventType", "properties.page", "timestamp"],
            columns: columns)
        return MemoryPart(
            schema: schema, rowCount: times.count, columns: vectors.map { .vector($0) })
    }

    private func text(_ name: String, _ count: Int) -> Vector {
        let entries = StringTable((0..<20).map { "\(name)/\($0)" })
        let codes = (0..<count).map { UInt32($0 % 20 + 1) }
        return Vector(type: .string, values: .codes(codes, dictionary: entries))
    }
}
