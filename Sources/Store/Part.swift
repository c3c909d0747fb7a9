package import Base
package import Expressions
package import PartFormat

/// A part on disk: immutable rows of one partition of one table, sorted by the table's key.
package final class Part: TablePart {
    private let rows: MemoryPart
    package let timeRange: ClosedRange<Milliseconds>?
    /// The flushes whose rows are in it.
    package let flushRange: ClosedRange<UInt64>

    package var schema: TableSchema { rows.schema }
    package var rowCount: Int { rows.rowCount }
    package var granuleCount: Int { rows.granuleCount }

    init(rows: MemoryPart, flushRange: ClosedRange<UInt64>) {
        self.rows = rows
        self.flushRange = flushRange
        timeRange = rows.timeRange
    }

    package func rowCount(granule: Int) -> Int { rows.rowCount(granule: granule) }

    package func zone(column: Int, granule: Int) -> Zone? {
        rows.zone(column: column, granule: granule)
    }

    package func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        try rows.read(columns: columns, granules: granules)
    }
}
