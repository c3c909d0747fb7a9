extension ExpressionSyntax {
    /// The expressions directly below that belong to the same query, in the order of canonical
    /// text; what sub-queries hold is not among them.
    package var children: [ExpressionSyntax] {
        switch kind {
        case .literal, .column, .parameter, .time, .query, .exists: []
        case .unary(_, let operand): [operand]
        case .binary(_, let left, let right): [left, right]
        case .and(let conditions), .or(let conditions): conditions
        case .isNull(let value, _), .inQuery(let value, _, _), .cast(let value, _, _): [value]
        case .between(let value, let low, let high, _): [value, low, high]
        case .inList(let value, let items, _): [value] + items
        case .match(let match): [match.value, match.pattern] + [match.escape].compacted
        case .conditional(let conditional): conditional.children
        case .call(let call): call.children
        case .array(let items), .tuple(let items): items
        case .element(let value, let index): [value, index]
        case .interval(let amount, _): [amount]
        }
    }
}

extension CaseSyntax {
    fileprivate var children: [ExpressionSyntax] {
        [operand].compacted + branches.flatMap { [$0.when, $0.then] } + [otherwise].compacted
    }
}

extension CallSyntax {
    fileprivate var children: [ExpressionSyntax] {
        let before = (parameters ?? []) + arguments + order.map(\.expression)
        guard case .window(let window) = over else { return before + [filter].compacted }
        return before + [filter].compacted + window.children
    }
}

extension WindowSyntax {
    /// The expressions of the window, in the order of canonical text.
    package var children: [ExpressionSyntax] {
        let bounds = [frame?.start.distance, frame?.end.distance].compacted
        return partition + order.map(\.expression) + bounds
    }
}

extension FrameSyntax.Bound {
    /// How far the bound is from the current row, if it says so.
    package var distance: ExpressionSyntax? {
        switch self {
        case .preceding(let distance), .following(let distance): distance
        case .unboundedPreceding, .currentRow, .unboundedFollowing: nil
        }
    }
}

extension ExpressionSyntax.Kind {
    /// The query that the expression holds.
    var query: QuerySyntax? {
        switch self {
        case .query(let query), .exists(let query), .inQuery(_, let query, _): query
        default: nil
        }
    }
}

extension [ExpressionSyntax] {
    /// The height of the highest; 0 if empty.
    var heightMax: Int { reduce(0) { Swift.max($0, $1.height) } }
}

extension [ExpressionSyntax?] {
    fileprivate var compacted: [ExpressionSyntax] { compactMap(\.self) }
}
