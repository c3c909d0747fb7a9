internal import Expressions
internal import PartFormat
internal import Store

extension RollupTable {
    /// Columns of the whole rows of the table.
    ///
    /// On disk a row may lie in pieces, which merges join some time later; late events lie in the
    /// corrections' table. All pieces of the base are read and combined, so that the answer does
    /// not depend on what was merged or derived yet.
    func plan(_ columns: [TableScan.Column]) -> LogicalPlan {
        // Only combinations of all dimensions are rows.
        let bucket = TableScan.Column(name: "bucket", type: .timestamp)
        let keys = [bucket] + rollup.dimensions.map { TableScan.Column(name: $0, type: .string) }
        let measures = metrics.filter { metric in
            columns.contains { $0.name == metric.name }
        }
        let scanned =
            keys
            + measures.map { metric in
                TableScan.Column(
                    name: metric.column, type: metric.aggregate == .uniq ? .state : .integer)
            }
        let pieces = [false, true].map { corrections in
            LogicalPlan.scan(
                TableScan(
                    table: rollup.schema(corrections: corrections).name, columns: scanned))
        }
        let calls = measures.enumerated().map { index, metric in
            let argument = Expression.column(keys.count + index, scanned[keys.count + index].type)
            return metric.aggregate == .uniq
                ? AggregateCall(.uniqUnion, [argument], type: .state)
                : AggregateCall(.sum, [argument], type: .integer)
        }
        let rest = keys.indices.dropFirst().map { Expression.column($0, .string) }
        let rows = LogicalPlan.aggregate(
            keys: [Self.start(of: tier)] + rest, calls: calls, .union(pieces))
        let names = keys.map(\.name) + measures.map(\.name)
        return .project(
            columns.map { column in
                .column(names.firstIndex(of: column.name) ?? 0, column.type)
            }, rows)
    }

    /// The start of the bucket of a tier that the first column lies in.
    private static func start(of tier: Tier) -> Expression {
        let bucket = Expression.column(0, .timestamp)
        if tier == .minute { return bucket }
        let width = Expression.constant(
            .interval(months: 0, milliseconds: tier.width), .interval)
        do {
            return try FunctionCatalog.bind(
                "time_bucket", [width, bucket], zones: { _ throws(BindingError) in nil })
        } catch {
            preconditionFailure("time_bucket takes an interval and a time: \(error)")
        }
    }
}
