extension SyntaxPrinter {
    mutating func write(_ statement: StatementSyntax) {
        switch statement.explanation {
        case .plan: text += "EXPLAIN "
        case .analysis: text += "EXPLAIN ANALYZE "
        case nil: break
        }
        write(statement.query)
        if !statement.settings.isEmpty {
            text += " SETTINGS "
            list(statement.settings) { printer, setting in
                printer.write(setting.name)
                printer.text += " = "
                printer.write(setting.value)
            }
        }
        if let format = statement.format {
            text += " FORMAT "
            write(format)
        }
    }

    mutating func write(_ query: QuerySyntax) {
        if !query.commonTables.isEmpty {
            text += "WITH "
            list(query.commonTables) { printer, table in
                printer.write(table.name)
                printer.text += " AS "
                printer.writeInParentheses(table.query)
            }
            text += " "
        }
        for (index, term) in query.terms.enumerated() {
            if index > 0 { text += " UNION ALL " }
            switch term {
            case .select(let select): write(select)
            case .query(let query): writeInParentheses(query)
            }
        }
        writeOrder(query.order)
        writeClause(" LIMIT ", query.limit)
        writeClause(" OFFSET ", query.offset)
    }

    mutating func writeInParentheses(_ query: QuerySyntax) {
        text += "("
        write(query)
        text += ")"
    }

    /// Writes ` ORDER BY …` if there is anything to order by.
    mutating func writeOrder(_ items: [OrderSyntax], before: String = " ") {
        guard !items.isEmpty else { return }
        text += before + "ORDER BY "
        list(items) { printer, item in
            printer.write(item.expression)
            if item.isDescending { printer.text += " DESC" }
            switch item.nullsFirst {
            case true?: printer.text += " NULLS FIRST"
            case false?: printer.text += " NULLS LAST"
            case nil: break
            }
        }
    }

    private mutating func writeClause(_ keyword: String, _ expression: ExpressionSyntax?) {
        guard let expression else { return }
        text += keyword
        write(expression)
    }

    // MARK: Selects

    private mutating func write(_ select: SelectSyntax) {
        text += select.isDistinct ? "SELECT DISTINCT " : "SELECT "
        list(select.items) { $0.write($1) }
        if let source = select.source {
            text += " FROM "
            write(source)
        }
        writeClause(" WHERE ", select.filter)
        switch select.grouping {
        case .all: text += " GROUP BY ALL"
        case .keys(let keys):
            text += " GROUP BY "
            list(keys) { $0.write($1) }
        case nil: break
        }
        writeClause(" HAVING ", select.having)
        if !select.windows.isEmpty {
            text += " WINDOW "
            list(select.windows) { printer, window in
                printer.write(window.name)
                printer.text += " AS "
                printer.write(window.window)
            }
        }
        writeClause(" QUALIFY ", select.qualify)
    }

    private mutating func write(_ item: SelectItemSyntax) {
        switch item.kind {
        case .expression(let expression, let alias):
            write(expression)
            writeAlias(alias)
        case .star(let qualifier, let excluded):
            for name in qualifier {
                write(name)
                text += "."
            }
            text += "*"
            if !excluded.isEmpty {
                text += " EXCLUDE ("
                list(excluded) { $0.write($1) }
                text += ")"
            }
        }
    }

    private mutating func write(_ source: SourceSyntax) {
        switch source.kind {
        case .table(let names): write(names)
        case .query(let query): writeInParentheses(query)
        }
        writeAlias(source.alias)
    }

    private mutating func writeAlias(_ alias: NameSyntax?) {
        guard let alias else { return }
        text += " AS "
        write(alias)
    }

    // MARK: Windows

    mutating func write(_ window: WindowSyntax) {
        text += "("
        var separator = ""
        if let base = window.base {
            write(base)
            separator = " "
        }
        if !window.partition.isEmpty {
            text += separator + "PARTITION BY "
            list(window.partition) { $0.write($1) }
            separator = " "
        }
        writeOrder(window.order, before: separator)
        if !window.order.isEmpty { separator = " " }
        if let frame = window.frame {
            text += separator + frame.unit.rawValue + " BETWEEN "
            write(frame.start)
            text += " AND "
            write(frame.end)
        }
        text += ")"
    }

    private mutating func write(_ bound: FrameSyntax.Bound) {
        switch bound {
        case .unboundedPreceding: text += "UNBOUNDED PRECEDING"
        case .currentRow: text += "CURRENT ROW"
        case .unboundedFollowing: text += "UNBOUNDED FOLLOWING"
        case .preceding(let distance):
            write(distance, atLeast: .concatenation)
            text += " PRECEDING"
        case .following(let distance):
            write(distance, atLeast: .concatenation)
            text += " FOLLOWING"
        }
    }
}
