package import Base
package import Store

/// The tables as a query sees them, at one instant.
package protocol TableSource: Sendable {
    /// All parts that hold rows of the table, those in memory included.
    func sources(table: String) -> [any TablePart]

    /// All parts that hold rows of a base rollup which a table derived from it does not contain
    /// yet, those in memory included.
    func sources(table: String, beyond derived: String) -> [any TablePart]

    /// The watermark of that instant; nil if nothing was ever counted.
    var watermark: Milliseconds? { get }

    /// Rows that were lost to damage.
    var losses: [LostRows] { get }
}

extension StoreView: TableSource {}
