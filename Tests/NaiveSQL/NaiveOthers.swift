internal import Base
internal import Expressions

/// JSON, addresses and hashes.
extension NaiveEvaluator {
    func other(_ name: String, _ arguments: [Value]) -> Value? {
        if name == "hash" { return .integer(Int64(hash(arguments[0]) >> 1)) }
        if name.hasPrefix("json_") || name == "array_contains" { return json(name, arguments) }
        return address(name, arguments)
    }

    private func hash(_ value: Value) -> UInt64 {
        switch value {
        case .boolean(let truth): return hash64(UInt64(truth ? 1 : 0))
        case .integer(let number), .timestamp(let number), .date(let number):
            return hash64(UInt64(bitPattern: number))
        case .float(let number):
            if number != number { return hash64(Double.nan.bitPattern) }
            return hash64(number == 0 ? 0 : number.bitPattern)
        case .string(let text): return hash64(text)
        case .null, .interval: fatalError("the hash of \(value)")
        }
    }

    // MARK: JSON

    private func json(_ name: String, _ arguments: [Value]) -> Value? {
        if name == "array_contains" {
            guard case .array(let elements)? = find(arguments[0].string, []) else { return .null }
            return .boolean(
                elements.contains { element in
                    if case .string(let text) = arguments[1] { return plain(element) == text }
                    switch element {
                    case .integer(let number): return Double(number) == arguments[1].double
                    case .number(let number): return number == arguments[1].double
                    default: return false
                    }
                })
        }
        let found = find(arguments[0].string, arguments.dropFirst())
        if name == "json_exists" { return .boolean(found != nil) }
        guard let found else { return .null }
        switch (name, found) {
        case ("json_extract_string", _): return plain(found).map { .string($0) } ?? .null
        case ("json_extract", _): return .string(written(found))
        case ("json_extract_int", .integer(let number)): return .integer(number)
        case ("json_extract_float", .integer(let number)): return .float(Double(number))
        case ("json_extract_float", .number(let number)): return .float(number)
        case ("json_extract_bool", .boolean(let truth)): return .boolean(truth)
        case ("json_array_length", .array(let elements)): return .integer(Int64(elements.count))
        case ("json_array_length", .object(let members)): return .integer(Int64(members.count))
        default: return .null
        }
    }

    private func find(_ text: String, _ path: ArraySlice<Value>) -> JSONValue? {
        guard var value = try? JSONValue.parse(text) else { return nil }
        for step in path {
            switch (value, step) {
            case (.object(let members), .string(let name)):
                guard let member = members.first(where: { $0.name == name }) else { return nil }
                value = member.value
            case (.array(let elements), .integer(let number)):
                let places = Array(1...max(1, elements.count)).prefix(elements.count)
                guard
                    let place = places.first(where: {
                        Int64($0) == number || Int64($0 - elements.count - 1) == number
                    })
                else { return nil }
                value = elements[place - 1]
            default: return nil
            }
        }
        return value
    }

    private func plain(_ value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        case .number(let number): text(.float(number))
        default: written(value)
        }
    }

    private func written(_ value: JSONValue) -> String {
        switch value {
        case .null: return "null"
        case .boolean(let truth): return "\(truth)"
        case .integer(let number): return "\(number)"
        case .number, .string:
            var writer = JSONWriter()
            if case .number(let number) = value { writer.value(number) }
            if case .string(let text) = value { writer.value(text) }
            return String(decoding: writer.finish(), as: UTF8.self)
        case .array(let elements):
            return "[" + elements.map(written).joined(separator: ",") + "]"
        case .object(let members):
            let texts = members.map { written(.string($0.name)) + ":" + written($0.value) }
            return "{" + texts.joined(separator: ",") + "}"
        }
    }

    // MARK: Addresses

    private func address(_ name: String, _ arguments: [Value]) -> Value? {
        let text = arguments[0].string
        if name == "decodeURLComponent" { return .string(decoded(text)) }
        let whole = try? Regex(
            #"^(?:([A-Za-z0-9+.\-]+)://|(//))?([\s\S]*)$"#,
            as: (
                Substring, Substring?, Substring?, Substring
            ).self
        ).matchingSemantics(.unicodeScalar).wholeMatch(in: text)
        guard let whole else { return nil }
        let parts = Parts(
            scheme: whole.output.1.map { String($0) }, hasSlashes: whole.output.2 != nil,
            rest: String(whole.output.3))
        switch name {
        case "protocol": return .string(parts.scheme ?? "")
        case "domain": return .string(parts.host)
        case "domainWithoutWWW":
            return .string(
                parts.host.hasPrefix("www.") ? String(parts.host.dropFirst(4)) : parts.host)
        case "port": return .integer(Int64(parts.port) ?? 0)
        case "path": return .string(parts.path)
        case "pathFull": return .string(parts.path + parts.question + parts.hash)
        case "queryString": return .string(String(parts.question.dropFirst()))
        case "fragment": return .string(String(parts.hash.dropFirst()))
        case "cutFragment":
            return .string(text.unicodeScalars.prefix { $0 != "#" }.map { String($0) }.joined())
        case "cutQueryString":
            let before =
                text.unicodeScalars.count - (parts.question + parts.hash).unicodeScalars.count
            return .string(String(scalars: text.unicodeScalars.prefix(before)) + parts.hash)
        case "extractURLParameter":
            let wanted = arguments[1].string + "="
            let piece = parts.question.dropFirst().split(separator: "&").first {
                $0.utf8.starts(with: wanted.utf8)
            }
            return .string(piece.map { String($0.utf8.dropFirst(wanted.utf8.count)) ?? "" } ?? "")
        default: return nil
        }
    }

    /// An address taken apart, each part with the sign that it begins with.
    private struct Parts {
        var scheme: String?
        var host = ""
        var port = ""
        var path = ""
        var question = ""
        var hash = ""

        init(scheme: String?, hasSlashes: Bool, rest: String) {
            self.scheme = scheme
            var rest = Array(rest.unicodeScalars)[...]
            let first = rest.prefix { !"/?#".unicodeScalars.contains($0) }
            if scheme != nil || hasSlashes || rest.first != "/" && first.contains(".") {
                rest = rest.dropFirst(first.count)
                var name = first
                if let at = name.lastIndex(of: "@") { name = name[(at + 1)...] }
                let bracket = name.lastIndex(of: "]") ?? name.startIndex
                if let colon = name.lastIndex(of: ":"), colon >= bracket {
                    port = String(scalars: name[(colon + 1)...])
                    name = name[..<colon]
                }
                host = String(scalars: name)
            }
            let beforeHash = rest.prefix { $0 != "#" }
            hash = String(scalars: rest.dropFirst(beforeHash.count))
            let beforeQuestion = beforeHash.prefix { $0 != "?" }
            path = String(scalars: beforeQuestion)
            question = String(scalars: beforeHash.dropFirst(beforeQuestion.count))
        }
    }

    private func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap {
                Int(String(decoding: [$0], as: UTF8.self), radix: 16)
            }
            if byte == 0x25, digits.count == 2 {
                bytes.append(UInt8(digits[0] * 16 + digits[1]))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? text
    }
}
