/// A whole statement: `[EXPLAIN [ANALYZE]] query [SETTINGS …] [FORMAT …]`.
package struct StatementSyntax: Sendable, Equatable {
    /// What is asked about the query instead of, or beside, its rows.
    package enum Explanation: Sendable, Equatable {
        /// `EXPLAIN`: the plan; the query does not run.
        case plan
        /// `EXPLAIN ANALYZE`: the query runs, and the plan shows what it cost.
        case analysis
    }

    /// Nil for a query that is to give its rows.
    package let explanation: Explanation?
    /// What is asked.
    package let query: QuerySyntax
    /// `SETTINGS name = value, …` in their order; a name may occur twice.
    package let settings: [SettingSyntax]
    /// `FORMAT name`.
    package let format: NameSyntax?
    /// From the first to the last token.
    package let range: SourceRange

    package init(
        explanation: Explanation? = nil, query: QuerySyntax, settings: [SettingSyntax] = [],
        format: NameSyntax? = nil, range: SourceRange = .none
    ) {
        self.explanation = explanation
        self.query = query
        self.settings = settings
        self.format = format
        self.range = range
    }
}

/// One `name = value` of `SETTINGS`.
package struct SettingSyntax: Sendable, Equatable {
    /// Which setting.
    package let name: NameSyntax
    /// A literal, at times with a sign before it, or a parameter.
    package let value: ExpressionSyntax

    package init(name: NameSyntax, value: ExpressionSyntax) {
        self.name = name
        self.value = value
    }
}

/// A query: `[WITH …] term [UNION ALL term …] [ORDER BY …] [LIMIT …] [OFFSET …]`.
///
/// `ORDER BY` and `LIMIT` belong to the union of all terms; if there is one term and it is a
/// `SELECT`, then the order may also name columns that it does not select.
package struct QuerySyntax: Sendable, Equatable {
    /// `WITH name AS (query), …`; each may be used by those after it.
    package let commonTables: [CommonTableSyntax]
    /// What `UNION ALL` puts together; at least one.
    package let terms: [QueryTermSyntax]
    /// `ORDER BY`; empty if there is none.
    package let order: [OrderSyntax]
    /// `LIMIT`: how many rows at most.
    package let limit: ExpressionSyntax?
    /// `OFFSET`: how many rows to leave out before.
    package let offset: ExpressionSyntax?
    /// From the first to the last token, without parentheses around it.
    package let range: SourceRange
    /// How many nodes lie on the longest way down; bounded by `SyntaxLimits.depthMax` if parsed.
    package let height: Int

    /// Puts a query together.
    package init(
        commonTables: [CommonTableSyntax] = [], terms: [QueryTermSyntax],
        order: [OrderSyntax] = [], limit: ExpressionSyntax? = nil, offset: ExpressionSyntax? = nil,
        range: SourceRange = .none
    ) {
        self.commonTables = commonTables
        self.terms = terms
        self.order = order
        self.limit = limit
        self.offset = offset
        self.range = range
        var height = max(limit?.height ?? 0, offset?.height ?? 0)
        for table in commonTables { height = max(height, table.query.height) }
        for term in terms { height = max(height, term.height) }
        for item in order { height = max(height, item.expression.height) }
        self.height = height + 1
    }

    /// The `SELECT` that the query is, if it is no union and not one in parentheses.
    package var onlySelect: SelectSyntax? {
        guard terms.count == 1, case .select(let select) = terms[0] else { return nil }
        return select
    }
}

/// What `UNION ALL` puts together.
package indirect enum QueryTermSyntax: Sendable, Equatable {
    /// A plain `SELECT`.
    case select(SelectSyntax)
    /// A query in parentheses, with an order and a limit of its own.
    case query(QuerySyntax)

    /// The bytes it was read from, without parentheses.
    package var range: SourceRange {
        switch self {
        case .select(let select): select.range
        case .query(let query): query.range
        }
    }

    var height: Int {
        switch self {
        case .select(let select): select.height
        case .query(let query): query.height
        }
    }
}

/// One `name AS (query)` of `WITH`.
package struct CommonTableSyntax: Sendable, Equatable {
    /// Under which name `FROM` finds it.
    package let name: NameSyntax
    /// What it holds.
    package let query: QuerySyntax

    package init(name: NameSyntax, query: QuerySyntax) {
        self.name = name
        self.query = query
    }
}

/// One item of `ORDER BY`: `expression [ASC | DESC] [NULLS FIRST | NULLS LAST]`.
package struct OrderSyntax: Sendable, Equatable {
    /// What to order by.
    package let expression: ExpressionSyntax
    /// Whether `DESC` was said.
    package let isDescending: Bool
    /// Whether `NULLS FIRST` (true) or `NULLS LAST` (false) was said; nil if neither.
    package let nullsFirst: Bool?

    package init(
        _ expression: ExpressionSyntax, isDescending: Bool = false, nullsFirst: Bool? = nil
    ) {
        self.expression = expression
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }
}
