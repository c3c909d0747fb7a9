internal import Base
internal import Events
internal import Expressions
internal import PartFormat
internal import Store

/// The events of a live generation as a table that queries read: one granule for each block, whose
/// columns become vectors only when they are asked for.
///
/// So to publish it costs next to nothing, however many events there are. Dictionaries are those of
/// the blocks.
final class RawTailPart: TablePart {
    private enum Column {
        case eventId, eventType, userId, sessionId, timestamp, receivedAt, late
        case property(String, ValueType)
    }

    /// What a scan needs to know of all blocks together; found out by the first that asks.
    private struct Index {
        var entries: [RawTail.Entry] = []
        var columns: [Column] = []
        var schema: TableSchema
        var timeRange: ClosedRange<Milliseconds>?
    }

    let rowCount: Int
    private let tail: RawTail
    private let known = Locked<Index?>(nil)

    init(_ tail: RawTail) {
        self.tail = tail
        rowCount = tail.rowCount
    }

    var schema: TableSchema { index.schema }
    var timeRange: ClosedRange<Milliseconds>? { index.timeRange }
    var granuleCount: Int { index.entries.count }

    func rowCount(granule: Int) -> Int { index.entries[granule].rowCount }

    func zone(column: Int, granule: Int) -> Zone? { nil }

    func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        let index = index
        return granules.map { granule in
            columns.map { Self.vector(index.columns[$0], index.entries[granule]) }
        }
    }

    private var index: Index {
        known.withLock { known in
            if let known { return known }
            let index = Self.makeIndex(tail)
            known = index
            return index
        }
    }

    private static func makeIndex(_ tail: RawTail) -> Index {
        var schemas = RawSchema()
        var times: ClosedRange<Milliseconds>?
        for entry in tail.entries {
            schemas.add(entry.block.properties)
            guard let range = timeRange(of: entry) else { continue }
            let (least, greatest) = (times?.lowerBound, times?.upperBound)
            times =
                min(
                    least ?? range.lowerBound, range.lowerBound)...max(
                    greatest ?? range.upperBound, range.upperBound)
        }
        let fields: [Column] = [
            .eventId, .eventType, .userId, .sessionId, .timestamp, .receivedAt, .late,
        ]
        return Index(
            entries: Array(tail.entries),
            columns: fields + schemas.properties.map { .property($0.name, $0.type) },
            schema: schemas.schema, timeRange: times)
    }

    private static func timeRange(of entry: RawTail.Entry) -> ClosedRange<Milliseconds>? {
        let times = entry.block.timestamps
        var (least, greatest) = (Milliseconds.max, Milliseconds.min)
        if let rows = entry.rows {
            for row in rows {
                least = min(least, times[Int(row)])
                greatest = max(greatest, times[Int(row)])
            }
        } else {
            for time in times {
                least = min(least, time)
                greatest = max(greatest, time)
            }
        }
        return least <= greatest ? least...greatest : nil
    }

    private static func vector(_ column: Column, _ entry: RawTail.Entry) -> Vector {
        let block = entry.block
        switch column {
        case .eventId:
            guard let rows = entry.rows else {
                return Vector(type: .string, values: .strings(block.eventIds))
            }
            var ids = StringTable()
            for row in rows { ids.append(block.eventIds.bytes(at: Int(row))) }
            return Vector(type: .string, values: .strings(ids))
        case .eventType: return coded(block.eventType, entry)
        case .userId: return coded(block.userId, entry)
        case .sessionId: return coded(block.sessionId, entry)
        case .timestamp:
            let times = entry.rows?.map { block.timestamps[Int($0)] } ?? block.timestamps
            return Vector(type: .timestamp, values: .integers(times))
        case .receivedAt:
            let times = [Milliseconds](repeating: entry.logTime, count: entry.rowCount)
            return Vector(type: .timestamp, values: .integers(times))
        case .late:
            var bits = Bitmap(count: entry.rowCount)
            let targets = targets(entry)
            for row in entry.late { bits[targets[Int(row)]] = true }
            return Vector(type: .boolean, values: .booleans(bits))
        case .property(let name, let type): return property(name, type, entry)
        }
    }

    private static func targets(_ entry: RawTail.Entry) -> RowTargets {
        RowTargets(base: 0, chosen: entry.rows, blockRowCount: entry.block.count)
    }

    private static func coded(_ column: CodedColumn, _ entry: RawTail.Entry) -> Vector {
        let codes = entry.rows?.map { column.codes[Int($0)] } ?? column.codes
        return Vector(type: .string, values: .codes(codes, dictionary: column.dictionary))
    }

    private static func property(
        _ name: String, _ type: ValueType, _ entry: RawTail.Entry
    ) -> Vector {
        var builder = PropertyColumnBuilder(name: name, type: type, rowCount: entry.rowCount)
        let column = entry.block.properties.first { $0.type == type && $0.name == name }
        if let column { builder.add(column, targets(entry)) }
        return builder.finish()
    }
}
