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

    /// From when on a table holds all its rows, as retention has dropped those before; nil where
    /// it holds all.
    func horizon(table: String) -> Milliseconds?

    /// The greatest horizon of any table; nil where all hold all their rows.
    var latestHorizon: Milliseconds? { get }
}

extension TableSource {
    /// All rows are held.
    package func horizon(table: String) -> Milliseconds? { nil }

    /// All rows are held.
    package var latestHorizon: Milliseconds? { nil }
}

extension StoreView: TableSource {}
