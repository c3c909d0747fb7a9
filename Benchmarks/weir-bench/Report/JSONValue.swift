/// A JSON value, as far as a benchmark reads and writes it; what is not there is `null`.
indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    /// Reads a whole text; `null` where it is none.
    init(_ text: ArraySlice<UInt8>) {
        var parser = JSONParser(text: text, index: text.startIndex)
        self = parser.value()
    }

    subscript(name: String) -> JSONValue {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    var items: [JSONValue] {
        guard case .array(let items) = self else { return [] }
        return items
    }

    var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    /// The text, on one line.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
        case .string(let value): Self.quoted(value)
        case .array(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { Self.quoted($0.name) + ":" + $0.value.text }
                .joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
            }
        }
        return out + "\""
    }
}

/// Reads JSON that is known to be well formed, since it is the server's own.
private struct JSONParser {
    let text: ArraySlice<UInt8>
    var index: Int

    mutating func value() -> JSONValue {
        skipSpace()
        guard index < text.endIndex else { return .null }
        switch text[index] {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "\""): return .string(string())
        case UInt8(ascii: "t"): return word(4, .bool(true))
        case UInt8(ascii: "f"): return word(5, .bool(false))
        case UInt8(ascii: "n"): return word(4, .null)
        default: return number()
        }
    }

    private mutating func skipSpace() {
        while index < text.endIndex, text[index] <= 0x20 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < text.endIndex, text[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func object() -> JSONValue {
        index += 1
        var members: [(name: String, value: JSONValue)] = []
        while index < text.endIndex, !take(UInt8(ascii: "}")) {
            _ = take(UInt8(ascii: ","))
            skipSpace()
            let name = string()
            _ = take(UInt8(ascii: ":"))
            members.append((name, value()))
        }
        return .object(members)
    }

    private mutating func array() -> JSONValue {
        index += 1
        var items: [JSONValue] = []
        while index < text.endIndex, !take(UInt8(ascii: "]")) {
            _ = take(UInt8(ascii: ","))
            items.append(value())
        }
        return .array(items)
    }

    /// A string; escapes of control characters become spaces, which no name here has.
    private mutating func string() -> String {
        index += 1
        var bytes: [UInt8] = []
        while index < text.endIndex, text[index] != UInt8(ascii: "\"") {
            if text[index] == UInt8(ascii: "\\") {
                index += 1
                let escaped = text[index]
                bytes.append("\"\\/".utf8.contains(escaped) ? escaped : 0x20)
                if escaped == UInt8(ascii: "u") { index += 4 }
            } else {
                bytes.append(text[index])
            }
            index += 1
        }
        index += 1
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func number() -> JSONValue {
        let start = index
        while index < text.endIndex, "+-.0123456789eE".utf8.contains(text[index]) { index += 1 }
        if index == start { index += 1 }
        return Double(String(decoding: text[start..<index], as: UTF8.self))
            .map { .number($0) } ?? .null
    }

    private mutating func word(_ length: Int, _ value: JSONValue) -> JSONValue {
        index += length
        return value
    }
}
