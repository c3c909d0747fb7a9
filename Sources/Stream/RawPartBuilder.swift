internal import Base
internal import Events
internal import Expressions
internal import PartFormat
internal import Store

/// Makes the raw part of a flush: joins the columns of the tail's blocks, whose dictionaries are
/// merged into one for each column.
///
/// Column by column within a block, block by block: what a string costs is paid once for each
/// distinct value of a block.
struct RawPartBuilder {
    private let rowCount: Int
    private var eventIds = StringTable()
    private var eventType: CodedColumnBuilder
    private var userId: CodedColumnBuilder
    private var sessionId: CodedColumnBuilder
    private var timestamps: [Int64] = []
    private var receivedAt: [Int64] = []
    private var late: Bitmap
    private var properties: [PropertyColumnBuilder]
    private var propertyIndex: [String: [Int]] = [:]
    /// Where the columns of the previous block went; those of the next are mostly the same.
    private var predicted: [Int] = []

    /// The part that holds the rows of the tail.
    static func build(_ tail: RawTail) -> MemoryPart {
        var builder = RawPartBuilder(rowCount: tail.rowCount)
        builder.reserveEventIds(tail)
        var base = 0
        for entry in tail.entries {
            builder.add(entry, at: base)
            base += entry.rowCount
        }
        return builder.finish()
    }

    private init(rowCount: Int) {
        self.rowCount = rowCount
        eventType = CodedColumnBuilder(rowCount: rowCount)
        userId = CodedColumnBuilder(rowCount: rowCount)
        sessionId = CodedColumnBuilder(rowCount: rowCount)
        late = Bitmap(count: rowCount)
        properties = []
        _ = propertyIndex(RawSchema.pageProperty, .string)
    }

    private mutating func reserveEventIds(_ tail: RawTail) {
        let byteCount = tail.entries.reduce(0) { $0 + $1.block.eventIds.bytes.count }
        invariant(byteCount <= Int(UInt32.max), "\(byteCount) bytes of event ids in one flush")
        eventIds.bytes.reserveCapacity(byteCount)
        eventIds.offsets.reserveCapacity(rowCount + 1)
        timestamps.reserveCapacity(rowCount)
        receivedAt.reserveCapacity(rowCount)
    }

    private mutating func add(_ entry: RawTail.Entry, at base: Int) {
        let block = entry.block
        let targets = RowTargets(base: base, chosen: entry.rows, blockRowCount: block.count)
        addEventIds(block.eventIds, entry.rows)
        if let rows = entry.rows {
            for row in rows { timestamps.append(block.timestamps[Int(row)]) }
        } else {
            timestamps.append(contentsOf: block.timestamps)
        }
        receivedAt.append(contentsOf: repeatElement(entry.logTime, count: entry.rowCount))
        for row in entry.late { late[targets[Int(row)]] = true }
        eventType.add(block.eventType, targets)
        userId.add(block.userId, targets)
        sessionId.add(block.sessionId, targets)
        for (index, column) in block.properties.enumerated() {
            let place = place(of: column, at: index)
            properties[place].add(column, targets)
        }
    }

    private mutating func addEventIds(_ ids: StringTable, _ rows: [UInt32]?) {
        guard let rows else {
            let shift = UInt32(eventIds.bytes.count)
            eventIds.bytes.append(contentsOf: ids.bytes)
            for index in 1..<ids.offsets.count {
                eventIds.offsets.append(ids.offsets[index] + shift)
            }
            return
        }
        for row in rows { eventIds.append(ids.bytes(at: Int(row))) }
    }

    /// The column that takes the block's property column number `index`.
    private mutating func place(of column: PropertyColumn, at index: Int) -> Int {
        if index < predicted.count {
            let guess = predicted[index]
            if properties[guess].type == column.type, properties[guess].name == column.name {
                return guess
            }
        }
        let place = propertyIndex(column.name, column.type)
        while predicted.count <= index { predicted.append(0) }
        predicted[index] = place
        return place
    }

    private mutating func propertyIndex(_ name: String, _ type: ValueType) -> Int {
        for index in propertyIndex[name] ?? [] where properties[index].type == type { return index }
        properties.append(PropertyColumnBuilder(name: name, type: type, rowCount: rowCount))
        propertyIndex[name, default: []].append(properties.count - 1)
        return properties.count - 1
    }

    private consuming func finish() -> MemoryPart {
        invariant(eventIds.count == rowCount && timestamps.count == rowCount)
        var vectors = [
            Vector(type: .string, values: .strings(eventIds)), eventType.finish(.string),
            userId.finish(.string), sessionId.finish(.string),
            Vector(type: .timestamp, values: .integers(timestamps)),
            Vector(type: .timestamp, values: .integers(receivedAt)),
            Vector(type: .boolean, values: .booleans(late)),
        ]
        var schema = RawSchema()
        for property in properties { schema.add(property.name, property.type) }
        for property in schema.properties {
            let place = propertyIndex(property.name, property.type)
            vectors.append(properties[place].finish())
        }
        return MemoryPart(
            schema: schema.schema, rowCount: rowCount, columns: vectors.map { .vector($0) })
    }
}

/// Where the rows of a block go in the part: all of them in a row, or the chosen ones.
struct RowTargets {
    let base: Int
    /// For each row of the block its place in the part, or -1; nil where all rows go.
    private let places: [Int32]?

    init(base: Int, chosen: [UInt32]?, blockRowCount: Int) {
        self.base = base
        places = chosen.map { rows in
            var places = [Int32](repeating: -1, count: blockRowCount)
            for (index, row) in rows.enumerated() { places[Int(row)] = Int32(base + index) }
            return places
        }
    }

    var takesAll: Bool { places == nil }

    /// The place of a row in the part, or -1.
    subscript(row: Int) -> Int {
        guard let places else { return base &+ row }
        return Int(places[row])
    }
}
