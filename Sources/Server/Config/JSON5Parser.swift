/// A recursive-descent parser of JSON5 over bytes.
struct JSON5Parser {
    private let text: [UInt8]
    private var offset = 0
    private var depth = 0

    /// Deeper texts are refused, so that no input can exhaust the stack.
    private static var depthMax: Int { 64 }

    init(_ text: [UInt8]) { self.text = text }

    mutating func parseText() throws(JSON5.ParseError) -> JSON5 {
        guard String(validating: text, as: UTF8.self) != nil else {
            throw failure("the text is not UTF-8")
        }
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
        try skipBlank()
        let value = try parseValue()
        try skipBlank()
        guard peek == nil else { throw failure("expected the end, found \(found)") }
        return value
    }

    // MARK: Values

    private mutating func parseValue() throws(JSON5.ParseError) -> JSON5 {
        let place = place(at: offset)
        guard depth < Self.depthMax else { throw failure("nested too deeply") }
        depth += 1
        defer { depth -= 1 }
        return JSON5(content: try parseContent(), place: place)
    }

    private mutating func parseContent() throws(JSON5.ParseError) -> JSON5.Content {
        switch peek {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try parseString())
        case .some(let byte) where Self.startsNumber(byte): return try parseNumber()
        default: break
        }
        let start = offset
        switch parseWord() {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "null": return .null
        case "Infinity", "NaN":
            return .number(String(decoding: text[start..<offset], as: UTF8.self))
        default:
            offset = start
            throw failure("expected a value, found \(found)")
        }
    }

    private mutating func parseObject() throws(JSON5.ParseError) -> JSON5.Content {
        offset += 1
        var members: [JSON5.Member] = []
        while true {
            try skipBlank()
            if take(UInt8(ascii: "}")) { return .object(members) }
            let place = place(at: offset)
            let name = try parseName()
            guard !members.contains(where: { $0.name == name }) else {
                throw JSON5.ParseError(place: place, message: "'\(name)' is given twice")
            }
            try skipBlank()
            guard take(UInt8(ascii: ":")) else { throw failure("expected ':', found \(found)") }
            try skipBlank()
            members.append(JSON5.Member(name: name, place: place, value: try parseValue()))
            try skipBlank()
            if take(UInt8(ascii: ",")) { continue }
            guard peek == UInt8(ascii: "}") else {
                throw failure("expected ',' or '}', found \(found)")
            }
        }
    }

    private mutating func parseArray() throws(JSON5.ParseError) -> JSON5.Content {
        offset += 1
        var elements: [JSON5] = []
        while true {
            try skipBlank()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            elements.append(try parseValue())
            try skipBlank()
            if take(UInt8(ascii: ",")) { continue }
            guard peek == UInt8(ascii: "]") else {
                throw failure("expected ',' or ']', found \(found)")
            }
        }
    }

    private mutating func parseName() throws(JSON5.ParseError) -> String {
        if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") { return try parseString() }
        let word = parseWord()
        guard !word.isEmpty else { throw failure("expected a name, found \(found)") }
        return word
    }

    /// Takes letters, digits, `_`, `$` and all that is not ASCII.
    private mutating func parseWord() -> String {
        let start = offset
        while let byte = peek, Self.isWord(byte) {
            if offset == start, Self.isDigit(byte) { break }
            offset += 1
        }
        return String(decoding: text[start..<offset], as: UTF8.self)
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSON5.ParseError) -> JSON5.Content {
        let start = offset
        if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
        let unsigned = offset
        while let byte = peek, Self.isWord(byte) || byte == UInt8(ascii: ".") || isExponentSign {
            offset += 1
        }
        let digits = String(decoding: text[unsigned..<offset], as: UTF8.self)
        guard Self.isNumber(digits) else {
            offset = start
            throw failure("'\(digits)' is no number")
        }
        return .number(String(decoding: text[start..<offset], as: UTF8.self))
    }

    /// Whether a sign stands right after the `e` of a decimal number.
    private var isExponentSign: Bool {
        guard offset > 0, peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") else {
            return false
        }
        return text[offset - 1] | 0x20 == UInt8(ascii: "e")
    }

    private static func isNumber(_ digits: String) -> Bool {
        if digits == "Infinity" || digits == "NaN" { return true }
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            return digits.count > 2 && digits.dropFirst(2).allSatisfy(\.isHexDigit)
        }
        let halves = digits.split(
            maxSplits: 1, omittingEmptySubsequences: false,
            whereSeparator: { $0 == "e" || $0 == "E" })
        if halves.count == 2 {
            let exponent =
                halves[1].first == "+" || halves[1].first == "-"
                ? halves[1].dropFirst() : halves[1]
            guard !exponent.isEmpty, exponent.utf8.allSatisfy(isDigit) else { return false }
        }
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        let leadingZero = parts[0].count > 1 && parts[0].first == "0"
        return parts.count <= 2 && !leadingZero && parts.contains { !$0.isEmpty }
            && parts.allSatisfy { $0.utf8.allSatisfy(isDigit) }
    }

    // MARK: Strings

    private mutating func parseString() throws(JSON5.ParseError) -> String {
        let quote = text[offset]
        let start = offset
        offset += 1
        var bytes: [UInt8] = []
        while let byte = peek {
            offset += 1
            switch byte {
            case quote: return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"): try parseEscape(into: &bytes)
            case 0x0A, 0x0D:
                offset -= 1
                throw failure("the string is not closed on its line")
            default: bytes.append(byte)
            }
        }
        offset = start
        throw failure("the string is not closed")
    }

    private mutating func parseEscape(into bytes: inout [UInt8]) throws(JSON5.ParseError) {
        guard let byte = peek else { return }
        offset += 1
        switch byte {
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "v"): bytes.append(0x0B)
        case UInt8(ascii: "0"): bytes.append(0x00)
        case UInt8(ascii: "x"): appendScalar(try parseHex(2), to: &bytes)
        case UInt8(ascii: "u"): appendScalar(try parseUTF16(), to: &bytes)
        case 0x0A: break  // A line continued on the next one.
        case 0x0D: _ = take(0x0A)
        default: bytes.append(byte)
        }
    }

    /// The code after `\u`, joined with its low surrogate.
    private mutating func parseUTF16() throws(JSON5.ParseError) -> UInt32 {
        let high = try parseHex(4)
        guard (0xD800..<0xDC00).contains(high), text[offset...].starts(with: [0x5C, 0x75]) else {
            return high
        }
        offset += 2
        let low = try parseHex(4)
        guard (0xDC00..<0xE000).contains(low) else { throw failure("a surrogate stands alone") }
        return 0x1_0000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }

    private mutating func parseHex(_ count: Int) throws(JSON5.ParseError) -> UInt32 {
        let digits = text[offset...].prefix(count)
        guard digits.count == count,
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("expected \(count) hexadecimal digits") }
        offset += count
        return code
    }

    private func appendScalar(_ code: UInt32, to bytes: inout [UInt8]) {
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    // MARK: Between values

    private mutating func skipBlank() throws(JSON5.ParseError) {
        while let byte = peek {
            switch byte {
            case 0x09...0x0D, 0x20: offset += 1
            case 0xC2 where text[offset...].starts(with: [0xC2, 0xA0]): offset += 2
            case UInt8(ascii: "/"): try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws(JSON5.ParseError) {
        let start = offset
        offset += 1
        if take(UInt8(ascii: "/")) {
            while let byte = peek, byte != 0x0A, byte != 0x0D { offset += 1 }
        } else if take(UInt8(ascii: "*")) {
            while !text[offset...].starts(with: [0x2A, 0x2F]) {
                guard peek != nil else {
                    offset = start
                    throw failure("the comment is not closed")
                }
                offset += 1
            }
            offset += 2
        } else {
            offset = start
            throw failure("expected a comment, found '/'")
        }
    }

    private var peek: UInt8? { offset < text.count ? text[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    // MARK: Errors

    /// The character at the offset, for messages.
    private var found: String {
        let rest = String(decoding: text[min(offset, text.count)...].prefix(8), as: UTF8.self)
        guard let first = rest.unicodeScalars.first else { return "the end" }
        return first.value < 0x20 ? "a control character" : "'\(first)'"
    }

    private func failure(_ message: String) -> JSON5.ParseError {
        JSON5.ParseError(place: place(at: offset), message: message)
    }

    /// Columns count characters, not bytes.
    private func place(at offset: Int) -> JSON5.Place {
        let before = text[..<min(offset, text.count)]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSON5.Place(
            line: 1 + before.count { $0 == 0x0A },
            column: 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 })
    }

    private static func startsNumber(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: ".")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }
}
