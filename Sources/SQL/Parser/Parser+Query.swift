extension Parser {
    /// Reads a query up to its limit.
    mutating func query() throws(SQLError) -> QuerySyntax {
        try enter()
        defer { leave() }
        let start = position
        let commonTables = try commonTables()
        return try query(
            from: start, commonTables: commonTables, first: try queryTerm())
    }

    /// Reads what follows the first term of a query.
    mutating func query(
        from start: Int, commonTables: [CommonTableSyntax], first: QueryTermSyntax
    ) throws(SQLError) -> QuerySyntax {
        var terms = [first]
        while try takeUnionAll() { terms.append(try queryTerm()) }
        var order: [OrderSyntax] = []
        if take(.order) { order = try orderItems() }
        let rows = try rowRange()
        // A query that only puts parentheses around another one is the other one.
        if commonTables.isEmpty, terms.count == 1, order.isEmpty, rows.limit == nil,
            rows.offset == nil,
            case .query(let inner) = first
        {
            return inner
        }
        let query = QuerySyntax(
            commonTables: commonTables, terms: terms, order: order, limit: rows.limit,
            offset: rows.offset, range: range(from: start))
        if query.height > limits.depthMax { throw tooDeep(at: tokens[position - 1].range) }
        return query
    }

    /// Whether a query begins with the next token, as far as one token can tell.
    var isAtQuery: Bool { at(.select) || at(.with) }

    private mutating func commonTables() throws(SQLError) -> [CommonTableSyntax] {
        guard take(.with) else { return [] }
        if at(.recursive), Self.isName(peek()) {
            throw unsupported("WITH RECURSIVE is not supported")
        }
        return try list { parser throws(SQLError) in try parser.commonTable() }
    }

    private mutating func commonTable() throws(SQLError) -> CommonTableSyntax {
        let name = try name("the name of a sub-query (WITH name AS (SELECT …))")
        if at(.leftParenthesis), Self.isName(peek()) {
            throw unsupported("names of columns are not supported here; name them in the SELECT")
        }
        try expect(.as, " (WITH name AS (SELECT …))")
        try expect(.leftParenthesis, " (WITH name AS (SELECT …))")
        let query = try query()
        try expect(.rightParenthesis, " behind the sub-query")
        return CommonTableSyntax(name: name, query: query)
    }

    private mutating func queryTerm() throws(SQLError) -> QueryTermSyntax {
        if take(.leftParenthesis) {
            let query = try query()
            try expect(.rightParenthesis, " behind the sub-query")
            return Self.term(query)
        }
        guard take(.select) else {
            throw unexpected("SELECT", likely: [.select, .with, .explain])
        }
        return .select(try select(from: position - 1))
    }

    /// A query in parentheses as a term: if it is a mere select, they mean nothing.
    static func term(_ query: QuerySyntax) -> QueryTermSyntax {
        let isMere =
            query.commonTables.isEmpty && query.order.isEmpty && query.limit == nil
            && query.offset == nil
        guard isMere, let select = query.onlySelect else { return .query(query) }
        return .select(select)
    }

    private mutating func takeUnionAll() throws(SQLError) -> Bool {
        let start = position
        switch current.keyword {
        case .union:
            position += 1
            if take(.all) { return true }
            if at(.select) || at(.distinct) || at(.leftParenthesis) {
                throw unsupported(
                    "UNION without ALL is not supported; use SELECT DISTINCT … FROM (… UNION ALL …)",
                    from: start)
            }
            throw unexpected("ALL", likely: [.all])
        case .intersect, .except:
            throw unsupported("\(found(current)) of queries is not supported")
        default: return false
        }
    }

    // MARK: Order and limit

    /// Reads what follows `ORDER`.
    mutating func orderItems() throws(SQLError) -> [OrderSyntax] {
        try expect(.by, " behind ORDER")
        if at(.all) { throw unsupported("ORDER BY ALL is not supported; name the columns") }
        return try list { parser throws(SQLError) in try parser.orderItem() }
    }

    private mutating func orderItem() throws(SQLError) -> OrderSyntax {
        let expression = try expression()
        let isDescending = take(.desc)
        if !isDescending { _ = take(.asc) }
        var nullsFirst: Bool?
        if take(.nulls) {
            nullsFirst = at(.first)
            if !take(.first), !take(.last) {
                throw unexpected("FIRST or LAST", likely: [.first, .last])
            }
        }
        if at(.with) { throw unsupported("WITH FILL is not supported") }
        return OrderSyntax(expression, isDescending: isDescending, nullsFirst: nullsFirst)
    }

    /// Reads `LIMIT n`, `LIMIT m, n`, `OFFSET m [ROWS]`, `FETCH FIRST n ROWS ONLY`, in any order.
    private mutating func rowRange() throws(SQLError) -> RowRange {
        var rows = RowRange()
        while true {
            if rows.limit == nil, take(.limit) {
                rows.limit = try expression()
                if rows.offset == nil, take(.comma) {
                    rows.offset = rows.limit
                    rows.limit = try expression()
                }
                try checkLimit()
            } else if rows.offset == nil, take(.offset) {
                rows.offset = try expression()
                if !take(.rows) { _ = take(.row) }
            } else if rows.limit == nil, take(.fetch) {
                if !take(.first), !take(.next) {
                    throw unexpected("FIRST", likely: [.first, .next])
                }
                rows.limit = try expression()
                if !take(.rows), !take(.row) { throw unexpected("ROWS", likely: [.rows]) }
                try checkLimit()
                try expect(.only, " (FETCH FIRST n ROWS ONLY)")
            } else {
                return rows
            }
        }
    }

    private struct RowRange {
        var limit: ExpressionSyntax?
        var offset: ExpressionSyntax?
    }

    private func checkLimit() throws(SQLError) {
        if at(.by) {
            throw unsupported("LIMIT BY is not supported; use row_number() OVER (PARTITION BY …)")
        }
        if at(.with) { throw unsupported("WITH TIES is not supported") }
    }
}
