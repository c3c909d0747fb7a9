extension Parser {
    /// Reads what stands before, between and behind operators.
    mutating func operand() throws(SQLError) -> ExpressionSyntax {
        let start = position
        switch current.kind {
        case .plus, .minus:
            position += 1
            let sign = tokens[start].kind == .plus ? UnaryOperator.plus : .minus
            return try node(.unary(sign, try expression(.unary)), from: start)
        case .number:
            position += 1
            return try node(.literal(try values.number(tokens[start])), from: start)
        case .string:
            position += 1
            return try node(.literal(.string(values.unquoted(tokens[start]))), from: start)
        case .escapedString:
            position += 1
            return try node(.literal(.string(try values.unescaped(tokens[start]))), from: start)
        case .leftParenthesis: return try parenthesised()
        case .leftBracket: return try array()
        case .leftBrace: return try parameter()
        case .word: return try word()
        case .quotedName: return try columnOrCall()
        default: throw unexpectedOperand
        }
    }

    private var unexpectedOperand: SQLError {
        let comma = position > 0 && tokens[position - 1].kind == .comma
        return unexpected(comma ? "an expression behind the comma" : "an expression", likely: [])
    }

    /// Reads an operand that begins with a word.
    private mutating func word() throws(SQLError) -> ExpressionSyntax {
        let start = position
        if let literal = Self.literal(current.keyword) {
            position += 1
            return try node(.literal(literal), from: start)
        }
        switch current.keyword {
        case .not:
            position += 1
            return try node(.unary(.not, try expression(.not)), from: start)
        case .case: return try conditional()
        case .date where peek().kind == .string: return try time(.date)
        case .timestamp where peek().kind == .string: return try time(.timestamp)
        case .interval where isAtInterval: return try interval()
        case .array where peek().kind == .leftBracket:
            position += 1
            return try array(from: start)
        case .currentDate, .currentTimestamp:
            guard peek().kind != .leftParenthesis else { return try columnOrCall() }
            let name = anyName()
            return try node(.call(CallSyntax(name)), from: start)
        default:
            if peek().kind == .leftParenthesis, let special = try specialForm() { return special }
            guard isAtName else { throw unexpectedOperand }
            return try columnOrCall()
        }
    }

    private static func literal(_ keyword: Keyword?) -> LiteralSyntax? {
        switch keyword {
        case .null: .null
        case .true: .boolean(true)
        case .false: .boolean(false)
        default: nil
        }
    }

    private mutating func columnOrCall() throws(SQLError) -> ExpressionSyntax {
        let start = position
        if peek().kind == .leftParenthesis { return try call(anyName(), from: start) }
        let names = try dottedName("an expression")
        if at(.leftParenthesis) { throw error("a function has no dots", at: range(from: start)) }
        if at(.dot) { throw error("a star has no place in an expression", at: peek().range) }
        return try node(.column(names), from: start)
    }

    // MARK: Brackets

    private mutating func parenthesised() throws(SQLError) -> ExpressionSyntax {
        let start = position
        position += 1
        let items = try expressionsOrQuery()
        try expect(.rightParenthesis)
        // The range of one expression does without its parentheses.
        return items.count == 1 ? items[0] : try node(.tuple(items), from: start)
    }

    /// Reads what may stand in parentheses: expressions, or one query.
    mutating func expressionsOrQuery() throws(SQLError) -> [ExpressionSyntax] {
        let start = position
        if isAtQuery { return [try node(.query(try query()), from: start)] }
        let items = try expressions()
        // A query in parentheses may turn out to be the first of a union.
        guard items.count == 1, case .query(let first) = items[0].kind, !at(.rightParenthesis)
        else { return items }
        let query = try query(from: start, commonTables: [], first: Self.term(first))
        return [try node(.query(query), from: start)]
    }

    private mutating func array(from start: Int? = nil) throws(SQLError) -> ExpressionSyntax {
        let start = start ?? position
        try expect(.leftBracket)
        let items = at(.rightBracket) ? [] : try expressions()
        try expect(.rightBracket, " behind the array")
        return try node(.array(items), from: start)
    }

    private mutating func parameter() throws(SQLError) -> ExpressionSyntax {
        let start = position
        position += 1
        guard at(.word) else {
            throw unexpected("the name of a parameter ({name:Type})", likely: [])
        }
        let name = anyName()
        try expect(.colon, " and the type of the parameter ({name:Type})")
        let type = try type()
        try expect(.rightBrace, " behind the parameter")
        return try node(.parameter(name, type), from: start)
    }

    // MARK: CASE

    private mutating func conditional() throws(SQLError) -> ExpressionSyntax {
        let start = position
        position += 1
        let operand = at(.when) ? nil : try expression()
        var branches: [CaseSyntax.Branch] = []
        while take(.when) {
            let when = try expression()
            try expect(.then, " and the value of the branch")
            branches.append(CaseSyntax.Branch(when: when, then: try expression()))
        }
        if branches.isEmpty { throw unexpected("WHEN", likely: [.when]) }
        let otherwise = take(.else) ? try expression() : nil
        guard take(.end) else {
            let expected = otherwise == nil ? "WHEN, ELSE or END" : "END"
            throw unexpected(expected, likely: [.when, .then, .else, .end])
        }
        return try node(
            .conditional(CaseSyntax(operand: operand, branches: branches, otherwise: otherwise)),
            from: start)
    }

    // MARK: Times

    private mutating func time(_ kind: TimeLiteralKind) throws(SQLError) -> ExpressionSyntax {
        let start = position
        position += 2
        return try node(.time(kind, values.unquoted(tokens[start + 1])), from: start)
    }

    private static let units: Set = [
        "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week",
        "month", "quarter", "year",
    ]

    /// The unit of time that a token names, in the singular and in lower case.
    private func unit(_ token: Token) -> String? {
        guard token.kind == .word else { return nil }
        let word = text.text(of: token.range).lowercased()
        if Self.units.contains(word) { return word }
        guard word.hasSuffix("s"), Self.units.contains(String(word.dropLast())) else { return nil }
        return String(word.dropLast())
    }

    /// Whether `INTERVAL` is no column: an amount follows, behind a sign only with its unit.
    private var isAtInterval: Bool {
        switch peek().kind {
        case .number, .string, .leftBrace: return true
        case .plus, .minus: return peek(2).kind == .number && unit(peek(3)) != nil
        default: return false
        }
    }

    /// Reads `INTERVAL amount unit` or `INTERVAL 'text'`.
    private mutating func interval() throws(SQLError) -> ExpressionSyntax {
        let start = position
        position += 1
        let amount = try operand()
        let token = current
        if let unit = unit(token) {
            position += 1
            return try node(
                .interval(amount: amount, unit: NameSyntax(unit, range: token.range)), from: start)
        }
        guard case .literal(.string) = amount.kind else {
            throw unexpected("a unit of time such as DAY", likely: [])
        }
        return try node(.interval(amount: amount, unit: nil), from: start)
    }
}
