internal import Expressions
internal import SQL

extension ExpressionBinder {
    /// Binds a call: a window function, an aggregate or a scalar function, whatever the name is.
    mutating func bind(_ call: CallSyntax, at range: SourceRange) throws(QueryError) -> Expression {
        if call.over != nil { return try window(call, at: range) }
        if let (kind, isConditional) = AggregateCatalog.find(call.name.text) {
            guard rules.allowsAggregates else {
                throw place.error(
                    "wrong_aggregate",
                    rules.clause == "aggregate"
                        ? "an aggregate cannot stand in another one"
                        : "an aggregate cannot stand in \(rules.clause)", at: range)
            }
            return state.add(try aggregate(call, kind, isConditional, at: range))
        }
        if WindowCatalog.isWindowOnly(call.name.text) {
            throw place.error(
                "wrong_window", "\(call.name.text) needs OVER (…)", at: range)
        }
        guard call.parameters == nil, !call.isStar, !call.isDistinct, call.order.isEmpty,
            call.filter == nil
        else {
            throw unknownFunction(call, at: range)
        }
        return try self.call(call.name.text, call.arguments, at: range)
    }

    /// An error for a call in a form that only aggregates have.
    private func unknownFunction(_ call: CallSyntax, at range: SourceRange) -> QueryError {
        let name = call.name.text
        let closest = QueryError.unknown("function", name, known: AggregateCatalog.allNames).closest
        return place.error(
            "unknown_function", "\"\(name)\" is no aggregate", at: call.name.range,
            closest: closest)
    }

    // MARK: Aggregates

    /// The call, with its arguments bound over rows.
    mutating func aggregate(
        _ call: CallSyntax, _ kind: AggregateCatalog.Kind, _ isConditional: Bool,
        at range: SourceRange
    ) throws(QueryError) -> AggregateCall {
        let outer = rules
        // Over a window, the rows may be groups.
        let isWindow = call.over != nil
        rules = Rules(
            allowsAggregates: isWindow && outer.allowsAggregates,
            clause: isWindow ? outer.clause : "aggregate")
        defer { rules = outer }
        var syntaxes = call.arguments
        if call.isDistinct, syntaxes.count == 1, case .tuple(let members) = syntaxes[0].kind {
            syntaxes = members
        }
        var filters: [Expression] = []
        if isConditional, let last = syntaxes.popLast() { filters.append(try condition(last)) }
        if let filter = call.filter { filters.append(try condition(filter)) }
        let constants = try parameters(call, kind, &syntaxes)
        var arguments: [Expression] = []
        for syntax in syntaxes { arguments.append(try bind(syntax)) }
        if let message = AggregateRules.problem(kind, arguments.count, call) {
            throw place.error("wrong_arguments", message, at: range)
        }
        if AggregateRules.readsNumbers(kind) {
            arguments = arguments.map { state.scope.numbers(of: $0) ?? $0 }
        }
        do {
            var bound = try AggregateRules.call(
                kind, arguments, constants, isDistinct: call.isDistinct,
                isCertain: call.isStar || arguments.isEmpty)
            if !filters.isEmpty {
                bound.filter = filters.count == 1 ? filters[0] : .and(filters)
            }
            return bound
        } catch {
            throw place.error(error.code, error.message, at: range, closest: error.closest)
        }
    }

    /// The constants of a parametric aggregate: in parentheses of their own, or as the last
    /// argument.
    private mutating func parameters(
        _ call: CallSyntax, _ kind: AggregateCatalog.Kind, _ arguments: inout [ExpressionSyntax]
    ) throws(QueryError) -> [Value] {
        var syntaxes = call.parameters ?? []
        if call.parameters == nil, AggregateRules.takesParameter(kind), arguments.count == 2,
            let last = arguments.popLast()
        {
            if case .array(let members) = last.kind {
                syntaxes = members
            } else {
                syntaxes = [last]
            }
            if case .array = last.kind {
                var values = try constants(syntaxes)
                // A list of one is a list, too.
                values.append(.null)
                return values
            }
        }
        return try constants(syntaxes)
    }

    private func constants(_ syntaxes: [ExpressionSyntax]) throws(QueryError) -> [Value] {
        var values: [Value] = []
        for syntax in syntaxes { values.append(try binder.constant(syntax)) }
        return values
    }
}
