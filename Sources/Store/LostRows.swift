package import Base

/// Rows of a part that could not be read and was set aside.
package struct LostRows: Sendable, Equatable {
    /// Where rows of a table stand: what is needed to make them again.
    package struct Place: Sendable, Equatable {
        /// The partition that the rows fall into.
        package var partition: Partition
        /// The least and greatest flush whose rows they are.
        package var flushRange: ClosedRange<UInt64>

        package init(partition: Partition, flushRange: ClosedRange<UInt64>) {
            self.partition = partition
            self.flushRange = flushRange
        }
    }

    /// The table that the rows were of; empty where the manifest was damaged and it may be any.
    package var table: String
    /// Nil where it is not known which rows are lost; then every answer of the table is partial.
    package var timeRange: ClosedRange<Milliseconds>?
    /// How many rows are lost; 0 where it is not known.
    package var rowCount: Int
    /// The file as it was named, relative to the data directory.
    package var file: String
    /// What was wrong with the file; once nothing can make the rows again, why.
    package var reason: String
    /// Where the rows stood; nil where that is not known.
    package var place: Place?
    /// Whether it is known that nothing can make the rows again.
    package var isFinal: Bool

    package init(
        table: String, timeRange: ClosedRange<Milliseconds>?, rowCount: Int, file: String,
        reason: String, place: Place? = nil, isFinal: Bool = false
    ) {
        self.table = table
        self.timeRange = timeRange
        self.rowCount = rowCount
        self.file = file
        self.reason = reason
        self.place = place
        self.isFinal = isFinal
    }

    /// All rows of a part.
    init(_ entry: PartEntry, reason: String) {
        self.init(
            table: entry.table, timeRange: entry.timeRange, rowCount: entry.rowCount,
            file: entry.path, reason: reason,
            place: Place(partition: entry.partition, flushRange: entry.flushRange))
    }

    /// Whether the rows may be made again.
    package var isPending: Bool { place != nil && !isFinal }
}
