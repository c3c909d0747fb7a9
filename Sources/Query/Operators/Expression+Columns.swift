internal import Expressions

extension Expression {
    /// Adds the columns of the batch that it reads.
    func addColumns(to columns: inout Set<Int>) {
        switch self {
        case .constant: return
        case .column(let index, _): columns.insert(index)
        case .call(let call): for part in call.arguments { part.addColumns(to: &columns) }
        case .and(let parts), .or(let parts): for part in parts { part.addColumns(to: &columns) }
        case .not(let inner), .isNull(let inner), .oneOf(let inner, _, _):
            inner.addColumns(to: &columns)
        case .conditional(let branches, let otherwise, _):
            for branch in branches {
                branch.condition.addColumns(to: &columns)
                branch.value.addColumns(to: &columns)
            }
            otherwise.addColumns(to: &columns)
        }
    }

    /// The columns of the batch that it reads.
    var columns: Set<Int> {
        var columns: Set<Int> = []
        addColumns(to: &columns)
        return columns
    }

    /// The conditions that all must be true for it to be.
    var conjuncts: [Expression] {
        if case .and(let parts) = self { return parts.flatMap(\.conjuncts) }
        return [self]
    }
}
