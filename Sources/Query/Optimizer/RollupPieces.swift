internal import Base
internal import Expressions
internal import Store

/// The rows of a metrics plan as scans: of each segment the table, and what the table does not
/// contain of its base yet.
struct RollupPieces {
    private let bases: [String: String]
    private let plan: MetricsPlan

    init(_ rollup: RollupDefinition, _ plan: MetricsPlan) {
        var bases: [String: String] = [:]
        for corrections in [false, true] {
            for candidate in PlanCandidate.all(of: rollup, corrections: corrections) {
                bases[candidate.name] = candidate.base
            }
        }
        self.bases = bases
        self.plan = plan
    }

    /// Rows of these columns, the first of which is the time, that meet the conditions.
    func rows(_ columns: [TableScan.Column], where conditions: [Expression]) -> LogicalPlan {
        let scans = (plan.segments + plan.corrections).flatMap { segment in
            var scans = [TableScan(table: segment.table, columns: columns)]
            if let base = bases[segment.table] {
                scans.append(TableScan(table: base, columns: columns, beyond: segment.table))
            }
            return scans.map { scan in
                LogicalPlan.filter(
                    .and(Self.within(segment.range, column: 0) + conditions), .scan(scan))
            }
        }
        if scans.count == 1 { return scans[0] }
        // Nothing holds the range: a table without rows in it.
        if scans.isEmpty {
            return .filter(
                .constant(.boolean(false), .boolean),
                .scan(TableScan(table: plan.table, columns: columns)))
        }
        return .union(scans)
    }

    /// That the time in a column lies in the range.
    static func within(_ range: Range<Milliseconds>, column: Int) -> [Expression] {
        [("greaterOrEquals", range.lowerBound), ("less", range.upperBound)].map { name, bound in
            let operands: [Expression] = [
                .column(column, .timestamp), .constant(.timestamp(bound), .timestamp),
            ]
            do {
                return try FunctionCatalog.bind(
                    name, operands, zones: { _ throws(BindingError) in nil })
            } catch {
                preconditionFailure("times are comparable: \(error)")
            }
        }
    }
}
