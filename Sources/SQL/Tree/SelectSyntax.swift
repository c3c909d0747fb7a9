/// A `SELECT` up to its windows; order and limit belong to the query around it.
package struct SelectSyntax: Sendable, Equatable {
    /// What `GROUP BY` says.
    package enum Grouping: Sendable, Equatable {
        /// `GROUP BY ALL`: by every item that holds no aggregate.
        case all(SourceRange)
        /// Expressions; an integer literal is the number of an item.
        case keys([ExpressionSyntax])
    }

    /// Whether `DISTINCT` was said.
    package let isDistinct: Bool
    /// What to select; at least one.
    package let items: [SelectItemSyntax]
    /// `FROM`; nil for a query of constants.
    package let source: SourceSyntax?
    /// `WHERE`; a `PREWHERE` is joined to it by `AND`.
    package let filter: ExpressionSyntax?
    /// `GROUP BY`.
    package let grouping: Grouping?
    /// `HAVING`.
    package let having: ExpressionSyntax?
    /// `QUALIFY`: a filter after the window functions.
    package let qualify: ExpressionSyntax?
    /// `WINDOW name AS (…), …`.
    package let windows: [NamedWindowSyntax]
    /// From the first to the last token.
    package let range: SourceRange

    package init(
        isDistinct: Bool = false, items: [SelectItemSyntax], source: SourceSyntax? = nil,
        filter: ExpressionSyntax? = nil, grouping: Grouping? = nil,
        having: ExpressionSyntax? = nil, qualify: ExpressionSyntax? = nil,
        windows: [NamedWindowSyntax] = [], range: SourceRange = .none
    ) {
        self.isDistinct = isDistinct
        self.items = items
        self.source = source
        self.filter = filter
        self.grouping = grouping
        self.having = having
        self.qualify = qualify
        self.windows = windows
        self.range = range
    }

    var height: Int {
        var height = 0
        for item in items { height = max(height, item.height) }
        if case .query(let query) = source?.kind { height = max(height, query.height) }
        if case .keys(let keys) = grouping { height = max(height, keys.heightMax) }
        for expression in [filter, having, qualify] {
            height = max(height, expression?.height ?? 0)
        }
        for window in windows { height = max(height, window.window.children.heightMax) }
        return height + 1
    }
}

/// One item of a select list.
package struct SelectItemSyntax: Sendable, Equatable {
    /// What an item can be.
    package enum Kind: Sendable, Equatable {
        /// An expression, and what its column is to be called.
        case expression(ExpressionSyntax, alias: NameSyntax?)
        /// `*` or `qualifier.*`: all columns but those that `EXCLUDE` names.
        case star(qualifier: [NameSyntax], excluded: [NameSyntax])
    }

    /// What the item is.
    package let kind: Kind
    /// From the first to the last token.
    package let range: SourceRange

    package init(_ kind: Kind, range: SourceRange = .none) {
        self.kind = kind
        self.range = range
    }

    var height: Int {
        if case .expression(let expression, _) = kind { expression.height } else { 0 }
    }
}

/// What `FROM` names: one table or one sub-query.
package struct SourceSyntax: Sendable, Equatable {
    /// What rows can come from.
    package enum Kind: Sendable, Equatable {
        /// A table; more than one name if dotted (`system.parts`).
        case table([NameSyntax])
        /// A query in parentheses.
        case query(QuerySyntax)
    }

    /// Where rows come from.
    package let kind: Kind
    /// What the source is called in the query.
    package let alias: NameSyntax?
    /// From the first to the last token.
    package let range: SourceRange

    package init(_ kind: Kind, alias: NameSyntax? = nil, range: SourceRange = .none) {
        self.kind = kind
        self.alias = alias
        self.range = range
    }
}
