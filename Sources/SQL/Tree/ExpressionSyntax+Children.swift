extension [ExpressionSyntax] {
    /// The height of the highest; 0 if empty.
    var heightMax: Int { reduce(0) { Swift.max($0, $1.height) } }
}

extension ExpressionSyntax.Kind {
    /// The height of the highest node directly below; 0 for a leaf.
    var childHeight: Int {
        switch self {
        case .literal, .column, .parameter, .time: 0
        case .query(let query), .exists(let query): query.height
        case .inQuery(let value, let query, _): max(value.height, query.height)
        case .call(let call): call.height
        default: operands.heightMax
        }
    }

    /// The expressions directly below, in the order of the text, where all that lies below are
    /// expressions.
    private var operands: [ExpressionSyntax] {
        switch self {
        case .literal, .column, .parameter, .time, .query, .exists, .inQuery, .call: []
        case .unary(_, let operand): [operand]
        case .binary(_, let left, let right): [left, right]
        case .and(let conditions), .or(let conditions): conditions
        case .isNull(let value, _): [value]
        case .between(let value, let low, let high, _): [value, low, high]
        case .inList(let value, let items, _): [value] + items
        case .match(let match): [match.value, match.pattern] + (match.escape.map { [$0] } ?? [])
        case .cast(let value, _, _): [value]
        case .conditional(let conditional): conditional.operands
        case .array(let items), .tuple(let items): items
        case .element(let value, let index): [value, index]
        case .interval(let amount, _): [amount]
        }
    }
}

extension CaseSyntax {
    fileprivate var operands: [ExpressionSyntax] {
        (operand.map { [$0] } ?? []) + branches.flatMap { [$0.when, $0.then] }
            + (otherwise.map { [$0] } ?? [])
    }
}
