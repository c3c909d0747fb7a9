internal import Expressions
package import Store

/// A rollup in one width of buckets, as a table of SQL: `page_views_hour`.
///
/// Its rows are whole: one for each combination of dimensions and bucket, late events among them.
package struct RollupTable: Sendable, Equatable {
    /// What is counted by which dimensions.
    package var rollup: RollupDefinition
    /// How wide its buckets are.
    package var tier: Tier
    /// The metrics that it holds; each is a column of its own name.
    package var metrics: [MetricDefinition]

    /// The table's name.
    package var name: String { "\(rollup.name)_\(tier.name)" }

    /// The tables of all rollups.
    static func all(of catalog: Catalog) -> [RollupTable] {
        catalog.rollups.flatMap { rollup in
            Tier.allCases.sorted().map { tier in
                RollupTable(
                    rollup: rollup, tier: tier,
                    metrics: catalog.metrics.filter { $0.rollup == rollup.name })
            }
        }
    }

    var description: TableDescription {
        let dimensions = rollup.dimensions.map {
            TableDescription.Column(name: $0, type: .string)
        }
        let measures = metrics.map { metric in
            TableDescription.Column(
                name: metric.name, type: metric.aggregate == .uniq ? .state : .integer)
        }
        return TableDescription(
            name: name, kind: .rollup(self),
            columns: [TableDescription.Column(name: "bucket", type: .timestamp)] + dimensions
                + measures,
            summary: "\(rollup.name) by \(tier.name)")
    }
}
