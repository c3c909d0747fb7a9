internal import Expressions
internal import SQL

extension Binder {
    /// Binds a query with its unions, order and limit.
    mutating func query(_ syntax: QuerySyntax) throws(QueryError) -> BoundRelation {
        let outer = commonTables
        defer { commonTables = outer }
        commonTables += syntax.commonTables
        let limit = try syntax.limit.map { expression throws(QueryError) in
            try count(expression, "LIMIT")
        }
        let offset = try syntax.offset.map { expression throws(QueryError) in
            try count(expression, "OFFSET")
        }
        let page = Page(limit: limit, offset: offset ?? 0)
        if let select = syntax.onlySelect {
            var binder = try SelectBinder(self, select, order: syntax.order)
            return try binder.bind(page)
        }
        return try union(syntax, page)
    }

    /// How many rows are passed over and given.
    struct Page {
        var limit: Int?
        var offset = 0

        /// How many of the first rows matter; nil for all.
        var rows: Int? {
            limit.map { $0.addingReportingOverflow(offset) }
                .flatMap { $0.overflow ? nil : $0.partialValue }
        }

        /// The page of ordered rows.
        func cut(_ plan: LogicalPlan) -> LogicalPlan {
            limit == nil && offset == 0 ? plan : .limit(count: limit, offset: offset, plan)
        }
    }

    private func count(
        _ syntax: ExpressionSyntax, _ clause: String
    ) throws(QueryError) -> Int {
        guard case .integer(let number) = try constant(syntax), number >= 0 else {
            throw place.error(
                "invalid_limit", "\(clause) takes an integer that is not negative",
                at: syntax.range)
        }
        return Int(number)
    }

    private mutating func union(
        _ syntax: QuerySyntax, _ page: Page
    ) throws(QueryError) -> BoundRelation {
        var relations: [BoundRelation] = []
        for term in syntax.terms {
            let relation: BoundRelation
            switch term {
            case .query(let query): relation = try self.query(query)
            case .select(let select):
                var binder = try SelectBinder(self, select, order: [])
                relation = try binder.bind(Page())
            }
            if let first = relations.first, first.columns.count != relation.columns.count {
                throw place.error(
                    "wrong_columns",
                    "UNION ALL joins queries of as many columns: \(first.columns.count) against "
                        + "\(relation.columns.count)",
                    at: term.range)
            }
            relations.append(relation)
        }
        let united = try unite(relations, syntax)
        let keys = try order(syntax.order, of: united)
        var plan = united.plan
        if !keys.isEmpty { plan = .sort(keys, limit: page.rows, plan) }
        return BoundRelation(plan: page.cut(plan), columns: united.columns)
    }

    /// Casts the columns of all to types that they have in common.
    private func unite(
        _ relations: [BoundRelation], _ syntax: QuerySyntax
    ) throws(QueryError) -> BoundRelation {
        guard var first = relations.first else { return BoundRelation(plan: .oneRow, columns: []) }
        if relations.count == 1 { return first }
        for index in first.columns.indices {
            let types = relations.map { $0.columns[index].type }
            guard let type = Self.commonType(types) else {
                throw place.error(
                    "wrong_types",
                    "column \(index + 1) of UNION ALL has types that have none in common: "
                        + types.map(\.name).joined(separator: ", "),
                    at: syntax.range)
            }
            first.columns[index].type = type
        }
        var plans: [LogicalPlan] = []
        for relation in relations {
            var columns: [Expression] = []
            for (index, column) in relation.columns.enumerated() {
                columns.append(
                    try cast(
                        .column(index, column.type), to: first.columns[index].type,
                        at: syntax.range))
            }
            let isSame = relation.columns.map(\.type) == first.columns.map(\.type)
            plans.append(isSame ? relation.plan : .project(columns, relation.plan))
        }
        return BoundRelation(plan: .union(plans), columns: first.columns)
    }

    /// The type that values of these can all be read as; nil if there is none.
    private static func commonType(_ types: [DataType]) -> DataType? {
        let others = Set(types).subtracting([.null])
        switch others {
        case []: return .null
        case [.integer, .float]: return .float
        case [.date, .timestamp]: return .timestamp
        case [.string, .json]: return .string
        default: return others.count == 1 ? others.first : nil
        }
    }

    func cast(
        _ expression: Expression, to type: DataType, at range: SourceRange, isTry: Bool = false
    ) throws(QueryError) -> Expression {
        do {
            return try FunctionCatalog.cast(expression, to: type, isTry: isTry, zones: zones)
        } catch {
            throw place.error(error.code, error.message, at: range, closest: error.closest)
        }
    }

    func function(
        _ name: String, _ operands: [Expression]
    ) throws(BindingError) -> Expression {
        try FunctionCatalog.bind(name, operands, zones: zones, now: now)
    }

    /// Order by the columns of a relation: by name or number.
    private func order(
        _ order: [OrderSyntax], of relation: BoundRelation
    ) throws(QueryError) -> [SortKey] {
        var keys: [SortKey] = []
        for item in order {
            var index: Int?
            switch item.expression.kind {
            case .column(let names):
                let name = names.map(\.text).joined(separator: ".")
                index = relation.columns.firstIndex { $0.name == name }
            case .literal(.integer(let number)):
                if number >= 1, number <= UInt64(relation.columns.count) {
                    index = Int(number) - 1
                }
            default: break
            }
            guard let index else {
                throw place.error(
                    "unknown_column",
                    "UNION ALL is ordered by names or numbers of its columns: "
                        + relation.columns.map(\.name).joined(separator: ", "),
                    at: item.expression.range)
            }
            keys.append(
                SortKey(
                    .column(index, relation.columns[index].type),
                    isDescending: item.isDescending, nullsFirst: item.nullsFirst ?? false))
        }
        return keys
    }
}
