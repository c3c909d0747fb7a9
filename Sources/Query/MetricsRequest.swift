internal import Base
internal import Expressions

/// What a request asks for, as it was written: read, but not yet checked against the catalog.
///
/// Both forms of the request end here, `GET` with parameters and `POST` with a JSON object.
package struct MetricsRequest: Sendable {
    /// A condition on a dimension that the request names.
    struct Filter: Sendable {
        var dimension: String
        var predicate: Predicate
    }

    var metric: String?
    var dimensions: [String] = []
    var granularity: String?
    var start: String?
    var end: String?
    var timezone: String?
    var order: String?
    var limit: String?
    var other: String?
    var fill: String?
    var format: String?
    var maxAge: String?
    var explain: String?
    var filters: [Filter] = []

    init() {}

    /// Adds the members of the object that `filters` holds.
    mutating func addFilters(_ value: JSONValue) throws(QueryError) {
        guard case .object(let members) = value else {
            throw .invalid(
                "invalid_filter", "filters must be a JSON object, not \(value.kind)")
        }
        for member in members {
            let predicate = try FilterCondition.parse(member.value, dimension: member.name)
            filters.append(Filter(dimension: member.name, predicate: predicate))
        }
    }

    /// Splits a comma-separated list of dimensions; empty text is no dimension.
    static func names(_ text: String) throws(QueryError) -> [String] {
        if text.isEmpty { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard !names.contains("") else {
            throw .invalid("invalid_dimensions", "an empty name in dimensions \"\(text)\"")
        }
        return names
    }
}
