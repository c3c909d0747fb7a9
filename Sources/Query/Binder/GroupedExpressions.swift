internal import Expressions
internal import SQL

/// Rewrites expressions over rows into expressions over groups.
struct GroupedExpressions {
    let keys: [Expression]
    let aggregateTypes: [DataType]
    let scope: SourceScope
    let place: BindingPlace
    /// Where an error stands whose column was not named in the text.
    let fallback: SourceRange

    /// Keys and aggregates become columns of the groups; what else reads a column has no one value
    /// in a group.
    func rewrite(_ expression: Expression) throws(QueryError) -> Expression {
        if let index = keys.firstIndex(of: expression) { return .column(index, expression.type) }
        guard case .column(let index, let type) = expression else {
            return try expression.mapChildren { child throws(QueryError) in try rewrite(child) }
        }
        if index >= SelectState.firstWindow { return expression }
        if index >= SelectState.firstAggregate {
            return .column(keys.count + index - SelectState.firstAggregate, type)
        }
        let (name, range) = scope.place(of: index)
        throw place.error(
            "not_grouped",
            "column \"\(name)\" is neither in GROUP BY nor in an aggregate; use any_value(\(name)) "
                + "for any one of its values",
            at: range.end > range.start ? range : fallback)
    }

    func rewrite(_ expressions: [Expression]) throws(QueryError) -> [Expression] {
        var rewritten: [Expression] = []
        for expression in expressions { rewritten.append(try rewrite(expression)) }
        return rewritten
    }
}
