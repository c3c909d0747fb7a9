internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// What a group of a rollup adds up to.
struct Cell: Equatable {
    var count: Int64 = 0
    var users = HyperLogLog()

    mutating func add(_ count: Int64, _ users: HyperLogLog) {
        self.count += count
        self.users.formUnion(users)
    }

    static func == (left: Cell, right: Cell) -> Bool {
        left.count == right.count && left.users.serialized() == right.users.serialized()
    }
}

/// All that the tables of a view hold, by hashes of what rows say.
struct Contents {
    /// How often each event row is there.
    private(set) var rows: [UInt64: Int] = [:]
    /// How often each event id is there.
    private(set) var ids: [UInt64: Int] = [:]
    /// Sentences on tables that do not hold what they must.
    private(set) var disagreements: [String] = []

    /// Reads a view whole; `lost` names tables that have lost rows, and may disagree.
    init(_ view: StoreView, _ settings: Settings, lost: Set<String> = []) throws(StoreError) {
        var expected: [[UInt64: Cell]] = [[:], [:]]
        for part in view.sources(table: LiveGeneration.rawTable) {
            for row in try EventRow.read(part) {
                rows[row.hash, default: 0] += 1
                ids[row.id, default: 0] += 1
                guard row.isView else { continue }
                var users = HyperLogLog()
                if row.person != 0 { users.insert(hash: row.person) }
                expected[row.isLate ? 1 : 0][row.key, default: Cell()].add(1, users)
            }
        }
        for (index, corrections) in [false, true].enumerated() {
            let table = Settings.rollup.schema(corrections: corrections).name
            var base = RollupTable(Settings.rollup.dimensions, width: 60_000)
            let parts = view.sources(table: table)
            for part in parts { try base.add(part) }
            if base.cells != expected[index],
                lost.isDisjoint(with: [table, LiveGeneration.rawTable])
            {
                disagreements.append(
                    "\(table) has \(base.cells.count) groups of \(base.total) events, the events "
                        + "\(expected[index].count) of "
                        + "\(expected[index].values.reduce(0) { $0 + $1.count })")
            }
            for derived in settings.store.derivedTables where derived.base == table {
                try compare(derived, view, lost: lost)
            }
        }
    }

    /// A derived table and what it lacks of its base are its base.
    private mutating func compare(
        _ table: DerivedTable, _ view: StoreView, lost: Set<String>
    ) throws(StoreError) {
        var found = RollupTable(table.dimensions, width: table.tier.width)
        var expected = found
        for part in view.sources(table: table.base) { try expected.add(part) }
        for part in view.parts(table: table.name) { try found.add(part) }
        for part in view.sources(table: table.base, beyond: table.name) { try found.add(part) }
        if found.cells != expected.cells, lost.isDisjoint(with: [table.name, table.base]) {
            disagreements.append(
                "\(table.name) has \(found.cells.count) groups of \(found.total) events, its base "
                    + "\(expected.cells.count) of \(expected.total)")
        }
    }
}

/// The groups of a rollup, by dimensions and buckets that may be coarser than those that are read.
private struct RollupTable {
    private let dimensions: [String]
    private let width: Milliseconds
    private(set) var cells: [UInt64: Cell] = [:]

    init(_ dimensions: [String], width: Milliseconds) {
        self.dimensions = dimensions
        self.width = width
    }

    var total: Int64 { cells.values.reduce(0) { $0 + $1.count } }

    mutating func add(_ part: any TablePart) throws(StoreError) {
        let schema = part.schema
        let names = dimensions + ["bucket", "receivedHour", "events", "users"]
        let columns = names.map { schema.columnIndex($0) }
        let present = columns.compactMap { $0 }
        let granules = Array(0..<part.granuleCount)
        for vectors in try part.read(columns: present, granules: granules) {
            var byName: [Vector?] = []
            var next = 0
            for column in columns {
                byName.append(column == nil ? nil : vectors[next])
                if column != nil { next += 1 }
            }
            try add(byName)
        }
    }

    /// The dimensions, then the columns named in `add(_:)`.
    private mutating func add(_ vectors: [Vector?]) throws(StoreError) {
        let measures = dimensions.count
        guard case .integers(let buckets)? = vectors[measures]?.values,
            case .integers(let counts)? = vectors[measures + 2]?.values,
            let users = vectors[measures + 3]
        else { throw .invalid(message: "a rollup without bucket, events or users") }
        var keys = [UInt64](repeating: 0, count: counts.count)
        for (index, name) in dimensions.enumerated() {
            guard let vector = vectors[index] else { continue }
            addComponents(of: vector, name: name, to: &keys)
        }
        if let hours = vectors[measures + 1] {
            addComponents(of: hours, name: "receivedHour", to: &keys)
        }
        for row in keys.indices {
            let bucket = floorDivide(buckets[row], width) * width
            let key =
                keys[row] &+ RowHash.component(hash64("bucket"), UInt64(bitPattern: bucket))
            cells[key, default: Cell()].add(counts[row], try sketch(users, row))
        }
    }

    private func sketch(_ vector: Vector, _ row: Int) throws(StoreError) -> HyperLogLog {
        guard case .strings(let states) = vector.values else {
            throw .invalid(message: "users that are no states")
        }
        do {
            return try HyperLogLog(decoding: states.bytes(at: row).span)
        } catch { throw .corrupt(error) }
    }
}

/// What the check needs of a row of the table of events.
private struct EventRow {
    var hash: UInt64 = 0
    var id: UInt64 = 0
    var isView = false
    var isLate = false
    /// The group of the rollup or, if it is late, of the corrections.
    var key: UInt64 = 0
    /// The hash of the user, else of the session; 0 for nobody.
    var person: UInt64 = 0

    static func read(_ part: any TablePart) throws(StoreError) -> [EventRow] {
        let schema = part.schema
        let columns = Array(schema.columns.indices)
        var rows: [EventRow] = []
        for vectors in try part.read(columns: columns, granules: Array(0..<part.granuleCount)) {
            var byName: [String: Vector] = [:]
            for (column, vector) in zip(schema.columns, vectors) { byName[column.name] = vector }
            rows += rowsOf(byName)
        }
        return rows
    }

    private static func rowsOf(_ vectors: [String: Vector]) -> [EventRow] {
        let count = vectors["eventId"]?.count ?? 0
        var hashes = [UInt64](repeating: 0, count: count)
        for (name, vector) in vectors { addComponents(of: vector, name: name, to: &hashes) }
        var keys = [UInt64](repeating: 0, count: count)
        for name in Settings.rollup.dimensions {
            guard let vector = vectors["properties.\(name)"] else { continue }
            addComponents(of: vector, name: name, to: &keys)
        }
        let view = hash64("view")
        return (0..<count).map { row in
            var found = EventRow()
            found.hash = hashes[row]
            found.id = valueHash(vectors["eventId"], row) ?? 0
            found.isView = valueHash(vectors["eventType"], row) == view
            found.isLate = valueHash(vectors["late"], row) == 1
            found.person =
                valueHash(vectors["userId"], row) ?? valueHash(vectors["sessionId"], row) ?? 0
            let time = Int64(bitPattern: valueHash(vectors["timestamp"], row) ?? 0)
            let received = Int64(bitPattern: valueHash(vectors["receivedAt"], row) ?? 0)
            found.key = keys[row] &+ bucketComponent("bucket", time, 60_000)
            if found.isLate { found.key &+= bucketComponent("receivedHour", received, 3_600_000) }
            return found
        }
    }

    private static func bucketComponent(
        _ name: String, _ time: Int64, _ width: Int64
    ) -> UInt64 {
        RowHash.component(hash64(name), UInt64(bitPattern: floorDivide(time, width) * width))
    }
}

/// Adds the hash of each row's value, where it has one.
private func addComponents(of vector: Vector, name: String, to hashes: inout [UInt64]) {
    let name = hash64(name)
    for row in hashes.indices {
        if let value = valueHash(vector, row) { hashes[row] &+= RowHash.component(name, value) }
    }
}

private func valueHash(_ vector: Vector?, _ row: Int) -> UInt64? {
    guard let vector else { return nil }
    if let validity = vector.validity, !validity[row] { return nil }
    switch vector.values {
    case .codes(let codes, let dictionary):
        return codes[row] == 0 ? nil : hash64(dictionary[Int(codes[row]) - 1])
    case .strings(let table): return hash64(table[row])
    case .integers(let numbers): return UInt64(bitPattern: numbers[row])
    case .floats(let numbers): return numbers[row].bitPattern
    case .booleans(let bits): return bits[row] ? 1 : 0
    }
}
