internal import Base
internal import Expressions
internal import Store

extension MetricsRequest {
    private static let defaultSpan = 7 * CivilTime.millisecondsPerDay
    private static let defaultMaxAge = 60
    /// Other names of the one zone that is supported.
    private static let zoneNames = ["UTC", "Etc/UTC", "Z"]

    /// Checks the request against the catalog and fills in defaults; `now` is the clock's time.
    func bind(catalog: Catalog, now: Milliseconds) throws(QueryError) -> MetricsQuery {
        let definition = try boundMetric(catalog)
        try checkNames(dimensions, of: definition, "dimension")
        try checkNames(filters.map(\.dimension), of: definition, "filter")
        guard Set(dimensions).count == dimensions.count else {
            throw .invalid("invalid_dimensions", "a dimension stands twice in dimensions")
        }
        if let timezone, !Self.zoneNames.contains(timezone) {
            throw QueryError(
                status: 422, code: "unsupported_timezone",
                message: "timezone \"\(timezone)\" is not supported, only UTC is")
        }
        return MetricsQuery(
            metric: definition, dimensions: dimensions, granularity: try boundGranularity(),
            range: try boundRange(now: now),
            filters: filters.map {
                MetricsQuery.Filter(dimension: $0.dimension, predicate: $0.predicate)
            },
            maxAge: try boundMaxAge())
    }

    private func boundMetric(_ catalog: Catalog) throws(QueryError) -> MetricDefinition {
        guard let metric, !metric.isEmpty else {
            throw .invalid("missing_parameter", "parameter \"metric\" is missing")
        }
        guard let definition = catalog.metric(named: metric) else {
            throw .unknown("metric", metric, known: catalog.metrics.map(\.name))
        }
        return definition
    }

    private func checkNames(
        _ names: [String], of definition: MetricDefinition, _ what: String
    ) throws(QueryError) {
        for name in names where !definition.dimensions.contains(name) {
            var error = QueryError.unknown(what, name, known: definition.dimensions)
            error.message = "metric \"\(definition.name)\": \(error.message)"
            throw error
        }
    }

    private func boundGranularity() throws(QueryError) -> Granularity {
        guard let granularity else { return .unit(.hour) }
        guard let bound = Granularity(name: granularity) else {
            throw QueryError(
                status: 400, code: "invalid_granularity",
                message: "granularity \"\(granularity)\" is none of "
                    + Granularity.names.joined(separator: ", "),
                closest: closest(to: granularity, in: Granularity.names))
        }
        return bound
    }

    /// The range on whole minutes: `start` rounds down, `end` up.
    private func boundRange(now: Milliseconds) throws(QueryError) -> Range<Milliseconds> {
        let upper = try Self.instant(end, "end", now: now) ?? now
        let lower = try Self.instant(start, "start", now: now) ?? upper - Self.defaultSpan
        guard lower < upper else {
            throw .invalid(
                "invalid_time_range",
                "start \(CivilTime(lower).text) must lie before end \(CivilTime(upper).text)")
        }
        let roundedUp = TimeUnit.minute.truncate(upper + CivilTime.millisecondsPerMinute - 1)
        return TimeUnit.minute.truncate(lower)..<roundedUp
    }

    private static func instant(
        _ text: String?, _ name: String, now: Milliseconds
    ) throws(QueryError) -> Milliseconds? {
        guard let text else { return nil }
        guard let instant = TimeExpression.parse(text, now: now) else {
            throw .invalid(
                "invalid_time",
                "\(name) \"\(text)\" is no time: use RFC 3339, a date, epoch seconds or "
                    + "milliseconds, now, -7d, -24h or -30m")
        }
        return instant
    }

    private func boundMaxAge() throws(QueryError) -> Int {
        guard let maxAge else { return Self.defaultMaxAge }
        guard let seconds = Int(maxAge), (0...86_400).contains(seconds) else {
            throw .invalid(
                "invalid_parameter", "maxAge \"\(maxAge)\" is no number of seconds up to 86400")
        }
        return seconds
    }
}
