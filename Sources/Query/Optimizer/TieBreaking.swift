internal import Expressions

/// Makes the rows that a limit keeps the same whatever order rows come in: of rows that are equal
/// in all keys, those that are first by their other columns.
enum TieBreaking {
    static func complete(_ plan: LogicalPlan) -> LogicalPlan {
        let completed = plan.mapInputs(complete)
        guard case .sort(var keys, let limit?, let input) = completed else { return completed }
        for (index, type) in input.types.enumerated() where type != .state && type != .null {
            let column = Expression.column(index, type)
            if keys.contains(where: { $0.expression == column }) { continue }
            keys.append(SortKey(column, isDescending: false, nullsFirst: false))
        }
        return .sort(keys, limit: limit, input)
    }
}
