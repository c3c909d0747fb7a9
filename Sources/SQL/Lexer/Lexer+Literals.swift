extension Lexer {
    /// More digits than any number needs; the longest exact `Double` has 1,075 or so, but nobody
    /// writes it.
    private static let numberBytesMax = 400

    /// Takes a text or a name between quotes; a quote inside is written twice.
    mutating func takeQuoted(_ kind: Token.Kind, from start: Int) throws(SQLError) {
        let quote = byte()
        advance()
        while true {
            guard !isAtEnd else { throw unclosed(kind, quote, from: start) }
            if byte() != quote {
                advance()
            } else if byte(1) == quote {
                advance(2)
            } else {
                break
            }
        }
        advance()
        if kind == .quotedName, offset - start == 2 {
            throw error("a name has at least one character", from: start, to: offset)
        }
        append(kind, from: start)
    }

    /// Takes the text of `E'…'`, from its first quote on.
    mutating func takeEscapedString(from start: Int) throws(SQLError) {
        let quote = UInt8(ascii: "'")
        advance()
        while true {
            guard !isAtEnd else { throw unclosed(.escapedString, quote, from: start) }
            if byte() == UInt8(ascii: "\\") || byte() == quote && byte(1) == quote {
                advance(2)
            } else if byte() == quote {
                break
            } else {
                advance()
            }
        }
        advance()
        append(.escapedString, from: start)
    }

    private func unclosed(_ kind: Token.Kind, _ quote: UInt8, from start: Int) -> SQLError {
        let what = kind == .quotedName ? "name" : "text"
        let mark = Character(UnicodeScalar(quote))
        return error("the \(what) has no closing \(mark)", from: start, to: start + 1)
    }

    /// Takes `12`, `1.5`, `.5`, `1e9`, `0xFF`.
    mutating func takeNumber() throws(SQLError) {
        let start = offset
        if byte() == UInt8(ascii: "0"), byte(1) | 0x20 == UInt8(ascii: "x") {
            advance(2)
            let digits = offset
            while Self.isHexadecimal(byte()) { advance() }
            if offset == digits {
                throw error("hexadecimal digits must follow 0x", from: start, to: offset)
            }
        } else {
            takeDigits()
            if byte() == UInt8(ascii: ".") {
                advance()
                takeDigits()
            }
            let signed = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
            if byte() | 0x20 == UInt8(ascii: "e"), Self.isDigit(byte(signed ? 2 : 1)) {
                advance(signed ? 2 : 1)
                takeDigits()
            }
        }
        if !isAtEnd, Self.isNameStart(byte()) {
            while !isAtEnd, Self.isNameStart(byte()) || Self.isDigit(byte()) { advance() }
            throw error(
                "a number runs into a name; a name that begins with a digit must be quoted",
                from: start, to: offset)
        }
        if offset - start > Self.numberBytesMax {
            throw error(
                "the number has more than \(Self.numberBytesMax) digits", from: start, to: offset,
                code: .limit)
        }
        append(.number, from: start)
    }

    private mutating func takeDigits() {
        while Self.isDigit(byte()) { advance() }
    }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return isDigit(byte) || lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f")
    }
}
