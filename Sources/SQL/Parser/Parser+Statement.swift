extension StatementSyntax {
    /// Reads a query as a syntax tree; takes time proportional to its text.
    package static func parse(
        _ text: QueryText, limits: SyntaxLimits = SyntaxLimits()
    ) throws(SQLError) -> StatementSyntax {
        var parser = try Parser(text, limits: limits)
        return try parser.statement()
    }
}

extension ExpressionSyntax {
    /// Reads one expression.
    package static func parse(
        _ text: QueryText, limits: SyntaxLimits = SyntaxLimits()
    ) throws(SQLError) -> ExpressionSyntax {
        var parser = try Parser(text, limits: limits)
        let expression = try parser.expression()
        guard parser.at(.endOfText) else { throw parser.unexpected("the end of the expression") }
        return expression
    }
}

extension Parser {
    private static let changing: Set = [
        "alter", "analyze", "attach", "begin", "call", "commit", "copy", "create", "delete",
        "detach", "drop", "exchange", "execute", "export", "grant", "import", "insert", "install",
        "kill", "load", "merge", "optimize", "pragma", "rename", "replace", "reset", "revoke",
        "rollback", "set", "start", "system", "truncate", "undrop", "update", "upsert", "use",
        "vacuum",
    ]
    private static let asking: Set = ["desc", "describe", "show", "summarize", "table", "values"]

    mutating func statement() throws(SQLError) -> StatementSyntax {
        try checkBeginning()
        let start = position
        var explanation: StatementSyntax.Explanation?
        if take(.explain) { explanation = take(.analyze) ? .analysis : .plan }
        let query = try query()
        var settings: [SettingSyntax] = []
        var format: NameSyntax?
        while true {
            if settings.isEmpty, take(.settings) {
                settings = try list { parser throws(SQLError) in try parser.setting() }
            } else if format == nil, take(.format) {
                guard isAtName || at(.null) else { throw unexpected("the name of a format") }
                format = anyName()
            } else {
                break
            }
        }
        let range = range(from: start)
        try checkEnding()
        return StatementSyntax(
            explanation: explanation, query: query, settings: settings, format: format,
            range: range)
    }

    private mutating func setting() throws(SQLError) -> SettingSyntax {
        let name = try name("the name of a setting")
        try expect(.equal, " and the value of the setting")
        let value = try expression(.unary)
        guard Self.isConstant(value) else {
            throw error("the value of a setting is a constant", at: value.range)
        }
        return SettingSyntax(name: name, value: value)
    }

    private static func isConstant(_ value: ExpressionSyntax) -> Bool {
        switch value.kind {
        case .literal, .parameter: return true
        case .unary(.minus, let operand):
            guard case .literal = operand.kind else { return false }
            return true
        default: return false
        }
    }

    /// Refuses what is no query by a message that says so.
    private func checkBeginning() throws(SQLError) {
        guard current.kind == .word else {
            guard at(.leftParenthesis) else { throw unexpected("SELECT", likely: []) }
            return
        }
        let word = text.text(of: current.range).lowercased()
        if Self.changing.contains(word) {
            throw error(
                "\(word.uppercased()) is not possible: SQL only reads here", at: current.range,
                code: .readOnly)
        }
        if Self.asking.contains(word) {
            throw error(
                "\(word.uppercased()) is not supported; SELECT from system.tables or "
                    + "system.columns instead", at: current.range, code: .unsupported)
        }
    }

    /// Refuses what follows a query.
    private mutating func checkEnding() throws(SQLError) {
        let isClosed = take(.semicolon)
        while take(.semicolon) {}
        if at(.endOfText) { return }
        if isClosed {
            throw error("one query at a time", at: current.range, code: .unsupported)
        }
        switch current.keyword {
        case .from, .where, .prewhere, .group, .having, .qualify, .window, .order, .limit, .offset:
            throw error(
                "\(found(current)) may not stand here; the order of clauses is SELECT, FROM, "
                    + "WHERE, GROUP BY, HAVING, WINDOW, QUALIFY, ORDER BY, LIMIT, OFFSET",
                at: current.range)
        default: throw unexpected("the end of the query")
        }
    }
}
