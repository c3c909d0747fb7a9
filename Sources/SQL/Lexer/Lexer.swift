/// Cuts a query into tokens.
///
/// White space (the no-break space and the byte order mark too) and comments (`-- to the end of the
/// line`, `/* nested */`) separate tokens and mean nothing. Names begin with a letter, `_` or any
/// character beyond ASCII, and go on with those, digits and `$`.
struct Lexer {
    let text: QueryText
    let limits: SyntaxLimits
    private(set) var offset = 0
    private(set) var tokens: [Token] = []

    /// The tokens of a query, with one of kind `endOfText` behind the last.
    static func tokens(
        of text: QueryText, limits: SyntaxLimits
    ) throws(SQLError) -> [Token] {
        var lexer = Lexer(text: text, limits: limits)
        try lexer.checkSize()
        try lexer.checkEncoding()
        while try lexer.skipsToToken() {
            try lexer.takeToken()
            if lexer.tokens.count > limits.tokensMax { throw lexer.tooManyTokens }
        }
        let end = lexer.tokens.last?.end ?? 0
        lexer.tokens.append(Token(.endOfText, start: end, end: end))
        return lexer.tokens
    }

    private init(text: QueryText, limits: SyntaxLimits) {
        self.text = text
        self.limits = limits
        // Most tokens have a few bytes.
        tokens.reserveCapacity(min(text.bytes.count / 4 + 2, limits.tokensMax + 2))
    }

    /// The byte at a distance from the next one; 0 behind the end.
    func byte(_ distance: Int = 0) -> UInt8 {
        offset + distance < text.bytes.count ? text.bytes[offset + distance] : 0
    }

    var isAtEnd: Bool { offset >= text.bytes.count }

    mutating func advance(_ count: Int = 1) { offset += count }

    mutating func append(_ kind: Token.Kind, from start: Int, keyword: Keyword? = nil) {
        tokens.append(Token(kind, keyword: keyword, start: start, end: offset))
    }

    func error(
        _ message: String, from start: Int, to end: Int, code: SQLError.Code = .syntax
    ) -> SQLError {
        SQLError(code, message, at: SourceRange(start: start, end: end), in: text)
    }

    // MARK: Limits

    private func checkSize() throws(SQLError) {
        guard text.bytes.count > limits.bytesMax else { return }
        let message = "the query has \(text.bytes.count) bytes; at most \(limits.bytesMax) may be"
        throw error(message, from: 0, to: 1, code: .limit)
    }

    private var tooManyTokens: SQLError {
        let last = tokens.last?.start ?? 0
        return error(
            "the query has more than \(limits.tokensMax) words and signs", from: last, to: offset,
            code: .limit)
    }

    private func checkEncoding() throws(SQLError) {
        do {
            _ = try UTF8Span(validating: text.bytes.span)
        } catch {
            let place = error.byteOffsets.lowerBound
            throw self.error("the query is not valid UTF-8", from: place, to: place + 1)
        }
    }

    // MARK: White space and comments

    /// Skips what means nothing; false at the end of the text.
    private mutating func skipsToToken() throws(SQLError) -> Bool {
        while !isAtEnd {
            switch (byte(), byte(1)) {
            case (UInt8(ascii: " "), _), (0x09...0x0D, _): advance()
            case (0xC2, 0xA0): advance(2)
            case (0xEF, 0xBB) where byte(2) == 0xBF: advance(3)
            case (UInt8(ascii: "-"), UInt8(ascii: "-")):
                while !isAtEnd, byte() != UInt8(ascii: "\n") { advance() }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")): try skipComment()
            default: return true
            }
        }
        return false
    }

    private mutating func skipComment() throws(SQLError) {
        let start = offset
        var depth = 0
        repeat {
            switch (byte(), byte(1)) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                advance(2)
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                advance(2)
            default:
                guard !isAtEnd else {
                    throw error("the comment has no end", from: start, to: start + 2)
                }
                advance()
            }
        } while depth > 0
    }

    // MARK: Tokens

    private mutating func takeToken() throws(SQLError) {
        let start = offset
        switch byte() {
        case UInt8(ascii: "'"): try takeQuoted(.string, from: start)
        case UInt8(ascii: "\""), UInt8(ascii: "`"): try takeQuoted(.quotedName, from: start)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try takeNumber()
        case UInt8(ascii: ".") where Self.isDigit(byte(1)) && !isBehindName: try takeNumber()
        case UInt8(ascii: "E"), UInt8(ascii: "e"):
            guard byte(1) == UInt8(ascii: "'") else { return try takeWord() }
            advance()
            try takeEscapedString(from: start)
        case let first where Self.isNameStart(first): try takeWord()
        default: try takeSign()
        }
    }

    /// Whether the next byte touches a name, so that a dot begins no number.
    private var isBehindName: Bool {
        guard let last = tokens.last, last.end == offset else { return false }
        return last.kind == .word || last.kind == .quotedName
    }

    private mutating func takeWord() throws(SQLError) {
        let start = offset
        if let quote = typographicQuote {
            throw error("\(quote) is no quotation mark of SQL", from: start, to: start + 3)
        }
        while Self.isNameStart(byte()) || Self.isDigit(byte()) || byte() == UInt8(ascii: "$"),
            !isAtEnd, !isNoBreakSpace
        { advance() }
        append(.word, from: start, keyword: Keyword(word: text.bytes[start..<offset]))
    }

    private var isNoBreakSpace: Bool { byte() == 0xC2 && byte(1) == 0xA0 }

    /// What word processors make of the marks that SQL has.
    private var typographicQuote: String? {
        guard byte() == 0xE2, byte(1) == 0x80 else { return nil }
        switch byte(2) {
        case 0x98, 0x99: return "\u{2019} (instead of ')"
        case 0x9C, 0x9D: return "\u{201D} (instead of ' for text or \" for names)"
        default: return nil
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    static func isNameStart(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") && byte < 0x80
            || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
