package import Base
package import Store

/// The tables as a query sees them, at one instant.
package protocol TableSource: Sendable {
    /// All parts that hold rows of the table, those in memory included.
    func sources(table: String) -> [any TablePart]

    /// All parts of a base rollup, those in memory included, whose rows a table that is derived
    /// from it does not contain yet.
    func sources(table: String, beyond derived: String) -> [any TablePart]

    /// The watermark of that instant; nil if nothing was ever counted.
    var watermark: Milliseconds? { get }

    /// Rows that were lost to damage.
    var losses: [LostRows] { get }
}

extension StoreView: TableSource {}
