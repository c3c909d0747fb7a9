internal import Base
internal import PartFormat
internal import Store

/// A table that may answer a query: a base rollup, or one that is derived from it.
struct PlanCandidate: Sendable {
    var name: String
    /// The table that holds what a derived one does not contain yet; nil for the base itself.
    var base: String?
    var tier: Tier
    var schema: TableSchema

    /// The base of a rollup, or of its corrections, and all that is derived from it.
    ///
    /// In the order in which the first of equal cost is taken: the base, then those of few
    /// dimensions and long buckets.
    static func all(of rollup: RollupDefinition, corrections: Bool) -> [PlanCandidate] {
        let base = rollup.schema(corrections: corrections)
        let derived = rollup.derivedTables.filter { $0.isCorrections == corrections }
        let inOrder = derived.sorted { left, right in
            (left.dimensions.count, right.tier) < (right.dimensions.count, left.tier)
        }
        return [PlanCandidate(name: base.name, base: nil, tier: .minute, schema: base)]
            + inOrder.map { table in
                PlanCandidate(
                    name: table.name, base: table.base, tier: table.tier, schema: table.schema)
            }
    }

    /// Why the table cannot answer the query; nil if it can.
    ///
    /// `divisor` is that of the edges of the query's buckets (see `TimeBuckets.edgeDivisor`).
    func obstacle(_ query: MetricsQuery, divisor: Milliseconds) -> String? {
        var missing: [String] = []
        for name in query.dimensions + query.filters.map(\.dimension)
        where schema.columnIndex(name) == nil && !missing.contains(name) {
            missing.append(name)
        }
        if !missing.isEmpty {
            return "lacks dimension\(missing.count > 1 ? "s" : "") "
                + missing.joined(separator: ", ")
        }
        if schema.columnIndex(query.metric.column) == nil {
            return "lacks measure \(query.metric.column)"
        }
        // The finest tier answers all: times are kept no finer.
        if tier == .minute || divisor % tier.width == 0 { return nil }
        return "its \(tier.name) buckets do not meet \(query.granularity.name)s in "
            + (query.zone?.name ?? "UTC")
    }

    /// The part of a range that whole buckets of the table fill; empty where there is none.
    func core(of range: Range<Milliseconds>) -> Range<Milliseconds> {
        let lower = -floorDivide(-range.lowerBound, tier.width) * tier.width
        let upper = floorDivide(range.upperBound, tier.width) * tier.width
        return lower..<max(lower, upper)
    }
}
