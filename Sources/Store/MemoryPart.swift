package import Aggregates
package import Base
package import Expressions
package import PartFormat

/// A part that is not on disk yet: rows of one table, in any order, keys possibly repeated.
package struct MemoryPart: Sendable {
    /// A column's rows.
    package enum Column: Sendable {
        case vector(Vector)
        /// Of a `uniq` column, before there are states: row `i` holds the members of set `i`.
        case members(HashedMembers)
    }

    /// The table's columns and keys.
    package var schema: TableSchema
    /// How many rows each column has.
    package var rowCount: Int
    /// In the order of `schema.columns`.
    package var columns: [Column]
    /// The least and greatest time of the rows; nil without rows.
    package let timeRange: ClosedRange<Milliseconds>?

    /// Takes one column for each of the schema, in its order.
    package init(schema: TableSchema, rowCount: Int, columns: [Column]) {
        invariant(columns.count == schema.columns.count)
        self.schema = schema
        self.rowCount = rowCount
        self.columns = columns
        timeRange = Self.timeRange(schema, columns)
    }

    /// Found out once, O(rows), for each query asks for it many times.
    private static func timeRange(
        _ schema: TableSchema, _ columns: [Column]
    ) -> ClosedRange<Milliseconds>? {
        guard let index = schema.columnIndex(schema.timeColumn),
            case .vector(let vector) = columns[index],
            case .integers(let times) = vector.values, let first = times.first
        else { return nil }
        var (least, greatest) = (first, first)
        for time in times {
            least = min(least, time)
            greatest = max(greatest, time)
        }
        return least...greatest
    }
}

/// What the stream holds for one coming flush, as of one log position: queryable, immutable.
package struct LiveGeneration: Sendable {
    /// The flush that will write these rows.
    package var flushNumber: UInt64
    /// The log position that the generation reaches: all events before it are in it or in parts.
    package var position: LogPosition
    /// Up to which event time minutes had closed.
    package var watermark: Milliseconds
    /// Rollup rows, at most one part a table; the rows of a table's corrections are of their own
    /// table.
    package let parts: [MemoryPart]
    /// How many events there are in each minute of `parts`.
    package let counts: EventCounts
    /// The events themselves, where there are any; read only by queries that no rollup answers.
    package var raw: (any TablePart)?

    /// Counts the events of the parts, unless who made them has.
    package init(
        flushNumber: UInt64, position: LogPosition, watermark: Milliseconds, parts: [MemoryPart],
        counts: EventCounts? = nil, raw: (any TablePart)? = nil
    ) {
        self.flushNumber = flushNumber
        self.position = position
        self.watermark = watermark
        self.parts = parts
        self.counts = counts ?? EventCounts(of: parts)
        self.raw = raw
    }

    /// The table that `raw` holds rows of.
    package static let rawTable = "events"

    /// The parts that hold rows of a table.
    func sources(table: String) -> [any TablePart] {
        if table == Self.rawTable { return raw.map { [$0] } ?? [] }
        return parts.filter { $0.schema.name == table }
    }
}

/// What one flush commits, all or nothing.
package struct FlushBatch: Sendable {
    /// Greater than that of every flush before.
    package var flushNumber: UInt64
    /// The log position that is in the store once this is committed.
    package var position: LogPosition
    /// Where a restart begins to read the log to build the stream's state again (≤ `position`).
    package var replayPosition: LogPosition
    /// Up to which event time minutes had closed at `position`.
    package var watermark: Milliseconds
    /// The stream's own state, opaque to the store, given back at the next start.
    package var state: [UInt8]
    /// The rows, at most one part a table: raw events, rollups and corrections.
    package let parts: [MemoryPart]
    /// How many events there are in each minute of `parts`.
    package let counts: EventCounts

    /// Counts the events of the parts, unless who made them has.
    package init(
        flushNumber: UInt64, position: LogPosition, replayPosition: LogPosition,
        watermark: Milliseconds, state: [UInt8], parts: [MemoryPart], counts: EventCounts? = nil
    ) {
        self.flushNumber = flushNumber
        self.position = position
        self.replayPosition = replayPosition
        self.watermark = watermark
        self.state = state
        self.parts = parts
        expensiveInvariant(counts.map { $0 == EventCounts(of: parts) } ?? true, "other counts")
        self.counts = counts ?? EventCounts(of: parts)
    }
}
