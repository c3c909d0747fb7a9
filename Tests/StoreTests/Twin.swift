import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

/// The naive twin of a store: the rows of each table as plain values.
struct Twin: Equatable {
    /// Raw rows as text, one string a row, sorted.
    var events: [String] = []
    /// Counts and serialised sketches by key.
    var rollup: [String: Cell] = [:]

    struct Cell: Equatable {
        var count: Int64 = 0
        var users = HyperLogLog()

        static func == (left: Cell, right: Cell) -> Bool {
            left.count == right.count && left.users.serialized() == right.users.serialized()
        }
    }

    mutating func add(_ event: TestEvent) {
        events.append(event.text)
        var cell = rollup[event.key] ?? Cell()
        cell.count += 1
        cell.users.insert(hash: hash64(event.user))
        rollup[event.key] = cell
    }

    mutating func add(_ more: [TestEvent]) {
        for event in more { add(event) }
        events.sort()
    }
}

/// One event, from which a raw row and a rollup row are made.
struct TestEvent {
    var id: String
    var type: String
    var page: String?
    var device: String?
    var user: String
    var time: Milliseconds
    var load: Double?
    var depth: Int64?
    var isLate: Bool

    var bucket: Milliseconds { floorDivide(time, 60_000) * 60_000 }
    var key: String { "\(page ?? "-")|\(device ?? "-")|\(bucket)" }

    var text: String {
        var fields = [
            "eventId=\(id)", "eventType=\(type)", "late=\(isLate)", "timestamp=\(time)",
            "userId=\(user)",
        ]
        if let page { fields.append("properties.page=\(page)") }
        if let device { fields.append("properties.device=\(device)") }
        if let load { fields.append("properties.load=\(load)") }
        if let depth { fields.append("properties.depth=\(depth)") }
        return fields.sorted().joined(separator: " ")
    }

    static func random(
        id: Int, days: Int, pages: Int = 12, using random: inout SeededRandom
    ) -> TestEvent {
        let day = Milliseconds(20_000 + Int.random(in: 0..<days, using: &random))
        // Few minutes, so that keys repeat.
        let minute = Milliseconds.random(in: 0..<4, using: &random)
        let rest = Milliseconds.random(in: 0..<60_000, using: &random)
        return TestEvent(
            id: "event-\(id)", type: random.chance(0.7) ? "page_view" : "click",
            page: random.chance(0.9) ? "/page/\(Int.random(in: 0..<pages, using: &random))" : nil,
            device: random.chance(0.8) ? ["mobile", "desktop"].randomElement(using: &random) : nil,
            user: "user-\(Int.random(in: 0..<40, using: &random))",
            time: day * 86_400_000 + minute * 60_000 + rest,
            load: random.chance(0.5) ? Double.random(in: -5...500, using: &random) : nil,
            depth: random.chance(0.3) ? Int64.random(in: -100...100, using: &random) : nil,
            isLate: random.chance(0.1))
    }
}

enum TestRows {
    static let rollupSchema = TableSchema(
        name: "page_views_minute", kind: .rollup, partitioning: .day, timeColumn: "bucket",
        sortKey: ["page", "device", "bucket"],
        columns: [
            ColumnSchema(name: "page", type: .string, role: .key),
            ColumnSchema(name: "device", type: .string, role: .key),
            ColumnSchema(name: "bucket", type: .timestamp, role: .key),
            ColumnSchema(name: "events", type: .integer, role: .count),
            ColumnSchema(name: "users", type: .state, role: .uniq),
        ])

    /// The raw rows and the rollup rows of events, in the order in which they came.
    static func parts(_ events: [TestEvent]) -> [MemoryPart] { [raw(events), rollup(events)] }

    static func raw(_ events: [TestEvent]) -> MemoryPart {
        var columns = [
            ColumnSchema(name: "eventId", type: .string, role: .value),
            ColumnSchema(name: "eventType", type: .string, role: .key),
            ColumnSchema(name: "userId", type: .string, role: .value),
            ColumnSchema(name: "timestamp", type: .timestamp, role: .key),
            ColumnSchema(name: "late", type: .boolean, role: .value),
            ColumnSchema(name: "properties.page", type: .string, role: .key),
        ]
        var vectors = [
            Vector(type: .string, values: .strings(StringTable(events.map(\.id)))),
            coded(events.map(\.type)), coded(events.map(\.user)),
            Vector(type: .timestamp, values: .integers(events.map(\.time))),
            Vector(type: .boolean, values: .booleans(bitmap(events.map(\.isLate)))),
            coded(events.map(\.page)),
        ]
        // Columns without a value are left out, so that parts differ in width.
        if events.contains(where: { $0.device != nil }) {
            columns.append(ColumnSchema(name: "properties.device", type: .string, role: .value))
            vectors.append(coded(events.map(\.device)))
        }
        if events.contains(where: { $0.load != nil }) {
            columns.append(ColumnSchema(name: "properties.load", type: .float, role: .value))
            vectors.append(
                Vector(
                    type: .float, values: .floats(events.map { $0.load ?? 0 }),
                    validity: bitmap(events.map { $0.load != nil })))
        }
        if events.contains(where: { $0.depth != nil }) {
            columns.append(ColumnSchema(name: "properties.depth", type: .integer, role: .value))
            vectors.append(
                Vector(
                    type: .integer, values: .integers(events.map { $0.depth ?? 0 }),
                    validity: bitmap(events.map { $0.depth != nil })))
        }
        let schema = TableSchema(
            name: "events", kind: .raw, partitioning: .day, timeColumn: "timestamp",
            sortKey: ["eventType", "properties.page", "timestamp"], columns: columns)
        return MemoryPart(
            schema: schema, rowCount: events.count, columns: vectors.map { .vector($0) })
    }

    /// One row an event: combining equal keys is the store's work.
    static func rollup(_ events: [TestEvent]) -> MemoryPart {
        var members = HashedMembers()
        members.append(
            sets: events.indices.map { UInt32($0) }, hashes: events.map { hash64($0.user) })
        return MemoryPart(
            schema: rollupSchema, rowCount: events.count,
            columns: [
                .vector(coded(events.map(\.page))), .vector(coded(events.map(\.device))),
                .vector(Vector(type: .timestamp, values: .integers(events.map(\.bucket)))),
                .vector(
                    Vector(
                        type: .integer,
                        values: .integers([Int64](repeating: 1, count: events.count)))),
                .members(members),
            ])
    }

    static func coded(_ strings: [String?]) -> Vector {
        var codes: [UInt32] = []
        var dictionary = StringTable()
        var known: [String: UInt32] = [:]
        for string in strings {
            guard let string else {
                codes.append(0)
                continue
            }
            if known[string] == nil {
                dictionary.append(string)
                known[string] = UInt32(dictionary.count)
            }
            codes.append(known[string] ?? 0)
        }
        return Vector(type: .string, values: .codes(codes, dictionary: dictionary))
    }

    static func bitmap(_ flags: [Bool]) -> Bitmap {
        var bitmap = Bitmap(count: flags.count)
        for (index, flag) in flags.enumerated() { bitmap[index] = flag }
        return bitmap
    }
}
