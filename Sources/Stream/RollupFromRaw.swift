internal import Base
internal import Events
internal import Expressions
internal import PartFormat
internal import Store

/// Makes rows of one base rollup, or of its corrections, from raw rows: each granule becomes a
/// block of events again, which goes into windows as it did when it came.
final class RollupFromRaw: RollupMaker {
    private let table: String
    private let isCorrections: Bool
    private let catalog: Catalog
    private let definition: RollupDefinition
    private var windows: RollupWindows

    /// Nil where the table is not that of a base rollup.
    init?(table: String, catalog: Catalog) {
        let definition = catalog.rollups.first { definition in
            [false, true].contains { definition.schema(corrections: $0).name == table }
        }
        guard let definition else { return nil }
        self.table = table
        self.definition = definition
        self.catalog = Catalog(metrics: [], rollups: [definition])
        isCorrections = definition.schema(corrections: true).name == table
        windows = RollupWindows(catalog: self.catalog)
    }

    var byteCount: Int { windows.byteCount }

    func add(_ part: any TablePart, granule: Int) throws(StoreError) {
        let rows = try RawGranule(part, granule: granule, dimensions: definition.dimensions)
        let selected = (0..<rows.block.count).filter { rows.isLate[$0] == isCorrections }
            .map(UInt32.init)
        if selected.isEmpty { return }
        let minutes = rows.block.timestamps.map { Int32(truncatingIfNeeded: minuteNumber($0)) }
        if !isCorrections {
            windows.add(rows.block, minutes: minutes, onTime: selected, late: [], receivedHour: 0)
            return
        }
        // A block has one hour of receipt, a granule may have several.
        let byHour = Dictionary(grouping: selected) { row in
            floorDivide(rows.receivedAt[Int(row)], CivilTime.millisecondsPerHour)
        }
        for (hour, late) in byHour.sorted(by: { $0.key < $1.key }) {
            windows.add(
                rows.block, minutes: minutes, onTime: [], late: late,
                receivedHour: Int32(truncatingIfNeeded: hour))
        }
    }

    func take() -> MemoryPart? {
        let parts = windows.parts()
        windows = RollupWindows(catalog: catalog)
        return parts.first { $0.schema.name == table }
    }
}

/// Rows of a raw part as a block of events: their fields, and those of their properties that a
/// rollup has as dimensions.
struct RawGranule {
    let block: EventBlock
    let isLate: [Bool]
    let receivedAt: [Milliseconds]

    init(
        _ part: any TablePart, granule: Int, dimensions: [String]
    ) throws(StoreError) {
        let schema = part.schema
        let fields = ["eventType", "userId", "sessionId", "timestamp", "receivedAt", "late"]
        let wanted = fields + dimensions.map { "properties.\($0)" }
        let columns = schema.columns.indices.filter { wanted.contains(schema.columns[$0].name) }
        let vectors = try part.read(columns: columns, granules: [granule])[0]
        let count = part.rowCount(granule: granule)
        var byName: [String: [Vector]] = [:]
        for (column, vector) in zip(columns, vectors) {
            byName[schema.columns[column].name, default: []].append(vector)
        }
        func field(_ name: String) -> CodedColumn {
            byName[name]?.first.map { CodedColumn($0) }
                ?? CodedColumn(
                    codes: [UInt32](repeating: 0, count: count), dictionary: StringTable())
        }
        var properties: [PropertyColumn] = []
        for name in dimensions.sorted() {
            // The order of a block: the first type that has a value is a dimension's text.
            let types = (byName["properties.\(name)"] ?? []).sorted {
                $0.type.rawValue < $1.type.rawValue
            }
            properties += types.map { PropertyColumn(name: name, $0) }
        }
        let times = try Self.integers(byName["timestamp"]?.first, count)
        receivedAt = try Self.integers(byName["receivedAt"]?.first, count)
        isLate = Self.booleans(byName["late"]?.first, count)
        block = EventBlock(
            receivedAt: 0, eventIds: StringTable(repeatElement("", count: count)),
            assigned: Bitmap(count: count), eventType: field("eventType"),
            userId: field("userId"), sessionId: field("sessionId"), timestamps: times,
            skewedCount: 0, properties: properties)
    }

    private static func integers(
        _ vector: Vector?, _ count: Int
    ) throws(StoreError) -> [Milliseconds] {
        guard case .integers(let numbers) = vector?.values, numbers.count == count else {
            throw .invalid(message: "raw rows without times")
        }
        return numbers
    }

    private static func booleans(_ vector: Vector?, _ count: Int) -> [Bool] {
        guard case .booleans(let bits) = vector?.values else {
            return [Bool](repeating: false, count: count)
        }
        return (0..<count).map { bits[$0] }
    }
}

extension CodedColumn {
    /// The texts of a vector; its dictionary then has only what occurs.
    fileprivate init(_ vector: Vector) {
        var interner = StringInterner()
        var codes: [UInt32] = []
        switch vector.values {
        case .codes(let old, let dictionary):
            var translation = [UInt32](repeating: 0, count: dictionary.count + 1)
            codes.reserveCapacity(old.count)
            for code in old {
                let entry = Int(code)
                if entry != 0, translation[entry] == 0 {
                    translation[entry] = interner.intern(dictionary, entry: entry - 1)
                }
                codes.append(translation[entry])
            }
        case .strings(let table):
            for row in 0..<table.count {
                let isThere = vector.validity.map { $0[row] } ?? true
                codes.append(isThere ? interner.intern(table, entry: row) : 0)
            }
        case .integers, .floats, .booleans:
            codes = [UInt32](repeating: 0, count: vector.count)
        }
        self.init(codes: codes, dictionary: interner.table)
    }
}

extension PropertyColumn {
    /// The values of a vector, for the rows that have one.
    fileprivate init(name: String, _ vector: Vector) {
        let rows: [UInt32]
        let values: Values
        switch vector.values {
        case .codes, .strings:
            let column = CodedColumn(vector)
            rows = column.codes.indices.filter { column.codes[$0] != 0 }.map(UInt32.init)
            values = .codes(column.codes.filter { $0 != 0 }, dictionary: column.dictionary)
        case .integers(let numbers):
            rows = Self.rows(vector)
            values = .integers(rows.map { numbers[Int($0)] })
        case .floats(let numbers):
            rows = Self.rows(vector)
            values = .floats(rows.map { numbers[Int($0)] })
        case .booleans(let bits):
            rows = Self.rows(vector)
            values = .booleans(rows.map { bits[Int($0)] })
        }
        self.init(name: name, type: vector.type, rows: rows, values: values)
    }

    private static func rows(_ vector: Vector) -> [UInt32] {
        (0..<vector.count).filter { row in vector.validity.map { $0[row] } ?? true }
            .map(UInt32.init)
    }
}
