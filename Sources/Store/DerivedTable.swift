package import Base
package import PartFormat

/// How long the buckets of a rollup table are; in UTC, counted from 1970.
package enum Tier: Int, Sendable, CaseIterable, Comparable {
    case minute = 1
    case quarter = 15
    case hour = 60
    case day = 1_440

    /// The length of a bucket.
    package var width: Milliseconds { Milliseconds(rawValue) * CivilTime.millisecondsPerMinute }

    /// Its name in the names of tables: `minute`, `quarter`, `hour` or `day`.
    package var name: String { "\(self)" }

    /// How tables of the tier are partitioned.
    ///
    /// Dashboards ask the tiers up to an hour for days or weeks: parts of a day spare them the
    /// rest of the month, which the sort by dimensions would make them read.
    var partitioning: TableSchema.Partitioning { self == .day ? .month : .day }

    package static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
}

/// A rollup table that is made from a base rollup in the background: a coarser tier, fewer
/// dimensions, or both.
///
/// Per partition of its base it contains all flushes up to a mark that the manifest states (see
/// `StoreView.sources(table:beyond:)`).
package struct DerivedTable: Sendable, Equatable {
    /// The table that it is made from.
    package var base: String
    /// A subset of the base's dimensions, in their order there.
    package var dimensions: [String]
    /// The length of its buckets.
    package var tier: Tier
    /// Its columns: the dimensions, `bucket`, what else the base keys on, and the measures.
    package var schema: TableSchema

    /// The table's name: `page_views_hour` has all dimensions of `page_views_minute`,
    /// `page_views_hour_by_page-device` two and `page_views_hour_total` none; `_corrections` ends
    /// the names of those made from corrections.
    package var name: String { schema.name }

    /// Whether it has all dimensions of its base.
    package var isFull: Bool
    /// Whether it holds late events.
    package var isCorrections: Bool

    /// The table of a rollup that has these of its dimensions, in these buckets.
    init(
        of rollup: RollupDefinition, dimensions: [String], tier: Tier, corrections: Bool
    ) {
        let baseSchema = rollup.schema(corrections: corrections)
        self.dimensions = dimensions
        self.tier = tier
        base = baseSchema.name
        isFull = dimensions.count == rollup.dimensions.count
        isCorrections = corrections
        var name = "\(rollup.name)_\(tier.name)"
        if dimensions.isEmpty {
            name += "_total"
        } else if !isFull {
            name += "_by_" + dimensions.joined(separator: "-")
        }
        let dropped = Set(rollup.dimensions).subtracting(dimensions)
        let time = baseSchema.timeColumn
        // The base is sorted by time first, and so are minutes; what is coarser is asked for long
        // ranges, by dimensions.
        var sortKey = baseSchema.sortKey.filter { !dropped.contains($0) }
        if tier > .minute {
            sortKey.removeAll { $0 == time }
            sortKey.insert(time, at: dimensions.count)
        }
        schema = TableSchema(
            name: TableSchema.name(name, corrections: corrections), kind: .rollup,
            partitioning: tier.partitioning, timeColumn: time, sortKey: sortKey,
            columns: baseSchema.columns.filter { !dropped.contains($0.name) })
    }
}

extension RollupDefinition {
    /// The tables that are derived from the rollup's base and from its corrections.
    ///
    /// All coarser tiers of the full set of dimensions, of each single one, of each pair with the
    /// first, and of none; all but the full set at a minute, too: where a range ends off the
    /// quarter of an hour, the base would have to be read, which has many times the rows.
    package var derivedTables: [DerivedTable] {
        [false, true].flatMap { corrections in
            derivedSets.flatMap { set in
                Tier.allCases.compactMap { tier -> DerivedTable? in
                    if tier == .minute, !hasMinutes(set) { return nil }
                    return DerivedTable(
                        of: self, dimensions: set, tier: tier, corrections: corrections)
                }
            }
        }
    }

    /// Sets of dimensions, the larger ones first.
    private var derivedSets: [[String]] {
        var sets = [dimensions]
        if let first = dimensions.first {
            sets += dimensions.dropFirst().map { [first, $0] }
            sets += dimensions.map { [$0] }
        }
        sets.append([])
        var distinct: [[String]] = []
        for set in sets where !distinct.contains(set) { distinct.append(set) }
        return distinct
    }

    private func hasMinutes(_ set: [String]) -> Bool {
        set != dimensions
    }
}

extension Catalog {
    /// The tables that are derived from all rollups.
    package var derivedTables: [DerivedTable] { rollups.flatMap(\.derivedTables) }
}
