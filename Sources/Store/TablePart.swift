package import Base
package import Expressions
package import PartFormat

/// Rows of one table that a scan reads, on disk or still in memory.
///
/// Rows come in granules; a scan asks for the zones first and then reads the granules that can
/// matter, all at once.
package protocol TablePart: Sendable {
    var schema: TableSchema { get }
    var rowCount: Int { get }
    /// The least and greatest time of the rows (see `TableSchema.timeColumn`); nil without rows.
    var timeRange: ClosedRange<Milliseconds>? { get }
    var granuleCount: Int { get }

    func rowCount(granule: Int) -> Int

    /// What is known of a column's values in a granule without reading them; nil if nothing is.
    func zone(column: Int, granule: Int) -> Zone?

    /// Those of the granules whose rows may have one of the values in a column of strings, as far
    /// as it can be told by reading little; all where it cannot.
    func granules(
        _ granules: [Int], column: Int, holdingAny values: [[UInt8]]
    ) throws(StoreError) -> [Int]

    /// Reads columns of granules: one array for each granule asked for, in that order, with one
    /// vector for each column asked for.
    func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]]
}

extension TablePart {
    /// Nothing is told: all of them.
    package func granules(
        _ granules: [Int], column: Int, holdingAny values: [[UInt8]]
    ) throws(StoreError) -> [Int] { granules }
}
