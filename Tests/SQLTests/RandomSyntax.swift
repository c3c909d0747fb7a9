import Base
import SQL

/// Random syntax trees, of all kinds that the parser makes.
struct RandomSyntax {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private static let names = [
        "a", "b", "page", "Page", "timestamp", "date", "select", "order", "format", "interval",
        "left", "x1", "_y", "odd name", "qu\"ote", "größe", "1st", "array", "current_date", "div",
        "rows", "both", "over", "filter", "end", "is", "E", "\u{1F600}", "a.b", "`", "position",
    ]
    private static let functions =
        names + [
            "count", "sum", "quantile", "Trim", "substring", "extract", "cast", "rollup", "exists",
            "date_part", "if", "like", "not",
        ]
    private static let texts = ["", "x", "it's", "%_\\", "a\nb", "é", "\u{0}", "--", "/*", "\""]
    private static let types = [
        "Int64", "String", "DOUBLE PRECISION", "timestamp WITH TIME ZONE", "date", "Array",
    ]
    private static let units = ["second", "minute", "day", "week", "month", "year"]

    private mutating func one<Item>(of items: [Item]) -> Item { items[random.below(items.count)] }

    private mutating func maybe<Value>(
        _ probability: Double = 0.3, _ make: (inout RandomSyntax) -> Value
    ) -> Value? {
        random.chance(probability) ? make(&self) : nil
    }

    private mutating func some<Value>(
        _ counts: ClosedRange<Int>, _ make: (inout RandomSyntax) -> Value
    ) -> [Value] {
        (0..<Int.random(in: counts, using: &random)).map { _ in make(&self) }
    }

    private mutating func name() -> NameSyntax { NameSyntax(one(of: Self.names)) }

    private mutating func text() -> String { one(of: Self.texts) }

    // MARK: Queries

    mutating func statement(depth: Int) -> StatementSyntax {
        StatementSyntax(
            explanation: maybe { $0.one(of: [.plan, .analysis]) }, query: query(depth: depth),
            settings: some(0...2) { SettingSyntax(name: $0.name(), value: $0.constant()) },
            format: maybe { $0.name() })
    }

    private mutating func constant() -> ExpressionSyntax {
        switch random.below(4) {
        case 0: ExpressionSyntax(.unary(.minus, ExpressionSyntax(.literal(.integer(7)))))
        case 1: ExpressionSyntax(.parameter(NameSyntax("p"), type(depth: 1)))
        default: ExpressionSyntax(.literal(literal()))
        }
    }

    /// Always with a limit: without one, the parentheses of a term could mean nothing.
    mutating func query(depth: Int) -> QuerySyntax {
        QuerySyntax(
            commonTables: depth > 2
                ? some(0...1) {
                    CommonTableSyntax(name: $0.name(), query: $0.query(depth: depth - 2))
                } : [],
            terms: some(1...2) { random in
                guard depth > 2, random.random.chance(0.2) else {
                    return .select(random.select(depth: depth))
                }
                return .query(random.query(depth: depth - 2))
            },
            order: some(0...2) { $0.order(depth: depth - 1) },
            limit: ExpressionSyntax(.literal(.integer(random.next() >> 40))),
            offset: maybe { $0.expression(depth: depth - 1) })
    }

    private mutating func select(depth: Int) -> SelectSyntax {
        SelectSyntax(
            isDistinct: random.chance(0.2), items: some(1...3) { $0.item(depth: depth - 1) },
            source: maybe(0.8) { $0.source(depth: depth - 1) },
            filter: maybe { $0.expression(depth: depth - 1) },
            grouping: maybe { random in
                random.random.chance(0.2)
                    ? .all(.none) : .keys(random.some(1...2) { $0.expression(depth: depth - 1) })
            },
            having: maybe(0.1) { $0.expression(depth: depth - 1) },
            qualify: maybe(0.1) { $0.expression(depth: depth - 1) },
            windows: some(0...1) {
                NamedWindowSyntax(name: $0.name(), window: $0.window(depth: depth - 1))
            })
    }

    private mutating func item(depth: Int) -> SelectItemSyntax {
        guard random.chance(0.2) else {
            let expression = expression(depth: depth)
            return SelectItemSyntax(.expression(expression, alias: maybe { $0.name() }))
        }
        return SelectItemSyntax(
            .star(qualifier: some(0...2) { $0.name() }, excluded: some(0...2) { $0.name() }))
    }

    private mutating func source(depth: Int) -> SourceSyntax {
        let kind: SourceSyntax.Kind =
            depth > 2 && random.chance(0.3)
            ? .query(query(depth: depth - 1)) : .table(some(1...2) { $0.name() })
        return SourceSyntax(kind, alias: maybe { $0.name() })
    }

    private mutating func order(depth: Int) -> OrderSyntax {
        OrderSyntax(
            expression(depth: depth), isDescending: random.chance(0.5),
            nullsFirst: maybe { $0.random.chance(0.5) })
    }

    private mutating func window(depth: Int) -> WindowSyntax {
        WindowSyntax(
            base: maybe { $0.name() }, partition: some(0...2) { $0.expression(depth: depth) },
            order: some(0...1) { $0.order(depth: depth) },
            frame: maybe {
                FrameSyntax(
                    $0.one(of: FrameSyntax.Unit.allCases), from: $0.bound(depth: depth),
                    to: $0.bound(depth: depth))
            })
    }

    private mutating func bound(depth: Int) -> FrameSyntax.Bound {
        switch random.below(5) {
        case 0: .unboundedPreceding
        case 1: .currentRow
        case 2: .unboundedFollowing
        case 3: .preceding(expression(depth: depth))
        default: .following(expression(depth: depth))
        }
    }

    // MARK: Expressions

    mutating func expression(depth: Int) -> ExpressionSyntax {
        ExpressionSyntax(depth <= 0 || random.chance(0.2) ? leaf() : branch(depth: depth - 1))
    }

    private mutating func literal() -> LiteralSyntax {
        switch random.below(6) {
        case 0: .null
        case 1: .boolean(random.chance(0.5))
        case 2: .integer(random.next() >> UInt64(random.below(64)))
        case 3: .float(Double(random.below(1_000)) / 8)
        case 4: .float(abs(finite()))
        default: .string(text())
        }
    }

    private mutating func finite() -> Double {
        let float = Double(bitPattern: random.next())
        return float.isFinite ? float : 0.5
    }

    private mutating func leaf() -> ExpressionSyntax.Kind {
        switch random.below(8) {
        case 0, 1, 2: .column(some(1...3) { $0.name() })
        case 3: .parameter(NameSyntax(one(of: ["a", "select", "_1"])), type(depth: 2))
        case 4: .time(one(of: TimeLiteralKind.allCases), text())
        case 5: interval()
        default: .literal(literal())
        }
    }

    private mutating func interval() -> ExpressionSyntax.Kind {
        let unit = NameSyntax(one(of: Self.units))
        let number = ExpressionSyntax(.literal(.integer(UInt64(random.below(100)))))
        switch random.below(4) {
        case 0:
            return .interval(
                amount: ExpressionSyntax(.literal(.string(text()))),
                unit: random.chance(0.5) ? unit : nil)
        case 1: return .interval(amount: ExpressionSyntax(.unary(.minus, number)), unit: unit)
        case 2:
            let parameter = ExpressionSyntax(.parameter(NameSyntax("n"), TypeSyntax("Int64")))
            return .interval(amount: parameter, unit: unit)
        default: return .interval(amount: number, unit: unit)
        }
    }

    private mutating func type(depth: Int) -> TypeSyntax {
        TypeSyntax(
            one(of: Self.types),
            some(0...2) { random in
                switch random.random.below(depth > 0 ? 3 : 2) {
                case 0: .integer(UInt64(random.random.below(20)))
                case 1: .string(random.text())
                default: .type(random.type(depth: depth - 1))
                }
            })
    }

    private mutating func branch(depth: Int) -> ExpressionSyntax.Kind {
        switch random.below(16) {
        case 0: .unary(one(of: UnaryOperator.allCases), expression(depth: depth))
        case 1, 2, 3:
            .binary(
                one(of: BinaryOperator.allCases), expression(depth: depth),
                expression(depth: depth))
        case 4: .and(some(2...3) { $0.expression(depth: depth) })
        case 5: .or(some(2...3) { $0.expression(depth: depth) })
        case 6, 7: condition(depth: depth)
        case 8: .match(match(depth: depth))
        case 9: .cast(expression(depth: depth), type(depth: 2), isTry: random.chance(0.3))
        case 10: .conditional(conditional(depth: depth))
        case 11: .array(some(0...3) { $0.expression(depth: depth) })
        case 12: .tuple(some(2...3) { $0.expression(depth: depth) })
        case 13: .element(expression(depth: depth), index: expression(depth: depth))
        default:
            depth > 2 && random.chance(0.2) ? subquery(depth: depth) : .call(call(depth: depth))
        }
    }

    private mutating func subquery(depth: Int) -> ExpressionSyntax.Kind {
        let query = query(depth: depth - 1)
        switch random.below(3) {
        case 0: return .query(query)
        case 1: return .exists(query)
        default:
            return .inQuery(expression(depth: depth), query, isNegated: random.chance(0.5))
        }
    }

    private mutating func condition(depth: Int) -> ExpressionSyntax.Kind {
        let value = expression(depth: depth)
        let isNegated = random.chance(0.5)
        switch random.below(3) {
        case 0: return .isNull(value, isNegated: isNegated)
        case 1:
            return .between(
                value, low: expression(depth: depth), high: expression(depth: depth),
                isNegated: isNegated)
        default:
            // One query alone would be a sub-query.
            let items = [ExpressionSyntax(leaf())] + some(0...2) { $0.expression(depth: depth) }
            return .inList(value, items, isNegated: isNegated)
        }
    }

    private mutating func match(depth: Int) -> MatchSyntax {
        let style = one(of: MatchSyntax.Style.allCases)
        let hasEscape = style == .like || style == .likeIgnoringCase
        return MatchSyntax(
            style, value: expression(depth: depth), pattern: expression(depth: depth),
            escape: hasEscape ? maybe { $0.expression(depth: depth) } : nil,
            isNegated: random.chance(0.5))
    }

    private mutating func conditional(depth: Int) -> CaseSyntax {
        CaseSyntax(
            operand: maybe { $0.expression(depth: depth) },
            branches: some(1...2) {
                CaseSyntax.Branch(
                    when: $0.expression(depth: depth), then: $0.expression(depth: depth))
            }, otherwise: maybe { $0.expression(depth: depth) })
    }

    private mutating func call(depth: Int) -> CallSyntax {
        let isStar = random.chance(0.1)
        let arguments = isStar ? [] : some(0...3) { $0.expression(depth: depth) }
        return CallSyntax(
            NameSyntax(one(of: Self.functions)),
            parameters: maybe(0.1) { $0.some(1...2) { $0.expression(depth: depth) } }, arguments,
            isStar: isStar, isDistinct: !arguments.isEmpty && random.chance(0.2),
            order: arguments.isEmpty ? [] : some(0...1) { $0.order(depth: depth) },
            filter: maybe(0.1) { $0.expression(depth: depth) },
            ignoresNulls: maybe(0.1) { $0.random.chance(0.5) },
            over: maybe(0.1) { random in
                random.random.chance(0.3)
                    ? .named(random.name()) : .window(random.window(depth: depth))
            })
    }
}
