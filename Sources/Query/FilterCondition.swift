internal import Base
internal import Expressions

/// Reads the conditions of `filters`: a value, a list (any of it), null (absent), or an object with
/// `not`, `prefix` or `contains`.
enum FilterCondition {
    private static let operators = ["not", "prefix", "contains"]

    /// The predicate of one member of `filters`.
    static func parse(
        _ value: JSONValue, dimension: String
    ) throws(QueryError) -> Predicate {
        switch value {
        case .null:
            return .isNull
        case .array(let elements):
            return try list(elements, dimension)
        case .object(let members):
            return try condition(members, dimension)
        case .boolean, .integer, .number, .string:
            return .oneOf([try literal(value, dimension)])
        }
    }

    private static func list(
        _ elements: [JSONValue], _ dimension: String
    ) throws(QueryError) -> Predicate {
        var literals: [Literal] = []
        for element in elements where element != .null {
            literals.append(try literal(element, dimension))
        }
        return elements.contains(.null) ? .any([.isNull, .oneOf(literals)]) : .oneOf(literals)
    }

    private static func condition(
        _ members: [JSONValue.Member], _ dimension: String
    ) throws(QueryError) -> Predicate {
        guard members.count == 1, let member = members.first else {
            throw invalid(dimension, "an object with one of \(operators.joined(separator: ", "))")
        }
        switch (member.name, member.value) {
        case ("not", let inner): return .not(try parse(inner, dimension: dimension))
        case ("prefix", .string(let text)): return .prefix(text)
        case ("contains", .string(let text)): return .contains(text)
        case ("prefix", _), ("contains", _): throw invalid(dimension, "text after \(member.name)")
        default:
            var error = QueryError.unknown(
                "operator", member.name, known: operators, status: 400)
            error.message = "filter \"\(dimension)\": \(error.message)"
            error.code = "invalid_filter"
            throw error
        }
    }

    private static func literal(
        _ value: JSONValue, _ dimension: String
    ) throws(QueryError) -> Literal {
        switch value {
        case .boolean(let truth): return .boolean(truth)
        case .integer(let number): return .integer(number)
        case .number(let number): return .float(number)
        case .string(let text): return .string(text)
        case .null, .array, .object:
            throw invalid(dimension, "values in a list, not \(value.kind)")
        }
    }

    private static func invalid(_ dimension: String, _ expected: String) -> QueryError {
        .invalid("invalid_filter", "filter \"\(dimension)\": expected \(expected)")
    }
}
