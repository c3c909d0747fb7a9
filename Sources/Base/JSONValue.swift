/// A JSON text as a tree, for the small documents that configure and ask; events are never read
/// this way.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// A number without fraction or exponent that fits.
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Members in the order of the text; names are distinct.
    case object([Member])

    /// A name and its value.
    package struct Member: Sendable, Equatable {
        /// The name, unescaped.
        package var name: String
        /// What stands under the name.
        package var value: JSONValue

        /// A member of an object.
        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Why a text is no JSON, and at which byte.
    package struct ParseError: Error, Sendable, Equatable, CustomStringConvertible {
        /// The byte at which reading ended.
        package var offset: Int
        /// What was expected or is wrong.
        package var message: String

        /// The message and its place.
        package var description: String { "\(message) at byte \(offset)" }
    }

    /// How deep objects and arrays may lie in each other.
    package static let depthLimit = 32

    /// Reads one JSON text as RFC 8259 says, strictly: no comments, no trailing commas, valid
    /// UTF-8, no name twice in an object.
    package static func parse(_ bytes: [UInt8]) throws(ParseError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        return try parser.document()
    }

    /// The same, of a string.
    package static func parse(_ text: String) throws(ParseError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    /// What the value is, for messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A recursive descent over the bytes; every branch checks the end.
private struct JSONParser {
    let bytes: [UInt8]
    var index = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONValue.ParseError) -> JSONValue {
        let result = try value()
        skipSpace()
        guard index == bytes.count else { throw error("expected the end") }
        return result
    }

    private mutating func value() throws(JSONValue.ParseError) -> JSONValue {
        skipSpace()
        guard let byte = peek() else { throw error("expected a value, found the end") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try members())
        case UInt8(ascii: "["): return .array(try elements())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default:
            if take("true") { return .boolean(true) }
            if take("false") { return .boolean(false) }
            if take("null") { return .null }
            throw error("expected a value")
        }
    }

    private mutating func members() throws(JSONValue.ParseError) -> [JSONValue.Member] {
        try enter()
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        skipSpace()
        if take("}") { return leave(members) }
        while true {
            skipSpace()
            let start = index
            guard peek() == UInt8(ascii: "\"") else { throw error("expected a name in quotes") }
            let name = try string()
            guard names.insert(name).inserted else {
                throw JSONValue.ParseError(offset: start, message: "name \"\(name)\" twice")
            }
            skipSpace()
            guard take(":") else { throw error("expected ':'") }
            members.append(JSONValue.Member(name: name, value: try value()))
            skipSpace()
            if take("}") { return leave(members) }
            guard take(",") else { throw error("expected ',' or '}'") }
        }
    }

    private mutating func elements() throws(JSONValue.ParseError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return leave(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take("]") { return leave(elements) }
            guard take(",") else { throw error("expected ',' or ']'") }
        }
    }

    private mutating func enter() throws(JSONValue.ParseError) {
        guard depth < JSONValue.depthLimit else {
            throw error("nested deeper than \(JSONValue.depthLimit)")
        }
        depth += 1
        index += 1
    }

    private mutating func leave<Content>(_ content: Content) -> Content {
        depth -= 1
        return content
    }

    private mutating func number() throws(JSONValue.ParseError) -> JSONValue {
        let start = index
        _ = take("-")
        let firstDigit = index
        let digitCount = skipDigits()
        guard digitCount > 0 else { throw error("expected a digit") }
        guard digitCount == 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
            throw JSONValue.ParseError(offset: start, message: "a number with a leading zero")
        }
        var isIntegral = true
        if take(".") {
            isIntegral = false
            guard skipDigits() > 0 else { throw error("expected a digit") }
        }
        if take("e") || take("E") {
            isIntegral = false
            if !take("+") { _ = take("-") }
            guard skipDigits() > 0 else { throw error("expected a digit") }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isIntegral, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw JSONValue.ParseError(offset: start, message: "a number that is too great")
        }
        return .number(number)
    }

    private mutating func skipDigits() -> Int {
        let start = index
        while let byte = peek(), byte &- UInt8(ascii: "0") < 10 { index += 1 }
        return index - start
    }

    private mutating func string() throws(JSONValue.ParseError) -> String {
        let start = index
        index += 1
        var text: [UInt8] = []
        while let byte = peek() {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw JSONValue.ParseError(offset: start, message: "invalid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20:
                throw JSONValue.ParseError(
                    offset: index - 1, message: "a control character in a string")
            default:
                text.append(byte)
            }
        }
        throw JSONValue.ParseError(offset: start, message: "a string without an end")
    }

    /// Reads what follows a backslash.
    private mutating func escape(into text: inout [UInt8]) throws(JSONValue.ParseError) {
        guard let byte = peek() else { throw error("a string without an end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let start = index - 2
            guard let scalar = try scalar() else {
                throw JSONValue.ParseError(offset: start, message: "half of a surrogate pair")
            }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default:
            throw JSONValue.ParseError(offset: index - 2, message: "an unknown escape")
        }
    }

    /// The character of a `\u` escape, or of a pair of them; nil for half a pair.
    private mutating func scalar() throws(JSONValue.ParseError) -> Unicode.Scalar? {
        let unit = try hexUnit()
        guard 0xD800...0xDBFF ~= unit else { return Unicode.Scalar(unit) }
        guard take("\\u") else { return nil }
        let low = try hexUnit()
        guard 0xDC00...0xDFFF ~= low else { return nil }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func hexUnit() throws(JSONValue.ParseError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw error("expected four hexadecimal digits") }
            unit = unit << 4 | UInt32(digit)
            index += 1
        }
        return unit
    }

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        for position in 0..<count
        where unsafe bytes[index + position] != text.utf8Start[position] { return false }
        index += count
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private func error(_ message: String) -> JSONValue.ParseError {
        JSONValue.ParseError(offset: index, message: message)
    }
}
