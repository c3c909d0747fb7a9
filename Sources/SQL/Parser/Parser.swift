/// Reads the tokens of a query into a syntax tree, by recursive descent; expressions by climbing
/// precedences.
///
/// Every way down, into parentheses and operands as well as into sub-queries, passes `enter`, which
/// bounds how deep it may go; chains of operators, which grow a tree without recursion, are bounded
/// by the height of their nodes.
struct Parser {
    let text: QueryText
    let limits: SyntaxLimits
    let tokens: [Token]
    let values: TokenValues
    /// The token that is read next.
    var position = 0
    /// The token that was last taken for a name because nothing else fitted, such as an alias without
    /// `AS`: where reading fails behind it, it may be a keyword that was misspelt.
    var bareAlias: Int?
    private var depth = 0

    init(_ text: QueryText, limits: SyntaxLimits) throws(SQLError) {
        self.text = text
        self.limits = limits
        values = TokenValues(text: text)
        tokens = try Lexer.tokens(of: text, limits: limits)
    }

    // MARK: Depth

    /// Goes one level down; whoever calls it goes up again with `leave`.
    mutating func enter() throws(SQLError) {
        depth += 1
        if depth > limits.depthMax { throw tooDeep(at: current.range) }
    }

    mutating func leave() { depth -= 1 }

    func tooDeep(at range: SourceRange) -> SQLError {
        SQLError(
            .limit, "the query is nested more than \(limits.depthMax) levels deep", at: range,
            in: text)
    }

    /// The expression that was read since a token, if it is not too high.
    func node(
        _ kind: ExpressionSyntax.Kind, from start: Int
    ) throws(SQLError) -> ExpressionSyntax {
        try node(kind, range: range(from: start))
    }

    /// The expression of a range, if it is not too high.
    func node(
        _ kind: ExpressionSyntax.Kind, range: SourceRange
    ) throws(SQLError) -> ExpressionSyntax {
        let expression = ExpressionSyntax(kind, range: range)
        if expression.height > limits.depthMax { throw tooDeep(at: tokens[position - 1].range) }
        return expression
    }

    // MARK: Tokens

    var current: Token { tokens[position] }

    /// A token further on; the end if there are not so many.
    func peek(_ distance: Int = 1) -> Token { tokens[min(position + distance, tokens.count - 1)] }

    func at(_ kind: Token.Kind) -> Bool { current.kind == kind }

    func at(_ keyword: Keyword) -> Bool { current.keyword == keyword }

    func at(_ keyword: Keyword, _ next: Keyword) -> Bool {
        current.keyword == keyword && peek().keyword == next
    }

    /// Whether the next token is a name or may be one.
    var isAtName: Bool { Self.isName(current) }

    static func isName(_ token: Token) -> Bool {
        token.kind == .quotedName || token.kind == .word && token.keyword?.isReserved != true
    }

    /// Goes on if the next token is of the kind.
    mutating func take(_ kind: Token.Kind) -> Bool {
        guard at(kind) else { return false }
        position += 1
        return true
    }

    /// Goes on if the next token is the keyword.
    mutating func take(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        position += 1
        return true
    }

    /// Goes on if the next tokens are the keywords.
    mutating func take(_ keyword: Keyword, _ next: Keyword) -> Bool {
        guard at(keyword, next) else { return false }
        position += 2
        return true
    }

    mutating func expect(_ kind: Token.Kind, _ context: String = "") throws(SQLError) {
        if !take(kind) { throw unexpected("\"\(kind.rawValue)\"\(context)") }
    }

    mutating func expect(_ keyword: Keyword, _ context: String = "") throws(SQLError) {
        if !take(keyword) { throw unexpected(keyword.text + context, likely: [keyword]) }
    }

    /// Takes a name; `what` says of what.
    mutating func name(_ what: String) throws(SQLError) -> NameSyntax {
        guard isAtName else { throw unexpected(what) }
        return anyName()
    }

    /// Takes the next token as a name, which it must be able to be, even if it is reserved.
    mutating func anyName() -> NameSyntax {
        position += 1
        return values.name(tokens[position - 1])
    }

    /// Takes names with dots between them; behind a dot every word is a name.
    mutating func dottedName(_ what: String) throws(SQLError) -> [NameSyntax] {
        var names = [try name(what)]
        while at(.dot), peek().kind != .star {
            position += 1
            guard at(.word) || at(.quotedName) else { throw unexpected("a name after the dot") }
            names.append(anyName())
        }
        return names
    }

    /// The bytes from a token to the one that was taken last.
    func range(from start: Int) -> SourceRange {
        let end = max(start, position - 1)
        return SourceRange(start: tokens[start].start, end: tokens[end].end)
    }

    // MARK: Lists

    /// Items with commas between them, at least one.
    mutating func list<Item>(
        _ item: (inout Parser) throws(SQLError) -> Item
    ) throws(SQLError) -> [Item] {
        var items = [try item(&self)]
        while take(.comma) { items.append(try item(&self)) }
        return items
    }

    /// Expressions with commas between them, at least one.
    mutating func expressions() throws(SQLError) -> [ExpressionSyntax] {
        var items = [try expression()]
        while take(.comma) { items.append(try expression()) }
        return items
    }
}
