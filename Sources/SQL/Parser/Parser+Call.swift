extension Parser {
    /// What stands in the parentheses of a call.
    private struct Arguments {
        var items: [ExpressionSyntax] = []
        var isStar = false
        var isDistinct = false
        var order: [OrderSyntax] = []
        var ignoresNulls: Bool?

        /// Whether they can be the parameters of a parametric call.
        var isPlain: Bool {
            !isStar && !isDistinct && order.isEmpty && ignoresNulls == nil && !items.isEmpty
        }
    }

    /// Reads a call from its first parenthesis on.
    mutating func call(_ name: NameSyntax, from start: Int) throws(SQLError) -> ExpressionSyntax {
        var arguments = try arguments(of: name, form: tokens[start].keyword)
        var parameters: [ExpressionSyntax]?
        if at(.leftParenthesis), arguments.isPlain {
            parameters = arguments.items
            arguments = try self.arguments(of: name)
        }
        if at(.within), peek().keyword == .group {
            guard parameters == nil, arguments.isPlain else {
                throw unsupported("WITHIN GROUP is not supported here")
            }
            parameters = arguments.items
            arguments = Arguments(items: [try withinGroup()])
        }
        var filter: ExpressionSyntax?
        if at(.filter), peek().kind == .leftParenthesis {
            position += 2
            _ = take(.where)
            filter = try expression()
            try expect(.rightParenthesis, " behind the filter")
        }
        if let ignoresNulls = nullTreatment() {
            if arguments.ignoresNulls != nil {
                throw error("nulls are ignored or respected once", at: tokens[position - 1].range)
            }
            arguments.ignoresNulls = ignoresNulls
        }
        let over = take(.over) ? try self.over() : nil
        let call = CallSyntax(
            name, parameters: parameters, arguments.items, isStar: arguments.isStar,
            isDistinct: arguments.isDistinct, order: arguments.order, filter: filter,
            ignoresNulls: arguments.ignoresNulls, over: over)
        return try node(.call(call), from: start)
    }

    /// Reads what stands in parentheses; `form` is the keyword that the name is, without quotes.
    private mutating func arguments(
        of name: NameSyntax, form: Keyword? = nil
    ) throws(SQLError) -> Arguments {
        try expect(.leftParenthesis)
        var arguments = Arguments()
        if take(.rightParenthesis) { return arguments }
        if take(.star) {
            arguments.isStar = true
        } else {
            arguments.isDistinct = take(.distinct)
            if !arguments.isDistinct { _ = take(.all) }
            arguments.items = try items(form)
            if take(.order) { arguments.order = try orderItems() }
            arguments.ignoresNulls = nullTreatment()
        }
        try expect(.rightParenthesis, " behind the arguments of \(name.text)")
        return arguments
    }

    /// Reads arguments that may have words instead of commas between them:
    /// `SUBSTRING(x FROM start [FOR length])`, `TRIM(characters FROM x)`, `POSITION(part IN x)`.
    private mutating func items(_ form: Keyword?) throws(SQLError) -> [ExpressionSyntax] {
        if form == .position { return try positionItems() }
        var items = try expressions()
        guard items.count == 1 else { return items }
        if form == .trim, take(.from) { return [try expression()] + items }
        guard form == .substring || form == .substr, at(.from) || at(.for) else { return items }
        if take(.from) {
            items.append(try expression())
        } else {
            items.append(ExpressionSyntax(.literal(.integer(1)), range: current.range))
        }
        if take(.for) { items.append(try expression()) }
        return items
    }

    private mutating func positionItems() throws(SQLError) -> [ExpressionSyntax] {
        let start = position
        let part = try expression(.concatenation)
        if take(.in) { return [try expression(), part] }
        var items = [try continued(part, from: start, .or)]
        if take(.comma) { items += try expressions() }
        return items
    }

    private mutating func nullTreatment() -> Bool? {
        if take(.ignore, .nulls) { return true }
        return take(.respect, .nulls) ? false : nil
    }

    /// Reads `WITHIN GROUP (ORDER BY x)`, which gives the argument of an ordered aggregate.
    private mutating func withinGroup() throws(SQLError) -> ExpressionSyntax {
        position += 2
        try expect(.leftParenthesis, " (WITHIN GROUP (ORDER BY …))")
        try expect(.order, " (WITHIN GROUP (ORDER BY …))")
        let start = position
        let order = try orderItems()
        guard order.count == 1, !order[0].isDescending, order[0].nullsFirst == nil else {
            throw error(
                "WITHIN GROUP orders by one expression, ascending", at: range(from: start),
                code: .unsupported)
        }
        try expect(.rightParenthesis, " behind WITHIN GROUP")
        return order[0].expression
    }

    // MARK: Special forms

    /// Reads a call with words between its arguments; nil if the next tokens are a plain call.
    mutating func specialForm() throws(SQLError) -> ExpressionSyntax? {
        switch current.keyword {
        case .cast, .tryCast: return try cast()
        case .exists: return try exists()
        case .extract where peek(2).kind == .word && peek(3).keyword == .from:
            return try extract()
        case .trim: return try trim()
        default: return nil
        }
    }

    /// `CAST(x AS T)`, `CAST(x, 'T')`.
    private mutating func cast() throws(SQLError) -> ExpressionSyntax {
        let start = position
        let isTry = at(.tryCast)
        position += 2
        let value = try expression()
        let type: TypeSyntax
        if take(.comma) {
            guard at(.string) else { throw unexpected("a type as text") }
            type = try quotedType()
        } else {
            try expect(.as, " and a type")
            type = try self.type()
        }
        try expect(.rightParenthesis, " behind the type")
        return try node(.cast(value, type, isTry: isTry), from: start)
    }

    private mutating func exists() throws(SQLError) -> ExpressionSyntax {
        let start = position
        position += 2
        let query = try query()
        try expect(.rightParenthesis, " behind the sub-query")
        return try node(.exists(query), from: start)
    }

    /// `EXTRACT(unit FROM x)`.
    private mutating func extract() throws(SQLError) -> ExpressionSyntax {
        let start = position
        position += 2
        let unit = anyName()
        position += 1
        let value = try expression()
        try expect(.rightParenthesis, " behind EXTRACT")
        let literal = ExpressionSyntax(.literal(.string(unit.text.lowercased())), range: unit.range)
        return try call("date_part", [literal, value], from: start)
    }

    /// `TRIM(BOTH | LEADING | TRAILING [characters] FROM x)`.
    private mutating func trim() throws(SQLError) -> ExpressionSyntax? {
        let start = position
        let name: String
        switch peek(2).keyword {
        case .both: name = "trim"
        case .leading: name = "ltrim"
        case .trailing: name = "rtrim"
        default: return nil
        }
        position += 3
        let characters = at(.from) ? nil : try expression()
        try expect(.from, " and the text to trim")
        let value = try expression()
        try expect(.rightParenthesis, " behind TRIM")
        return try call(name, [value] + (characters.map { [$0] } ?? []), from: start)
    }

    private func call(
        _ name: String, _ arguments: [ExpressionSyntax], from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        let name = NameSyntax(name, range: tokens[start].range)
        return try node(.call(CallSyntax(name, arguments)), from: start)
    }
}
