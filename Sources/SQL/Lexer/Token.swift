/// A word, a literal or a sign of a query.
struct Token {
    /// What a token can be; signs by their canonical spelling, for messages.
    enum Kind: String {
        /// A keyword or a name without quotes.
        case word
        /// `"name"` or `` `name` ``.
        case quotedName
        /// `'text'`.
        case string
        /// `E'text'`, with backslash escapes.
        case escapedString
        /// Digits with or without fraction and exponent, or `0x` and hexadecimal digits.
        case number
        /// Behind the last token.
        case endOfText

        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBracket = "["
        case rightBracket = "]"
        case leftBrace = "{"
        case rightBrace = "}"
        case comma = ","
        case dot = "."
        case semicolon = ";"
        case colon = ":"
        case doubleColon = "::"
        case star = "*"
        case plus = "+"
        case minus = "-"
        case slash = "/"
        case doubleSlash = "//"
        case percent = "%"
        case concatenate = "||"
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case match = "~"
        case matchIgnoringCase = "~*"
        case notMatch = "!~"
        case notMatchIgnoringCase = "!~*"
    }

    let kind: Kind
    /// The keyword that a word spells.
    let keyword: Keyword?
    private let startByte: UInt32
    private let endByte: UInt32

    init(_ kind: Kind, keyword: Keyword? = nil, start: Int, end: Int) {
        self.kind = kind
        self.keyword = keyword
        startByte = UInt32(start)
        endByte = UInt32(end)
    }

    var start: Int { Int(startByte) }
    var end: Int { Int(endByte) }
    var range: SourceRange { SourceRange(start: start, end: end) }
}
