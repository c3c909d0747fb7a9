internal import Base
internal import Events
internal import Expressions

/// Events of a log's payload as JSON, near to the form in which clients sent them.
enum EventText {
    /// One event.
    static func json(_ block: EventBlock, _ row: Int, position: UInt64) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.field("position", position)
        writer.field("receivedAt", timeText(block.receivedAt))
        writer.field("eventId", block.eventIds[row])
        if block.assigned[row] { writer.field("idAssigned", true) }
        for (name, column) in [
            ("eventType", block.eventType), ("userId", block.userId),
            ("sessionId", block.sessionId),
        ] {
            let code = Int(column.codes[row])
            if code > 0 { writer.field(name, column.dictionary[code - 1]) }
        }
        writer.field("timestamp", timeText(block.timestamps[row]))
        writer.key("properties")
        writer.beginObject()
        for column in block.properties {
            guard let place = place(of: UInt32(row), in: column.rows) else { continue }
            writer.key(column.name)
            writer.write(cell(column, place), type: column.type)
        }
        writer.endObject()
        writer.endObject()
        return writer.finish()
    }

    /// Where a row stands among those that have a value.
    private static func place(of row: UInt32, in rows: [UInt32]) -> Int? {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low] == row ? low : nil
    }

    private static func cell(_ column: PropertyColumn, _ place: Int) -> Cell {
        switch column.values {
        case .codes(let codes, let dictionary):
            .bytes(Array(dictionary.bytes(at: Int(codes[place]) - 1)))
        case .integers(let numbers): .integer(numbers[place])
        case .floats(let numbers): .float(numbers[place].bitPattern)
        case .booleans(let bits): .boolean(bits[place])
        }
    }
}
