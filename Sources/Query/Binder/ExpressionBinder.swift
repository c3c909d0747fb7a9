internal import Expressions
internal import SQL

/// Binds the expressions of one clause of one SELECT.
struct ExpressionBinder {
    /// What a clause may contain.
    struct Rules {
        var allowsAggregates = false
        var allowsWindows = false
        /// For errors.
        var clause = ""
    }

    let binder: Binder
    var state: SelectState
    var rules: Rules
    /// Aliases that are being replaced, so that none stands for itself.
    var openAliases: Set<String> = []

    var place: BindingPlace { binder.place }

    init(_ binder: Binder, state: SelectState, rules: Rules) {
        self.binder = binder
        self.state = state
        self.rules = rules
    }

    mutating func bind(_ syntax: ExpressionSyntax) throws(QueryError) -> Expression {
        defer { binder.budget.leave() }
        guard binder.budget.enter(), binder.budget.take() else {
            throw place.error(
                "query_limit", "the query means too much: names in it stand for large expressions",
                at: syntax.range)
        }
        switch syntax.kind {
        case .literal(let literal): return Self.constant(literal)
        case .column(let names): return try column(names, at: syntax.range)
        case .parameter(let name, let type): return try parameter(name, type, at: syntax.range)
        case .unary(let operation, let operand):
            return try unary(operation, operand, at: syntax.range)
        case .binary(let operation, let left, let right):
            return try call(Self.functions[operation] ?? "", [left, right], at: syntax.range)
        case .and(let operands): return .and(try conditions(operands))
        case .or(let operands): return .or(try conditions(operands))
        case .isNull(let operand, let isNegated):
            return try isNull(try bind(operand), isNegated, at: syntax.range)
        case .between(let value, let low, let high, let isNegated):
            return try between(value, low, high, isNegated, at: syntax.range)
        case .inList(let value, let items, let isNegated):
            return try inList(value, items, isNegated, at: syntax.range)
        case .match(let match): return try self.match(match, at: syntax.range)
        case .cast(let value, let type, let isTry):
            return try binder.cast(
                try bind(value), to: try self.type(type), at: syntax.range, isTry: isTry)
        case .conditional(let conditional): return try self.conditional(conditional, syntax.range)
        case .call(let call): return try bind(call, at: syntax.range)
        case .element(let value, let index):
            return try call("arrayElement", [value, index], at: syntax.range)
        case .interval(let amount, let unit): return try interval(amount, unit, syntax.range)
        case .time(let kind, let text):
            return try binder.cast(
                .constant(.string(text), .string), to: kind == .date ? .date : .timestamp,
                at: syntax.range)
        case .array, .tuple, .query, .exists, .inQuery:
            throw unsupported(syntax)
        }
    }

    private func unsupported(_ syntax: ExpressionSyntax) -> QueryError {
        let message =
            switch syntax.kind {
            case .array: "an array stands only where a function takes one"
            case .tuple: "(a, b) stands only in count(DISTINCT …) and GROUP BY"
            default: "a sub-query stands only in FROM"
            }
        return place.error("sql_unsupported", message, at: syntax.range, status: 400)
    }

    private static let functions: [BinaryOperator: String] = [
        .equal: "equals", .notEqual: "notEquals", .less: "less", .lessOrEqual: "lessOrEquals",
        .greater: "greater", .greaterOrEqual: "greaterOrEquals", .isDistinct: "isDistinctFrom",
        .isNotDistinct: "isNotDistinctFrom", .concatenate: "concat", .add: "plus",
        .subtract: "minus", .multiply: "multiply", .divide: "divide", .integerDivide: "intDiv",
        .remainder: "modulo",
    ]

    // MARK: Names and constants

    private static func constant(_ literal: LiteralSyntax) -> Expression {
        switch literal {
        case .null: .constant(.null, .null)
        case .boolean(let truth): .constant(.boolean(truth), .boolean)
        case .integer(let number):
            Int64(exactly: number).map { .constant(.integer($0), .integer) }
                ?? .constant(.float(Double(number)), .float)
        case .float(let number): .constant(.float(number), .float)
        case .string(let text): .constant(.string(text), .string)
        }
    }

    private mutating func column(
        _ names: [NameSyntax], at range: SourceRange
    ) throws(QueryError) -> Expression {
        if let found = state.scope.find(names, at: range) { return found }
        let name = names.map(\.text).joined(separator: ".")
        if names.count == 1, let syntax = state.aliases[name], !openAliases.contains(name) {
            openAliases.insert(name)
            defer { openAliases.remove(name) }
            return try bind(syntax)
        }
        let known =
            state.scope.columns.map(\.name)
            + state.aliases.keys.filter { !openAliases.contains($0) }.sorted()
        let closest = QueryError.unknown("column", name, known: known).closest
        throw place.error(
            "unknown_column", "unknown column \"\(name)\"", at: range, closest: closest)
    }

    private func parameter(
        _ name: NameSyntax, _ type: TypeSyntax, at range: SourceRange
    ) throws(QueryError) -> Expression {
        guard let text = binder.parameters[name.text] else {
            throw place.error(
                "unknown_parameter",
                "parameter \"\(name.text)\" has no value; send it as param_\(name.text)",
                at: range, status: 400)
        }
        return try binder.cast(
            .constant(.string(text), .string), to: try self.type(type), at: range)
    }

    func type(_ syntax: TypeSyntax) throws(QueryError) -> DataType {
        if let type = TypeNames.find(syntax) { return type }
        throw place.error(
            "unknown_type", "unknown type \"\(syntax.name)\"", at: syntax.range,
            closest: QueryError.unknown("type", syntax.name, known: TypeNames.allNames).closest)
    }

    private mutating func interval(
        _ amount: ExpressionSyntax, _ unit: NameSyntax?, _ range: SourceRange
    ) throws(QueryError) -> Expression {
        let value = try binder.constant(amount)
        var interval: Value?
        switch (value, unit) {
        case (.integer(let number), let unit?):
            interval = IntervalText.interval(number, unit.text)
        case (.string(let text), let unit?):
            interval = Int64(text).flatMap { IntervalText.interval($0, unit.text) }
        case (.string(let text), nil): interval = IntervalText.parse(text)
        default: break
        }
        guard let interval else {
            throw place.error(
                "invalid_interval",
                "an interval is an integer and a unit: INTERVAL 15 MINUTE, INTERVAL '1 day'",
                at: range)
        }
        return .constant(interval, .interval)
    }

    // MARK: Conditions

    private mutating func conditions(
        _ operands: [ExpressionSyntax]
    ) throws(QueryError) -> [Expression] {
        var bound: [Expression] = []
        for operand in operands { bound.append(try condition(operand)) }
        return bound
    }

    mutating func condition(_ syntax: ExpressionSyntax) throws(QueryError) -> Expression {
        let bound = try bind(syntax)
        switch bound.type {
        case .boolean: return bound
        case .null: return .constant(.null, .boolean)
        // ClickHouse's truth is 1.
        case .integer:
            return try apply(
                "notEquals", [bound, .constant(.integer(0), .integer)], at: syntax.range)
        default:
            throw place.error(
                "wrong_types", "a condition is wanted here, not \(bound.type.name)",
                at: syntax.range)
        }
    }

    private mutating func unary(
        _ operation: UnaryOperator, _ operand: ExpressionSyntax, at range: SourceRange
    ) throws(QueryError) -> Expression {
        switch operation {
        case .not: return .not(try condition(operand))
        case .plus: return try bind(operand)
        case .minus:
            // The least integer has no positive twin.
            if case .literal(.integer(1 << 63)) = operand.kind {
                return .constant(.integer(.min), .integer)
            }
            return try call("negate", [operand], at: range)
        }
    }

    private func isNull(
        _ operand: Expression, _ isNegated: Bool, at range: SourceRange
    ) throws(QueryError) -> Expression {
        if case .constant(let value, _) = operand {
            return .constant(.boolean((value == .null) != isNegated), .boolean)
        }
        return isNegated ? .not(.isNull(operand)) : .isNull(operand)
    }

    private mutating func between(
        _ value: ExpressionSyntax, _ low: ExpressionSyntax, _ high: ExpressionSyntax,
        _ isNegated: Bool, at range: SourceRange
    ) throws(QueryError) -> Expression {
        let operand = try bind(value)
        let inside = Expression.and([
            try apply("greaterOrEquals", [operand, try bind(low)], at: range),
            try apply("lessOrEquals", [operand, try bind(high)], at: range),
        ])
        return isNegated ? .not(inside) : inside
    }

    private mutating func inList(
        _ value: ExpressionSyntax, _ items: [ExpressionSyntax], _ isNegated: Bool,
        at range: SourceRange
    ) throws(QueryError) -> Expression {
        let operand = try bind(value)
        var values: [Value] = []
        var others: [Expression] = []
        var hasNull = false
        for item in items {
            let bound = try bind(item)
            guard case .constant(let constant, _) = bound else {
                others.append(try apply("equals", [operand, bound], at: item.range))
                continue
            }
            if constant == .null {
                hasNull = true
            } else if let value = try member(bound, of: operand.type, at: item.range) {
                values.append(value)
            } else {
                others.append(try apply("equals", [operand, bound], at: item.range))
            }
        }
        var found = others
        if !values.isEmpty || hasNull {
            found.insert(.oneOf(operand, values, listHasNull: hasNull), at: 0)
        }
        let membership = found.count == 1 ? found[0] : .or(found)
        return isNegated ? .not(membership) : membership
    }

    /// The constant in the type that it is compared in; nil where the comparison does that itself.
    private func member(
        _ constant: Expression, of type: DataType, at range: SourceRange
    ) throws(QueryError) -> Value? {
        if constant.type == type, case .constant(let value, _) = constant { return value }
        guard constant.type == .string, type == .timestamp || type == .date,
            case .constant(let value, _) = try binder.cast(constant, to: type, at: range)
        else { return nil }
        return value
    }

    private mutating func match(
        _ match: MatchSyntax, at range: SourceRange
    ) throws(QueryError) -> Expression {
        let name =
            switch match.style {
            case .like: "like"
            case .likeIgnoringCase: "ilike"
            case .regex: "match"
            case .regexIgnoringCase: "matchIgnoringCase"
            }
        let operands = [match.value, match.pattern] + (match.escape.map { [$0] } ?? [])
        let found = try call(name, operands, at: range)
        return match.isNegated ? .not(found) : found
    }

    private mutating func conditional(
        _ syntax: CaseSyntax, _ range: SourceRange
    ) throws(QueryError) -> Expression {
        let operand = try syntax.operand.map { operand throws(QueryError) in try bind(operand) }
        var branches: [(condition: Expression, value: Expression)] = []
        for branch in syntax.branches {
            let condition: Expression
            if let operand {
                condition = try apply(
                    "equals", [operand, try bind(branch.when)], at: branch.when.range)
            } else {
                condition = try self.condition(branch.when)
            }
            branches.append((condition, try bind(branch.then)))
        }
        let otherwise = try syntax.otherwise.map { value throws(QueryError) in try bind(value) }
        do {
            return try FunctionCatalog.conditional(
                branches, otherwise: otherwise, zones: binder.zones)
        } catch {
            throw place.error(error.code, error.message, at: range, closest: error.closest)
        }
    }

    // MARK: Scalar functions

    mutating func call(
        _ name: String, _ operands: [ExpressionSyntax], at range: SourceRange
    ) throws(QueryError) -> Expression {
        var bound: [Expression] = []
        for operand in operands { bound.append(try bind(operand)) }
        return try apply(name, bound, at: range)
    }

    /// A scalar function of bound operands.
    ///
    /// Of a property that has text and numbers, a function of numbers reads the numbers.
    func apply(
        _ name: String, _ operands: [Expression], at range: SourceRange
    ) throws(QueryError) -> Expression {
        let numbers = operands.map { state.scope.numbers(of: $0) ?? $0 }
        do {
            if numbers != operands, Self.comparesNumbers(name, operands) {
                return try binder.function(name, numbers)
            }
            return try binder.function(name, operands)
        } catch {
            if numbers != operands, error.code == "wrong_arguments",
                let bound = try? binder.function(name, numbers)
            {
                return bound
            }
            throw place.error(error.code, error.message, at: range, closest: error.closest)
        }
    }

    /// Whether it is an order of numbers, which texts do not follow.
    private static func comparesNumbers(_ name: String, _ operands: [Expression]) -> Bool {
        ["less", "lessOrEquals", "greater", "greaterOrEquals"].contains(name)
            && operands.contains { $0.type.isNumeric }
    }
}
