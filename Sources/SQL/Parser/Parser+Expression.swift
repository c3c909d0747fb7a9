extension Parser {
    /// Reads an expression whose bare operators are at least as strong as `minimum`.
    mutating func expression(
        _ minimum: Precedence = .or
    ) throws(SQLError) -> ExpressionSyntax {
        try enter()
        defer { leave() }
        let start = position
        let first = try operand()
        return try continued(first, from: start, minimum)
    }

    /// Reads the operators that follow an operand, which began at the token `start`.
    mutating func continued(
        _ first: ExpressionSyntax, from start: Int, _ minimum: Precedence
    ) throws(SQLError) -> ExpressionSyntax {
        var left = first
        var isComparison = false
        while let precedence = infixPrecedence, precedence >= minimum {
            if precedence == .comparison, isComparison {
                throw error(
                    "comparisons have no chains; join two by AND, or use parentheses",
                    at: current.range)
            }
            isComparison = precedence == .comparison
            left = try infix(left, precedence, from: start)
        }
        return left
    }

    /// The precedence of the operator that the next token begins; nil if it begins none.
    private var infixPrecedence: Precedence? {
        switch current.kind {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
        case .match, .matchIgnoringCase, .notMatch, .notMatchIgnoringCase: .pattern
        case .concatenate: .concatenation
        case .plus, .minus: .sum
        case .star, .slash, .doubleSlash, .percent: .product
        case .doubleColon, .leftBracket: .postfix
        case .word: wordPrecedence
        default: nil
        }
    }

    private var wordPrecedence: Precedence? {
        switch current.keyword {
        case .or, .xor: .or
        case .and: .and
        case .is: .is
        case .between, .in, .like, .ilike, .regexp, .rlike, .similar: .pattern
        case .not: Self.isPattern(peek().keyword) ? .pattern : nil
        case .div, .mod: .product
        case .at: peek().keyword == .time ? .zone : nil
        case .collate: .postfix
        default: nil
        }
    }

    private static func isPattern(_ keyword: Keyword?) -> Bool {
        switch keyword {
        case .between, .in, .like, .ilike, .regexp, .rlike, .similar: true
        default: false
        }
    }

    /// Reads the operator that the next token begins, and what follows of its operands.
    private mutating func infix(
        _ left: ExpressionSyntax, _ precedence: Precedence, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        switch precedence {
        case .or: try disjunction(left, from: start)
        case .and: try conjunction(left, from: start)
        case .is: try isCondition(left, from: start)
        case .pattern: try pattern(left, from: start)
        case .zone: try timeZone(left, from: start)
        case .postfix: try postfix(left, from: start)
        default: try binary(left, precedence, from: start)
        }
    }

    // MARK: Chains

    private mutating func disjunction(
        _ left: ExpressionSyntax, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        if at(.xor) { throw unsupported("XOR is not supported; compare with <>") }
        var conditions = [left]
        while take(.or) { conditions.append(try expression(.and)) }
        return try node(.or(conditions), from: start)
    }

    private mutating func conjunction(
        _ left: ExpressionSyntax, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        var conditions = [left]
        while take(.and) { conditions.append(try expression(.not)) }
        return try node(.and(conditions), from: start)
    }

    // MARK: Operators between operands

    private mutating func binary(
        _ left: ExpressionSyntax, _ precedence: Precedence, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        let operation = try binaryOperator()
        position += 1
        let right = try expression(precedence.next)
        return try node(.binary(operation, left, right), from: start)
    }

    private func binaryOperator() throws(SQLError) -> BinaryOperator {
        switch current.kind {
        case .equal: return .equal
        case .notEqual: return .notEqual
        case .less: return .less
        case .lessOrEqual: return .lessOrEqual
        case .greater: return .greater
        case .greaterOrEqual: return .greaterOrEqual
        case .concatenate: return .concatenate
        case .plus: return .add
        case .minus: return .subtract
        case .star: return .multiply
        case .slash: return .divide
        case .doubleSlash: return .integerDivide
        case .percent: return .remainder
        default:
            if at(.div) { return .integerDivide }
            if at(.mod) { return .remainder }
            throw unexpected("an operator")
        }
    }

    /// Reads `IS [NOT] NULL | UNKNOWN | TRUE | FALSE | DISTINCT FROM x`.
    private mutating func isCondition(
        _ left: ExpressionSyntax, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        position += 1
        let isNegated = take(.not)
        if take(.null) || take(.unknown) {
            return try node(.isNull(left, isNegated: isNegated), from: start)
        }
        let right: ExpressionSyntax
        var differs = !isNegated
        if take(.distinct) {
            try expect(.from, " (IS DISTINCT FROM)")
            right = try expression(.comparison)
        } else if at(.true) || at(.false) {
            // To be true is to differ in nothing from TRUE.
            differs.toggle()
            right = try operand()
        } else {
            throw unexpected(
                "NULL, TRUE, FALSE or DISTINCT FROM", likely: [.null, .true, .false, .distinct])
        }
        return try node(
            .binary(differs ? .isDistinct : .isNotDistinct, left, right), from: start)
    }

    private mutating func timeZone(
        _ left: ExpressionSyntax, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        let name = NameSyntax("timezone", range: current.range)
        position += 2
        try expect(.zone, " (AT TIME ZONE)")
        let zone = try expression(.postfix)
        return try node(.call(CallSyntax(name, [zone, left])), from: start)
    }

    private mutating func postfix(
        _ left: ExpressionSyntax, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        if take(.collate) {
            // The order by bytes, which is the one there is, has these names.
            let name = try name("the name of a collation").text.lowercased()
            if name == "c" || name == "posix" || name == "binary" { return left }
            position -= 1
            throw unsupported("texts order by bytes; there is no other collation")
        }
        if take(.doubleColon) {
            return try node(.cast(left, try type(), isTry: false), from: start)
        }
        try expect(.leftBracket)
        let index = try expression()
        try expect(.rightBracket, " behind the index")
        return try node(.element(left, index: index), from: start)
    }

    // MARK: BETWEEN, IN and patterns

    private mutating func pattern(
        _ left: ExpressionSyntax, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        let isNegated = take(.not)
        if take(.between) {
            let low = try expression(.concatenation)
            try expect(.and, " and the end of BETWEEN")
            let high = try expression(.concatenation)
            return try node(
                .between(left, low: low, high: high, isNegated: isNegated), from: start)
        }
        if take(.in) { return try membership(left, isNegated: isNegated, from: start) }
        guard let (style, isInverse) = matchStyle else {
            throw unsupported("SIMILAR TO is not supported; use REGEXP")
        }
        position += 1
        let pattern = try expression(.concatenation)
        var escape: ExpressionSyntax?
        if style == .like || style == .likeIgnoringCase, take(.escape) {
            escape = try expression(.concatenation)
        }
        return try node(
            .match(
                MatchSyntax(
                    style, value: left, pattern: pattern, escape: escape,
                    isNegated: isNegated != isInverse)), from: start)
    }

    /// How the operator that comes next matches, and whether it negates.
    private var matchStyle: (style: MatchSyntax.Style, isNegated: Bool)? {
        switch (current.kind, current.keyword) {
        case (.match, _), (_, .regexp), (_, .rlike): (.regex, false)
        case (.notMatch, _): (.regex, true)
        case (.matchIgnoringCase, _): (.regexIgnoringCase, false)
        case (.notMatchIgnoringCase, _): (.regexIgnoringCase, true)
        case (_, .like): (.like, false)
        case (_, .ilike): (.likeIgnoringCase, false)
        default: nil
        }
    }

    /// Reads what follows `IN`: a list or a query in parentheses, an array, or a parameter, whose
    /// value may be an array.
    private mutating func membership(
        _ left: ExpressionSyntax, isNegated: Bool, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        let items: [ExpressionSyntax]
        if at(.leftBrace) {
            items = [try operand()]
        } else if at(.leftBracket), peek().kind != .rightBracket {
            position += 1
            items = try expressions()
            try expect(.rightBracket, " behind the values of IN")
        } else {
            try expect(.leftParenthesis, " and the values of IN")
            items = try expressionsOrQuery()
            try expect(.rightParenthesis, " behind the values of IN")
        }
        if items.count == 1, case .query(let query) = items[0].kind {
            return try node(.inQuery(left, query, isNegated: isNegated), from: start)
        }
        return try node(.inList(left, items, isNegated: isNegated), from: start)
    }
}
