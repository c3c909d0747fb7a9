import Base
import Disk
import Expressions
import PartFormat
import Query
import Store

/// Random events, and what a query over them is made of.
enum OperatorRows {
    static let start: Milliseconds = 1_767_225_600_000  // 2026-01-01
    static let hour: Milliseconds = 3_600_000

    /// As the scans of the tests read them.
    static let columns: [TableScan.Column] = [
        .init(name: "eventType", type: .string), .init(name: "userId", type: .string),
        .init(name: "timestamp", type: .timestamp), .init(name: "late", type: .boolean),
        .init(name: "plan", type: .string), .init(name: "amount", type: .integer),
        .init(name: "price", type: .float), .init(name: "mixed", type: .string),
        .init(name: "mixed", type: .float), .init(name: "nowhere", type: .string),
        .init(name: "sessionId", type: .string), .init(name: "page", type: .string),
    ]

    static func random(_ count: Int, _ random: inout SeededRandom) -> [RawRow] {
        (0..<count).map { index in
            var row = RawRow(
                time: start + Milliseconds(random.below(72 * Int(hour) / 1000)) * 1000)
            row.type = ["view", "click", "scroll"][random.below(3)]
            row.user = random.chance(0.1) ? nil : "user_\(random.below(40))"
            row.session = "sess_\(random.below(max(1, count / 3)))"
            row.isLate = random.chance(0.2)
            if random.chance(0.7) {
                row.properties["plan"] = .string(random.chance(0.5) ? "pro" : "")
            }
            if random.chance(0.8) {
                row.properties["amount"] = .integer(Int64(random.below(50)) - 10)
            }
            if random.chance(0.6) {
                row.properties["price"] = .float(Double(random.below(1_000)) / 7)
            }
            if random.chance(0.9) { row.properties["page"] = .string("/p/\(random.below(25))") }
            switch random.below(4) {
            case 0: row.properties["mixed"] = .integer(Int64(random.below(5)))
            case 1: row.properties["mixed"] = .float(Double(random.below(5)) + 0.5)
            case 2: row.properties["mixed"] = .string("m\(random.below(5))")
            default: break
            }
            return row
        }
    }

    /// The value of a column of the scan.
    static func value(_ row: RawRow, _ column: Int) -> Value {
        let scanned = columns[column]
        if scanned.name == "late" { return .boolean(row.isLate) }
        if scanned.type == .timestamp { return .timestamp(row.time) }
        if scanned.name == "sessionId" { return row.session.map(Value.string) ?? .null }
        guard scanned.type == .string else {
            switch (row.properties[scanned.name], scanned.type) {
            case (.integer(let number), .integer): return .integer(number)
            case (.integer(let number), .float): return .float(Double(number))
            case (.float(let number), .float): return .float(number)
            default: return .null
            }
        }
        return row.text(scanned.name).map(Value.string) ?? .null
    }

    /// The rows as parts: some on a disk, merged or not, some in memory.
    static func source(
        _ rows: [RawRow], granuleRows: Int, _ random: inout SeededRandom
    ) throws -> (source: TestTables, store: Store) {
        var options = StoreOptions()
        options.granuleRows = granuleRows
        options.filterRowsLeast = 1
        options.filterEntriesLeast = 0
        options.mergeFanIn = 2
        options.minimumFreeBytes = 0
        options.mergesInBackground = false
        let store = try Store.open(
            directory: "/data", disk: FaultingDisk(seed: random.next()), options: options
        ) { _ in }
        let flushCount = 1 + random.below(4)
        let flushes = Dictionary(grouping: rows) { _ in random.below(flushCount + 1) }
        var tables = TestTables()
        for flush in 1...flushCount {
            guard let batch = flushes[flush] else { continue }
            try store.commit(
                FlushBatch(
                    flushNumber: UInt64(flush), position: LogPosition(UInt64(flush)),
                    replayPosition: LogPosition(0), watermark: start, state: [],
                    parts: [rawPart(batch)]))
        }
        if random.chance(0.7) { while try store.mergeOnce() {} }
        tables.parts["events"] = store.view().sources(table: "events")
        if let live = flushes[0] { tables.add(rawPart(live)) }
        return (tables, store)
    }

    /// A call of a function of the catalogue.
    static func call(_ name: String, _ arguments: [Expression]) -> Expression {
        do {
            return try FunctionCatalog.bind(name, arguments) { _ in nil }
        } catch {
            fatalError("\(name): \(error)")
        }
    }

    /// The start of the hour of the column `timestamp`.
    static let hourOfTime = call(
        "date_trunc", [.constant(.string("hour"), .string), .column(2, .timestamp)])

    /// Whether the column `timestamp` is not before a time.
    static func notBefore(_ time: Milliseconds) -> Expression {
        call(">=", [.column(2, .timestamp), .constant(.timestamp(time), .timestamp)])
    }
}

extension Vector {
    /// The value of a row, as a column of a type.
    func value(_ row: Int, _ type: DataType) -> Value {
        switch values {
        case .codes(let codes, let dictionary):
            return codes[row] == 0 ? .null : .string(dictionary[Int(codes[row]) - 1])
        case .strings(let table): return validity?[row] ?? true ? .string(table[row]) : .null
        case .integers(let numbers):
            guard validity?[row] ?? true else { return .null }
            switch type {
            case .timestamp: return .timestamp(numbers[row])
            case .date: return .date(numbers[row])
            default: return .integer(numbers[row])
            }
        case .floats(let numbers): return validity?[row] ?? true ? .float(numbers[row]) : .null
        case .booleans(let bits): return validity?[row] ?? true ? .boolean(bits[row]) : .null
        }
    }
}

extension Batch {
    /// The rows as values.
    func rows(_ types: [DataType]) -> [[Value]] {
        (0..<rowCount).map { row in
            columns.indices.map { columns[$0].value(row, types[$0]) }
        }
    }
}
