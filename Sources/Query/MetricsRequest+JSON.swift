internal import Base

extension MetricsRequest {
    private static let memberNames = [
        "metric", "dimensions", "filters", "timeRange", "granularity", "timezone", "order",
        "limit", "other", "fill", "format", "maxAge", "explain",
    ]

    /// Reads the body of a `POST`.
    ///
    /// It is an object with the members `metric`, `dimensions`, `filters`,
    /// `timeRange: {start, end}`, and the other parameters of a `GET` by the same names. Null is as
    /// if absent.
    package init(json bytes: [UInt8]) throws(QueryError) {
        self.init()
        let document: JSONValue
        do throws(JSONValue.ParseError) {
            document = try JSONValue.parse(bytes)
        } catch {
            throw .invalid("invalid_json", "the body is no JSON: \(error)")
        }
        guard case .object(let members) = document else {
            throw .invalid(
                "invalid_json", "the body must be a JSON object, not \(document.kind)")
        }
        for member in members where !member.name.hasPrefix("_") {
            try take(member)
        }
    }

    private mutating func take(_ member: JSONValue.Member) throws(QueryError) {
        switch member.name {
        case "metric": metric = try Self.text(member)
        case "granularity": granularity = try Self.text(member)
        case "timezone": timezone = try Self.text(member)
        case "order": order = try Self.text(member)
        case "limit": limit = try Self.textOrNumber(member)
        case "other": other = try Self.flag(member)
        case "fill": fill = try Self.text(member)
        case "format": format = try Self.text(member)
        case "maxAge": maxAge = try Self.textOrNumber(member)
        case "explain": explain = try Self.flag(member)
        case "dimensions": dimensions = try Self.list(member)
        case "filters":
            if member.value != .null { try addFilters(member.value) }
        case "timeRange": try takeRange(member)
        default:
            throw .unknown("parameter", member.name, known: Self.memberNames, status: 400)
        }
    }

    private mutating func takeRange(_ member: JSONValue.Member) throws(QueryError) {
        switch member.value {
        case .null: return
        case .object(let bounds):
            for bound in bounds {
                switch bound.name {
                case "start": start = try Self.textOrNumber(bound)
                case "end": end = try Self.textOrNumber(bound)
                default:
                    throw .unknown(
                        "parameter", "timeRange.\(bound.name)",
                        known: ["timeRange.start", "timeRange.end"], status: 400)
                }
            }
        default: throw Self.mismatch(member, "an object with start and end")
        }
    }

    private static func text(_ member: JSONValue.Member) throws(QueryError) -> String? {
        switch member.value {
        case .null: return nil
        case .string(let text): return text
        default: throw mismatch(member, "a string")
        }
    }

    private static func textOrNumber(_ member: JSONValue.Member) throws(QueryError) -> String? {
        switch member.value {
        case .null: return nil
        case .string(let text): return text
        case .integer(let number): return String(number)
        default: throw mismatch(member, "a string or an integer")
        }
    }

    /// A truth value as a parameter has it: `1` or `0`.
    private static func flag(_ member: JSONValue.Member) throws(QueryError) -> String? {
        if case .boolean(let truth) = member.value { return truth ? "1" : "0" }
        return try textOrNumber(member)
    }

    private static func list(_ member: JSONValue.Member) throws(QueryError) -> [String] {
        switch member.value {
        case .null: return []
        case .string(let text): return try names(text)
        case .array(let elements):
            var names: [String] = []
            for element in elements {
                guard case .string(let name) = element else {
                    throw mismatch(member, "a list of strings")
                }
                names.append(name)
            }
            return names
        default: throw mismatch(member, "a list of strings")
        }
    }

    private static func mismatch(_ member: JSONValue.Member, _ expected: String) -> QueryError {
        .invalid(
            "invalid_parameter",
            "\"\(member.name)\" must be \(expected), not \(member.value.kind)")
    }
}
