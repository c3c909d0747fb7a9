internal import Base
internal import Expressions

/// A text as its characters.
typealias Scalars = [Unicode.Scalar]

extension String {
    init(scalars: some Sequence<Unicode.Scalar>) {
        self.init()
        unicodeScalars.append(contentsOf: scalars)
    }
}

/// Functions of texts, on arrays of characters.
extension NaiveEvaluator {
    func text(_ name: String, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        if name == "concat" { return try limited(arguments.map(\.string).joined()) }
        if name == "concat_ws" {
            if arguments[0] == .null { return .null }
            let parts = arguments.dropFirst().filter { $0 != .null }.map(\.string)
            return try limited(parts.joined(separator: arguments[0].string))
        }
        if name == "chr" {
            guard let code = UInt32(exactly: arguments[0].int), let scalar = Unicode.Scalar(code)
            else { throw .naive("out_of_range") }
            return .string(String(Character(scalar)))
        }
        guard case .string(let text)? = arguments.first else { return nil }
        let scalars = Array(text.unicodeScalars)
        switch name {
        case "length": return .integer(Int64(scalars.count))
        case "octet_length": return .integer(Int64(text.utf8.count))
        case "empty": return .boolean(text.utf8.isEmpty)
        case "notEmpty": return .boolean(!text.utf8.isEmpty)
        case "lower": return .string(text.lowercased())
        case "upper": return .string(text.uppercased())
        case "reverse": return .string(String(scalars: scalars.reversed()))
        case "ascii": return .integer(Int64(scalars.first?.value ?? 0))
        case "position", "startsWith", "endsWith", "contains", "replace", "split_part":
            return try search(name, scalars, arguments)
        case "substring", "left", "right", "trim", "ltrim", "rtrim", "repeat", "lpad", "rpad":
            return try part(name, scalars, arguments)
        default: return nil
        }
    }

    private func limited(_ text: String) throws(EvaluationError) -> Value {
        if text.utf8.count > 1 << 20 { throw .naive("query_limit") }
        return .string(text)
    }

    private func part(
        _ name: String, _ text: Scalars, _ arguments: [Value]
    ) throws(EvaluationError) -> Value? {
        let count = Int64(text.count)
        switch name {
        case "substring":
            let start = arguments[1].int
            let length = arguments.count > 2 ? arguments[2].int : .max
            if length < 0 { throw .naive("out_of_range") }
            // The place of each character, and whether it is among those that were asked for.
            let first = start >= 0 ? start : max(1, start < -count ? 1 : count + start + 1)
            let kept = text.enumerated().filter { index, _ in
                let place = Int64(index) + 1
                return place >= first && place - first < length
            }
            return .string(String(scalars: kept.map(\.element)))
        case "left":
            let number = arguments[1].int
            let wanted = number >= 0 ? min(number, count) : (number < -count ? 0 : count + number)
            return .string(String(scalars: text.prefix(Int(wanted))))
        case "right":
            let number = arguments[1].int
            let wanted = number >= 0 ? min(number, count) : (number < -count ? 0 : count + number)
            return .string(String(scalars: text.suffix(Int(wanted))))
        case "trim", "ltrim", "rtrim":
            let set = arguments.count > 1 ? Array(arguments[1].string.unicodeScalars) : [" "]
            var rest = text
            while name != "rtrim", let first = rest.first, set.contains(first) {
                rest.removeFirst()
            }
            while name != "ltrim", let last = rest.last, set.contains(last) { rest.removeLast() }
            return .string(String(scalars: rest))
        case "repeat":
            let times = max(0, arguments[1].int)
            if text.isEmpty { return .string("") }
            if times > 1 << 20 { throw .naive("query_limit") }
            let size = String(scalars: text).utf8.count * Int(times)
            if size > 1 << 20 { throw .naive("query_limit") }
            return .string(String(repeating: String(scalars: text), count: Int(times)))
        default:
            let wanted = arguments[1].int
            let fill = arguments.count > 2 ? Array(arguments[2].string.unicodeScalars) : [" "]
            if wanted <= count { return .string(String(scalars: text.prefix(Int(max(0, wanted))))) }
            if fill.isEmpty { return .string(String(scalars: text)) }
            if wanted > 1 << 20 { throw .naive("query_limit") }
            var padding: Scalars = []
            while padding.count < Int(wanted - count) {
                padding.append(fill[padding.count % fill.count])
            }
            return .string(String(scalars: name == "lpad" ? padding + text : text + padding))
        }
    }

    private func search(
        _ name: String, _ text: Scalars, _ arguments: [Value]
    ) throws(EvaluationError) -> Value? {
        let part = Array(arguments[1].string.unicodeScalars)
        switch name {
        case "position": return .integer(Int64(place(part, text, 0).map { $0 + 1 } ?? 0))
        case "contains": return .boolean(place(part, text, 0) != nil)
        case "startsWith": return .boolean(text.count >= part.count && place(part, text, 0) == 0)
        case "endsWith": return .boolean(Scalars(text.suffix(part.count)) == part)
        case "replace":
            let parts = split(text, part).map { String(scalars: $0) }
            return try limited(parts.joined(separator: arguments[2].string))
        default:
            let parts = split(text, part)
            let number = arguments[2].int
            if number == 0 { throw .naive("out_of_range") }
            if number.magnitude > parts.count { return .string("") }
            let index = number > 0 ? Int(number) - 1 : parts.count + Int(number)
            return .string(String(scalars: parts[index]))
        }
    }

    private func place(_ part: Scalars, _ text: Scalars, _ start: Int) -> Int? {
        guard text.count - start >= part.count else { return nil }
        return (start...text.count - part.count).first { place in
            Scalars(text[place..<place + part.count]) == part
        }
    }

    private func split(_ text: Scalars, _ separator: Scalars) -> [Scalars] {
        if separator.isEmpty { return [text] }
        var parts: [Scalars] = []
        var start = 0
        while let found = place(separator, text, start) {
            parts.append(Scalars(text[start..<found]))
            start = found + separator.count
        }
        return parts + [Scalars(text[start...])]
    }
}
