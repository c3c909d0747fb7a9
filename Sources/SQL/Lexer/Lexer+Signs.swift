extension Lexer {
    /// Signs that other dialects have, and what to write instead.
    private static let foreign: [UInt8: String] = [
        UInt8(ascii: "?"): "parameters are written {name:Type}",
        UInt8(ascii: "$"): "parameters are written {name:Type}",
        UInt8(ascii: "@"): "parameters are written {name:Type}",
        UInt8(ascii: "^"): "write power(x, y)",
        UInt8(ascii: "!"): "write NOT",
        UInt8(ascii: "&"): "write bitAnd(x, y), or AND",
        UInt8(ascii: "|"): "write bitOr(x, y), OR, or || to join texts",
        UInt8(ascii: "#"): "comments begin with --",
        UInt8(ascii: "\\"): "a quote in a text is written twice: 'it''s'",
    ]

    /// Takes the longest sign that comes next.
    mutating func takeSign() throws(SQLError) {
        let start = offset
        guard let (kind, length) = longSign ?? shortSign else { throw unknownSign }
        advance(length)
        append(kind, from: start)
    }

    /// A sign of two or three bytes, some of them second spellings of one.
    private var longSign: (kind: Token.Kind, length: Int)? {
        switch (byte(), byte(1)) {
        case (UInt8(ascii: "!"), UInt8(ascii: "~")):
            byte(2) == UInt8(ascii: "*") ? (.notMatchIgnoringCase, 3) : (.notMatch, 2)
        case (UInt8(ascii: "~"), UInt8(ascii: "*")): (.matchIgnoringCase, 2)
        case (UInt8(ascii: "!"), UInt8(ascii: "=")): (.notEqual, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: ">")): (.notEqual, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): (.lessOrEqual, 2)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): (.greaterOrEqual, 2)
        case (UInt8(ascii: "="), UInt8(ascii: "=")): (.equal, 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): (.concatenate, 2)
        case (UInt8(ascii: ":"), UInt8(ascii: ":")): (.doubleColon, 2)
        case (UInt8(ascii: "/"), UInt8(ascii: "/")): (.doubleSlash, 2)
        default: nil
        }
    }

    private var shortSign: (kind: Token.Kind, length: Int)? {
        switch byte() {
        case UInt8(ascii: "("): (.leftParenthesis, 1)
        case UInt8(ascii: ")"): (.rightParenthesis, 1)
        case UInt8(ascii: "["): (.leftBracket, 1)
        case UInt8(ascii: "]"): (.rightBracket, 1)
        case UInt8(ascii: "{"): (.leftBrace, 1)
        case UInt8(ascii: "}"): (.rightBrace, 1)
        case UInt8(ascii: ","): (.comma, 1)
        case UInt8(ascii: "."): (.dot, 1)
        case UInt8(ascii: ";"): (.semicolon, 1)
        case UInt8(ascii: ":"): (.colon, 1)
        case UInt8(ascii: "*"): (.star, 1)
        case UInt8(ascii: "+"): (.plus, 1)
        case UInt8(ascii: "-"): (.minus, 1)
        case UInt8(ascii: "/"): (.slash, 1)
        case UInt8(ascii: "%"): (.percent, 1)
        case UInt8(ascii: "="): (.equal, 1)
        case UInt8(ascii: "<"): (.less, 1)
        case UInt8(ascii: ">"): (.greater, 1)
        case UInt8(ascii: "~"): (.match, 1)
        default: nil
        }
    }

    private var unknownSign: SQLError {
        let spelling = String(UnicodeScalar(byte()))
        let isVisible = byte() > 0x20 && byte() < 0x7F
        let name = isVisible ? "\"\(spelling)\"" : "byte \(byte())"
        let advice = Self.foreign[byte()].map { ": " + $0 } ?? ""
        return error("unexpected \(name)\(advice)", from: offset, to: offset + 1)
    }
}
