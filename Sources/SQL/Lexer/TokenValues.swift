/// What names, texts and numbers mean, apart from how they are written.
struct TokenValues {
    let text: QueryText

    /// The name that a word or a quoted name spells.
    func name(_ token: Token) -> NameSyntax {
        NameSyntax(
            token.kind == .quotedName ? unquoted(token) : text.text(of: token.range),
            range: token.range)
    }

    /// The text of a token without its quotes, and quotes inside once.
    func unquoted(_ token: Token) -> String {
        let bytes = text.bytes
        let quote = bytes[token.start]
        var content: [UInt8] = []
        content.reserveCapacity(token.end - token.start - 2)
        var index = token.start + 1
        while index < token.end - 1 {
            content.append(bytes[index])
            index += bytes[index] == quote ? 2 : 1
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// An integer if it is one and fits, else the nearest float.
    func number(_ token: Token) throws(SQLError) -> LiteralSyntax {
        let digits = text.text(of: token.range)
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            guard let integer = UInt64(digits.dropFirst(2), radix: 16) else {
                throw tooLarge(token)
            }
            return .integer(integer)
        }
        if let integer = UInt64(digits) { return .integer(integer) }
        // Swift wants digits before the point and behind it.
        let padded = digits.hasPrefix(".") ? "0" + digits : digits
        guard let float = Double(padded.hasSuffix(".") ? padded + "0" : padded), float.isFinite
        else { throw tooLarge(token) }
        return .float(float)
    }

    private func tooLarge(_ token: Token) -> SQLError {
        SQLError(.syntax, "the number is too large", at: token.range, in: text)
    }

    /// The text of `E'…'`: `\n \t \r \b \f \0 \\ \'`, `\xHH`, `\uHHHH`, `\UHHHHHHHH`.
    func unescaped(_ token: Token) throws(SQLError) -> String {
        let bytes = text.bytes
        var content: [UInt8] = []
        var index = token.start + 2
        while index < token.end - 1 {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "'"):
                content.append(byte)
                index += 2
            case UInt8(ascii: "\\"):
                let length = try appendEscape(at: index, to: &content)
                index += length
            default:
                content.append(byte)
                index += 1
            }
        }
        guard let valid = String(validating: content, as: UTF8.self) else {
            throw SQLError(.syntax, "the text is not valid UTF-8", at: token.range, in: text)
        }
        return valid
    }

    /// Appends what an escape means; returns how many bytes it has.
    private func appendEscape(
        at index: Int, to content: inout [UInt8]
    ) throws(SQLError) -> Int {
        switch text.bytes[index + 1] {
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "0"): content.append(0x00)
        case UInt8(ascii: "\\"): content.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "'"): content.append(UInt8(ascii: "'"))
        case UInt8(ascii: "\""): content.append(UInt8(ascii: "\""))
        case UInt8(ascii: "x"):
            content.append(UInt8(truncatingIfNeeded: try code(at: index, digits: 2)))
            return 4
        case UInt8(ascii: "u"): return try appendScalar(at: index, digits: 4, to: &content)
        case UInt8(ascii: "U"): return try appendScalar(at: index, digits: 8, to: &content)
        default: throw badEscape(at: index, length: 2)
        }
        return 2
    }

    private func appendScalar(
        at index: Int, digits: Int, to content: inout [UInt8]
    ) throws(SQLError) -> Int {
        guard let scalar = Unicode.Scalar(try code(at: index, digits: digits)) else {
            throw badEscape(at: index, length: digits + 2)
        }
        content += Array(String(scalar).utf8)
        return digits + 2
    }

    /// The number whose hexadecimal digits stand behind `\x`, `\u` or `\U`.
    private func code(at index: Int, digits: Int) throws(SQLError) -> UInt32 {
        let range = SourceRange(start: index + 2, end: index + 2 + digits)
        let spelling = text.text(of: range)
        guard spelling.utf8.allSatisfy(Lexer.isHexadecimal), let code = UInt32(spelling, radix: 16)
        else { throw badEscape(at: index, length: 2) }
        return code
    }

    private func badEscape(at index: Int, length: Int) -> SQLError {
        SQLError(
            .syntax, "no escape of E'…' is written like this",
            at: SourceRange(start: index, end: index + length), in: text)
    }
}
