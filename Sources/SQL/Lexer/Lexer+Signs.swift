extension Lexer {
    /// Signs of more than one byte, the longest first; the second spelling of a sign beside its
    /// canonical one.
    private static let long: [(spelling: StaticString, kind: Token.Kind)] = [
        ("!~*", .notMatchIgnoringCase), ("!~", .notMatch), ("!=", .notEqual), ("<>", .notEqual),
        ("<=", .lessOrEqual), (">=", .greaterOrEqual), ("==", .equal), ("||", .concatenate),
        ("::", .doubleColon), ("//", .doubleSlash), ("~*", .matchIgnoringCase),
    ]

    /// Signs that other dialects have, and what to write instead.
    private static let foreign: [(spelling: StaticString, advice: String)] = [
        ("?", "parameters are written {name:Type}"),
        ("$", "parameters are written {name:Type}"),
        ("@", "parameters are written {name:Type}"),
        ("^", "write power(x, y)"),
        ("!", "write NOT"),
        ("&", "write bitAnd(x, y), or AND"),
        ("|", "write bitOr(x, y), OR, or || to join texts"),
        ("#", "comments begin with --"),
        ("\\", "a quote in a text is written twice: 'it''s'"),
    ]

    mutating func takeSign() throws(SQLError) {
        let start = offset
        for (spelling, kind) in Self.long where isAt(spelling) {
            advance(spelling.utf8CodeUnitCount)
            return append(kind, from: start)
        }
        let spelling = String(UnicodeScalar(byte()))
        if byte() < 0x80, let kind = Token.Kind(rawValue: spelling) {
            advance()
            return append(kind, from: start)
        }
        for (sign, advice) in Self.foreign where isAt(sign) {
            throw error("unexpected \"\(sign)\": \(advice)", from: start, to: start + 1)
        }
        let name = byte() < 0x20 || byte() >= 0x7F ? "byte \(byte())" : "\"\(spelling)\""
        throw error("unexpected \(name)", from: start, to: start + 1)
    }

    private func isAt(_ spelling: StaticString) -> Bool {
        let count = spelling.utf8CodeUnitCount
        guard offset + count <= text.bytes.count else { return false }
        return spelling.description.utf8.elementsEqual(text.bytes[offset..<offset + count])
    }
}
