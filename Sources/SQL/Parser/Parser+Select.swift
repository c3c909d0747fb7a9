extension Parser {
    /// Reads a select behind its `SELECT`, the token at `start`.
    mutating func select(from start: Int) throws(SQLError) -> SelectSyntax {
        let isDistinct = take(.distinct)
        if !isDistinct { _ = take(.all) }
        if isDistinct, at(.on), peek().kind == .leftParenthesis {
            throw unsupported("DISTINCT ON is not supported")
        }
        if at(.top), peek().kind == .number {
            throw unsupported("TOP is not supported; write LIMIT at the end of the query")
        }
        let items = try list { parser throws(SQLError) in try parser.selectItem() }
        var source: SourceSyntax?
        if take(.from) { source = try self.source() }
        if source == nil, !isAtEndOfItems { throw unexpected("a comma or FROM") }
        var filter: ExpressionSyntax?
        if take(.prewhere) { filter = try expression() }
        if take(.where) {
            let condition = try expression()
            if let first = filter {
                let range = first.range.joined(condition.range)
                filter = try node(.and([first, condition]), range: range)
            } else {
                filter = condition
            }
        }
        let grouping = try grouping()
        let having = take(.having) ? try expression() : nil
        // The two have no agreed order.
        var qualify = take(.qualify) ? try expression() : nil
        var windows: [NamedWindowSyntax] = []
        if take(.window) {
            windows = try list { parser throws(SQLError) in try parser.namedWindow() }
        }
        if qualify == nil, take(.qualify) { qualify = try expression() }
        return SelectSyntax(
            isDistinct: isDistinct, items: items, source: source, filter: filter,
            grouping: grouping, having: having, qualify: qualify, windows: windows,
            range: range(from: start))
    }

    // MARK: Items

    private mutating func selectItem() throws(SQLError) -> SelectItemSyntax {
        let start = position
        if let qualifier = starQualifier() {
            position += 1
            let excluded = try excludedColumns()
            return SelectItemSyntax(
                .star(qualifier: qualifier, excluded: excluded), range: range(from: start))
        }
        let expression = try expression()
        let alias = try alias()
        return SelectItemSyntax(.expression(expression, alias: alias), range: range(from: start))
    }

    /// Goes to the star of `*` or `a.b.*` and returns the names before it; nil if there is none.
    private mutating func starQualifier() -> [NameSyntax]? {
        if at(.star) { return [] }
        var distance = 0
        while Self.isName(peek(distance)) || distance > 0 && peek(distance).kind == .word,
            peek(distance + 1).kind == .dot
        { distance += 2 }
        guard distance > 0, peek(distance).kind == .star else { return nil }
        var names: [NameSyntax] = []
        for _ in 0..<distance / 2 {
            names.append(anyName())
            position += 1
        }
        return names
    }

    /// Whether the next token can follow the items of a select without a table.
    private var isAtEndOfItems: Bool {
        switch current.kind {
        case .endOfText, .rightParenthesis, .semicolon: true
        case .word: current.keyword?.needsAs == true
        default: false
        }
    }

    private mutating func excludedColumns() throws(SQLError) -> [NameSyntax] {
        var names: [NameSyntax] = []
        if at(.exclude) || at(.except) && !isAtSetOperation {
            position += 1
            if take(.leftParenthesis) {
                names = try list { parser throws(SQLError) in try parser.excludedColumn() }
                try expect(.rightParenthesis, " behind the excluded columns")
            } else {
                names = [try excludedColumn()]
            }
        }
        if at(.replace), peek().kind == .leftParenthesis {
            throw unsupported("REPLACE is not supported; exclude the column and select it anew")
        }
        return names
    }

    private mutating func excludedColumn() throws(SQLError) -> NameSyntax {
        try name("the name of a column")
    }

    /// Whether `EXCEPT` puts two queries together.
    private var isAtSetOperation: Bool {
        let next = peek().kind == .leftParenthesis ? peek(2) : peek()
        switch next.keyword {
        case .all, .distinct, .from, .select, .with: return true
        default: return false
        }
    }

    /// Reads `AS name` or a name that cannot be anything else.
    mutating func alias() throws(SQLError) -> NameSyntax? {
        if take(.as) {
            if at(.word) || at(.quotedName) { return anyName() }
            if at(.string) || at(.escapedString) {
                throw error("a name is quoted with \", not with '", at: current.range)
            }
            throw unexpected("a name behind AS")
        }
        guard isAtName, current.keyword?.needsAs != true, !isAtJoin else { return nil }
        bareAlias = at(.word) ? position : nil
        return anyName()
    }

    // MARK: Sources

    private mutating func source() throws(SQLError) -> SourceSyntax {
        let start = position
        if at(.lateral), peek().kind == .leftParenthesis { throw unsupportedJoin }
        let kind: SourceSyntax.Kind
        if take(.leftParenthesis) {
            if !isAtQuery, !at(.leftParenthesis) {
                throw unexpected("SELECT", likely: [.select, .with])
            }
            kind = .query(try query())
            try expect(.rightParenthesis, " behind the sub-query")
        } else {
            if at(.values) { throw unsupported("VALUES is not supported") }
            if at(.string) || at(.escapedString) {
                throw error("the name of a table is quoted with \", not with '", at: current.range)
            }
            kind = .table(try dottedName("the name of a table or a sub-query in parentheses"))
            if at(.leftParenthesis) {
                throw unsupported("table functions are not supported", from: start)
            }
        }
        let alias = try alias()
        if alias != nil, at(.leftParenthesis) {
            throw unsupported("names of columns are not supported here; name them in the SELECT")
        }
        let range = range(from: start)
        if at(.comma) || isAtJoin { throw unsupportedJoin }
        if at(.final) { throw unsupported("FINAL is not needed: no query sees an event twice") }
        if at(.sample) || at(.tablesample) { throw unsupported("samples are not supported") }
        return SourceSyntax(kind, alias: alias, range: range)
    }

    /// Whether the next tokens are `JOIN` or words that lead to it, such as `LEFT OUTER`.
    private var isAtJoin: Bool {
        for distance in 0..<5 {
            switch peek(distance).keyword {
            case .join: return true
            case .all, .anti, .any, .array, .asof, .cross, .full, .global, .inner, .left, .natural,
                .outer, .paste, .positional, .right, .semi:
                continue
            default: return false
            }
        }
        return false
    }

    private var unsupportedJoin: SQLError {
        unsupported("joins are not supported: a query reads one table or one sub-query")
    }

    // MARK: Groups

    private mutating func grouping() throws(SQLError) -> SelectSyntax.Grouping? {
        let start = position
        guard take(.group) else { return nil }
        try expect(.by, " behind GROUP")
        let isCall = peek().kind == .leftParenthesis
        if at(.grouping, .sets) || isCall && (at(.rollup) || at(.cube)) {
            let word = text.text(of: current.range).uppercased()
            throw unsupported("\(word) is not supported; use UNION ALL")
        }
        let grouping: SelectSyntax.Grouping
        if take(.all) {
            grouping = .all(range(from: start))
        } else {
            grouping = .keys(try expressions())
        }
        if at(.with, .totals) || at(.with, .rollup) || at(.with, .cube) {
            let word = text.text(of: peek().range).uppercased()
            throw unsupported("WITH \(word) is not supported; use UNION ALL")
        }
        return grouping
    }
}
