internal import Expressions
internal import SQL

/// Binds one SELECT, and puts its plan together.
///
/// From below: scan, WHERE, aggregation, HAVING, window functions, QUALIFY, the select list with
/// what it is ordered by beside it, DISTINCT, order, limit.
struct SelectBinder {
    private typealias Item = (name: String, syntax: ExpressionSyntax?, expression: Expression)

    private let binder: Binder
    private let select: SelectSyntax
    private let order: [OrderSyntax]
    private let scope: SourceScope
    private var state: SelectState

    init(
        _ binder: Binder, _ select: SelectSyntax, order: [OrderSyntax]
    ) throws(QueryError) {
        self.binder = binder
        self.select = select
        self.order = order
        scope = try Self.scope(binder, select.source)
        var aliases: [String: ExpressionSyntax] = [:]
        for item in select.items {
            guard case .expression(let expression, let alias?) = item.kind else { continue }
            if aliases[alias.text] == nil { aliases[alias.text] = expression }
        }
        state = SelectState(scope: scope, aliases: aliases, windows: select.windows)
    }

    mutating func bind(_ page: Binder.Page) throws(QueryError) -> BoundRelation {
        // A table of WITH is bound again wherever it is named.
        guard binder.budget.take(10) else {
            throw binder.place.error(
                "query_limit", "the query means too much: tables of WITH stand for large queries",
                at: select.range)
        }
        let filter = try select.filter.map { syntax throws(QueryError) in
            try condition(syntax, Self.rowRules("WHERE"))
        }
        var items = try boundItems()
        var keys = try groupKeys(items)
        let having = try select.having.map { syntax throws(QueryError) in
            try condition(syntax, ExpressionBinder.Rules(allowsAggregates: true, clause: "HAVING"))
        }
        let qualify = try select.qualify.map { syntax throws(QueryError) in
            try condition(
                syntax,
                ExpressionBinder.Rules(
                    allowsAggregates: true, allowsWindows: true, clause: "QUALIFY"))
        }
        var sortKeys = try sortKeys(items)
        var plan = scope.plan(binder.catalog)
        if let filter { plan = .filter(filter, plan) }
        if keys != nil || having != nil || !state.aggregates.isEmpty {
            let groups = GroupedExpressions(
                keys: keys ?? [], aggregateTypes: state.aggregates.map(\.type), scope: scope,
                place: binder.place, fallback: select.range)
            plan = .aggregate(keys: keys ?? [], calls: state.aggregates, plan)
            if let having { plan = .filter(try groups.rewrite(having), plan) }
            for index in items.indices {
                items[index].expression = try groups.rewrite(items[index].expression)
            }
            for index in sortKeys.indices {
                sortKeys[index].expression = try groups.rewrite(sortKeys[index].expression)
            }
            plan = try windows(plan, groups)
            if let qualify { plan = .filter(located(try groups.rewrite(qualify), plan), plan) }
            keys = nil
        } else {
            plan = try windows(plan, nil)
            if let qualify { plan = .filter(located(qualify, plan), plan) }
        }
        let base = plan
        for index in items.indices {
            items[index].expression = located(items[index].expression, base)
        }
        for index in sortKeys.indices {
            sortKeys[index].expression = located(sortKeys[index].expression, base)
        }
        return try finish(base, items, sortKeys, page)
    }

    /// The select list and all above it.
    private func finish(
        _ base: LogicalPlan, _ items: [Item], _ sortKeys: [SortKey], _ page: Binder.Page
    ) throws(QueryError) -> BoundRelation {
        let columns = items.map { OutputColumn(name: $0.name, type: $0.expression.type) }
        var outputs = items.map(\.expression)
        var keys: [SortKey] = []
        for key in sortKeys {
            if case .constant = key.expression { continue }
            let index = outputs.firstIndex(of: key.expression) ?? outputs.count
            if index == outputs.count { outputs.append(key.expression) }
            if index >= columns.count, select.isDistinct {
                throw binder.place.error(
                    "wrong_order", "SELECT DISTINCT is ordered by what it selects",
                    at: order.first?.expression.range ?? select.range)
            }
            keys.append(
                SortKey(
                    .column(index, key.expression.type), isDescending: key.isDescending,
                    nullsFirst: key.nullsFirst))
        }
        var plan = LogicalPlan.project(outputs, base)
        if select.isDistinct { plan = .distinct(plan) }
        if !keys.isEmpty { plan = .sort(keys, limit: page.rows, plan) }
        plan = page.cut(plan)
        if outputs.count > columns.count {
            plan = .project(columns.indices.map { .column($0, columns[$0].type) }, plan)
        }
        return BoundRelation(plan: plan, columns: columns)
    }

    // MARK: Clauses

    private static func scope(
        _ binder: Binder, _ source: SourceSyntax?
    ) throws(QueryError) -> SourceScope {
        guard let source else { return SourceScope() }
        switch source.kind {
        case .query(let query):
            var inner = binder
            return SourceScope(try inner.query(query), alias: source.alias?.text)
        case .table(let names):
            let name = names.map(\.text).joined(separator: ".")
            if let index = binder.commonTables.lastIndex(where: { $0.name.text == name }) {
                // A common table sees those before it.
                var inner = binder
                inner.commonTables.removeSubrange(index...)
                return SourceScope(
                    try inner.query(binder.commonTables[index].query),
                    alias: source.alias?.text ?? name)
            }
            guard let table = binder.catalog.table(named: name) else {
                let known =
                    binder.catalog.tables.map(\.name) + binder.commonTables.map(\.name.text)
                throw binder.place.error(
                    "unknown_table", "unknown table \"\(name)\"", at: source.range,
                    closest: QueryError.unknown("table", name, known: known).closest)
            }
            return SourceScope(table, alias: source.alias?.text)
        }
    }

    private static func rowRules(_ clause: String) -> ExpressionBinder.Rules {
        ExpressionBinder.Rules(clause: clause)
    }

    private mutating func bind(
        _ syntax: ExpressionSyntax, _ rules: ExpressionBinder.Rules
    ) throws(QueryError) -> Expression {
        var expressions = ExpressionBinder(binder, state: state, rules: rules)
        let bound = try expressions.bind(syntax)
        state = expressions.state
        return bound
    }

    private mutating func condition(
        _ syntax: ExpressionSyntax, _ rules: ExpressionBinder.Rules
    ) throws(QueryError) -> Expression {
        let bound = try bind(syntax, rules)
        if bound.type == .boolean { return bound }
        if bound.type == .null { return .constant(.null, .boolean) }
        throw binder.place.error(
            "wrong_types", "\(rules.clause) takes a condition, not \(bound.type.name)",
            at: syntax.range)
    }

    private mutating func boundItems() throws(QueryError) -> [Item] {
        var items: [Item] = []
        let rules = ExpressionBinder.Rules(
            allowsAggregates: true, allowsWindows: true, clause: "SELECT")
        for item in select.items {
            switch item.kind {
            case .expression(let syntax, let alias):
                let bound = try bind(syntax, rules)
                items.append((alias?.text ?? name(of: syntax), syntax, bound))
            case .star(let qualifier, let excluded):
                items += try star(item, qualifier, excluded)
            }
        }
        return items
    }

    /// The heading of an item without alias: its own name, or its text.
    private func name(of syntax: ExpressionSyntax) -> String {
        if case .column(let names) = syntax.kind { return names.last?.text ?? "" }
        return "\(syntax)"
    }

    private func star(
        _ item: SelectItemSyntax, _ qualifier: [NameSyntax], _ excluded: [NameSyntax]
    ) throws(QueryError) -> [Item] {
        let asked = qualifier.map(\.text).joined(separator: ".")
        if !asked.isEmpty, asked != scope.qualifier {
            throw binder.place.error(
                "unknown_table", "unknown table \"\(asked)\"", at: item.range,
                closest: scope.qualifier.map { [$0] } ?? [])
        }
        let columns = scope.star()
        guard binder.budget.take(columns.count) else {
            throw binder.place.error(
                "query_limit", "the query means too much: * stands for too many columns",
                at: item.range)
        }
        for name in excluded where !columns.contains(where: { $0.name == name.text }) {
            throw unknownColumn(name.text, at: name.range)
        }
        if columns.isEmpty {
            throw binder.place.error("no_columns", "there is nothing that * means", at: item.range)
        }
        let left = Set(excluded.map(\.text))
        return columns.filter { !left.contains($0.name) }.map { ($0.name, nil, $0.expression) }
    }

    private func unknownColumn(_ name: String, at range: SourceRange) -> QueryError {
        let known = scope.columns.map(\.name)
        return binder.place.error(
            "unknown_column", "unknown column \"\(name)\"", at: range,
            closest: QueryError.unknown("column", name, known: known).closest)
    }

    /// Nil where there is no GROUP BY.
    private mutating func groupKeys(_ items: [Item]) throws(QueryError) -> [Expression]? {
        switch select.grouping {
        case nil: return nil
        case .all:
            return distinct(items.map(\.expression).filter { !$0.hasAggregate })
        case .keys(let syntaxes):
            var keys: [Expression] = []
            for syntax in syntaxes { keys += try groupKey(syntax, items) }
            return distinct(keys)
        }
    }

    private func distinct(_ keys: [Expression]) -> [Expression] {
        var seen: Set<Expression> = []
        let distinct = keys.filter { key in
            if case .constant = key { return false }
            return seen.insert(key).inserted
        }
        // Over no rows, a constant key makes no group, and no key makes one.
        return distinct.isEmpty ? Array(keys.prefix(1)) : distinct
    }

    private mutating func groupKey(
        _ syntax: ExpressionSyntax, _ items: [Item]
    ) throws(QueryError) -> [Expression] {
        if case .tuple(let members) = syntax.kind {
            var keys: [Expression] = []
            for member in members { keys += try groupKey(member, items) }
            return keys
        }
        if let item = try ordinal(syntax, items, "GROUP BY") {
            guard !item.expression.hasAggregate else {
                throw binder.place.error(
                    "wrong_grouping", "GROUP BY cannot name an aggregate", at: syntax.range)
            }
            return [item.expression]
        }
        return [try bind(syntax, Self.rowRules("GROUP BY"))]
    }

    /// The item that an integer literal numbers; nil for another expression.
    private func ordinal(
        _ syntax: ExpressionSyntax, _ items: [Item], _ clause: String
    ) throws(QueryError) -> Item? {
        guard case .literal(.integer(let number)) = syntax.kind else { return nil }
        guard number >= 1, number <= UInt64(items.count) else {
            throw binder.place.error(
                "wrong_ordinal",
                "\(clause) \(number): the select list has \(items.count) items", at: syntax.range)
        }
        return items[Int(number) - 1]
    }

    private mutating func sortKeys(_ items: [Item]) throws(QueryError) -> [SortKey] {
        var keys: [SortKey] = []
        for item in order {
            keys.append(
                SortKey(
                    try sortExpression(item.expression, items), isDescending: item.isDescending,
                    nullsFirst: item.nullsFirst ?? false))
        }
        return keys
    }

    private mutating func sortExpression(
        _ syntax: ExpressionSyntax, _ items: [Item]
    ) throws(QueryError) -> Expression {
        if let item = try ordinal(syntax, items, "ORDER BY") { return item.expression }
        // What the answer calls a column comes before what the table does.
        if case .column(let names) = syntax.kind, names.count == 1,
            let item = items.first(where: { $0.name == names[0].text })
        {
            return item.expression
        }
        return try bind(
            syntax,
            ExpressionBinder.Rules(
                allowsAggregates: true, allowsWindows: true, clause: "ORDER BY"))
    }

    // MARK: Windows

    private func windows(
        _ input: LogicalPlan, _ groups: GroupedExpressions?
    ) throws(QueryError) -> LogicalPlan {
        if state.windowCalls.isEmpty { return input }
        var calls: [WindowCall] = []
        for var call in state.windowCalls {
            if let groups {
                call.arguments = try groups.rewrite(call.arguments)
                call.partition = try groups.rewrite(call.partition)
                for index in call.order.indices {
                    call.order[index].expression = try groups.rewrite(
                        call.order[index].expression)
                }
            }
            calls.append(call)
        }
        return .window(calls, input)
    }

    /// Gives window functions the numbers that their columns have in the plan.
    private func located(_ expression: Expression, _ plan: LogicalPlan) -> Expression {
        let first = plan.types.count - state.windowCalls.count
        return expression.mapColumns { index in
            index >= SelectState.firstWindow ? first + index - SelectState.firstWindow : index
        }
    }
}
