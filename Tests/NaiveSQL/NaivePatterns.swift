internal import Base
internal import Expressions

/// LIKE by trying every way, regular expressions by the standard library of Swift.
///
/// Only patterns that both engines understand alike may be asked of it.
extension NaiveEvaluator {
    func pattern(_ name: String, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        guard arguments.count >= 2, case .string(let text) = arguments[0],
            case .string(let pattern) = arguments[1]
        else { return nil }
        switch name {
        case "like", "ilike":
            let escape = arguments.count > 2 ? arguments[2].string : "\\"
            let (text, pattern) =
                name == "like" ? (text, pattern) : (text.lowercased(), pattern.lowercased())
            return .boolean(
                isLike(
                    Array(text.unicodeScalars)[...], Array(pattern.unicodeScalars)[...],
                    escape.unicodeScalars.first))
        case "match": return .boolean(!matches(text, pattern).isEmpty)
        case "extractGroup", "regexp_extract":
            guard let match = matches(text, pattern).first else { return .string("") }
            var group = min(1, match.output.count - 1)
            if name == "regexp_extract" { group = arguments.count > 2 ? Int(arguments[2].int) : 0 }
            return .string(match.output[group].substring.map { String($0) } ?? "")
        case "regexp_replace", "replaceRegexpOne", "replaceRegexpAll":
            let isAll =
                name == "replaceRegexpAll" || arguments.count > 3 && arguments[3].string == "g"
            return .string(replaced(text, pattern, arguments[2].string, isAll))
        default: return nil
        }
    }

    private func isLike(
        _ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>,
        _ escape: Unicode.Scalar?
    ) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == escape {
            guard let literal = rest.first, text.first == literal else { return false }
            return isLike(text.dropFirst(), rest.dropFirst(), escape)
        }
        switch first {
        case "%":
            return (0...text.count).contains { isLike(text.dropFirst($0), rest, escape) }
        case "_": return !text.isEmpty && isLike(text.dropFirst(), rest, escape)
        default: return text.first == first && isLike(text.dropFirst(), rest, escape)
        }
    }

    private func matches(_ text: String, _ pattern: String) -> [Regex<AnyRegexOutput>.Match] {
        guard let regex = try? Regex(pattern) else { fatalError("the pattern \(pattern)") }
        return text.matches(of: regex.matchingSemantics(.unicodeScalar))
    }

    private func replaced(
        _ text: String, _ pattern: String, _ replacement: String, _ isAll: Bool
    ) -> String {
        var result = ""
        var place = text.startIndex
        for match in matches(text, pattern).prefix(isAll ? .max : 1) {
            // A match of nothing right behind another is none.
            if match.range.isEmpty, match.range.lowerBound == place, place != text.startIndex {
                continue
            }
            result += text[place..<match.range.lowerBound]
            var characters = Array(replacement)[...]
            while let character = characters.popFirst() {
                guard character == "\\", let digit = characters.popFirst()?.wholeNumberValue else {
                    result.append(character)
                    continue
                }
                result += match.output[digit].substring.map { String($0) } ?? ""
            }
            place = match.range.upperBound
        }
        return result + text[place...]
    }
}
