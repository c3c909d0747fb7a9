internal import Base
internal import Expressions

extension MetricsRequest {
    private static let parameterNames = [
        "metric", "dimensions", "granularity", "start", "end", "filters", "timezone", "order",
        "limit", "other", "fill", "format", "maxAge", "explain",
    ]

    /// Reads the parameters of a `GET`, decoded, in their order.
    ///
    /// Names that start with `_`, and the access key, are passed over.
    package init(parameters: [(name: String, value: String)]) throws(QueryError) {
        self.init()
        var seen: Set<String> = []
        var shortFilters: [(dimension: String, values: [Literal])] = []
        for (name, value) in parameters where !name.hasPrefix("_") && name != "key" {
            if name.hasPrefix("filter.") {
                let dimension = String(name.dropFirst("filter.".count))
                if let index = shortFilters.firstIndex(where: { $0.dimension == dimension }) {
                    shortFilters[index].values.append(.string(value))
                } else {
                    shortFilters.append((dimension, [.string(value)]))
                }
                continue
            }
            try take(name, value)
            guard seen.insert(name).inserted else {
                throw .invalid("repeated_parameter", "parameter \"\(name)\" stands twice")
            }
        }
        for filter in shortFilters {
            filters.append(
                Filter(dimension: filter.dimension, predicate: .oneOf(filter.values)))
        }
    }

    private mutating func take(_ name: String, _ value: String) throws(QueryError) {
        switch name {
        case "metric": metric = value
        case "dimensions": dimensions = try Self.names(value)
        case "granularity": granularity = value
        case "start": start = value
        case "end": end = value
        case "timezone": timezone = value
        case "order": order = value
        case "limit": limit = value
        case "other": other = value
        case "fill": fill = value
        case "format": format = value
        case "maxAge": maxAge = value
        case "explain": explain = value
        case "filters": try addFilters(Self.filterObject(value))
        default:
            throw .unknown(
                "parameter", name, known: Self.parameterNames + ["filter.<dimension>"],
                status: 400)
        }
    }

    private static func filterObject(_ text: String) throws(QueryError) -> JSONValue {
        do throws(JSONValue.ParseError) {
            return try JSONValue.parse(text)
        } catch {
            throw .invalid("invalid_filter", "filters is no JSON: \(error)")
        }
    }
}
