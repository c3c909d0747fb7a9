internal import Base
internal import Expressions
internal import Store

extension MetricsRequest {
    private static let defaultSpan = 7 * CivilTime.millisecondsPerDay
    private static let defaultMaxAge = 60
    /// No answer has more rows, so no more combinations can be asked for.
    private static let limitMax = QueryLimits().rows

    /// Checks the request against the catalog and fills in defaults; `now` is the clock's time.
    func bind(
        catalog: Catalog, zones: TimeZoneDatabase = .shared, now: Milliseconds
    ) throws(QueryError) -> MetricsQuery {
        let definition = try boundMetric(catalog)
        guard Set(dimensions).count == dimensions.count else {
            throw .invalid("invalid_dimensions", "a dimension stands twice in dimensions")
        }
        var zone: TimeZoneRules?
        if let timezone { zone = try zones.rules(named: timezone) }
        var query = MetricsQuery(
            metric: definition, dimensions: dimensions, granularity: try boundGranularity(),
            zone: zone, range: try boundRange(now: now, zone),
            filters: filters.map {
                MetricsQuery.Filter(dimension: $0.dimension, predicate: $0.predicate)
            },
            now: now, maxAge: try boundMaxAge())
        query.selection = try boundSelection()
        query.fill = try Self.choice(fill, "fill") ?? .none
        query.format = try Self.choice(format, "format") ?? .json
        query.explains = try Self.flag(explain, "explain")
        if query.explains, query.format == .csv {
            throw .invalid("invalid_parameter", "explain=1 needs format=json: CSV has no meta")
        }
        return query
    }

    private func boundSelection() throws(QueryError) -> MetricsQuery.Selection {
        var selection = MetricsQuery.Selection()
        selection.order = try Self.choice(order, "order") ?? .greatest
        if let limit {
            guard let count = Int(limit), (1...Self.limitMax).contains(count) else {
                throw .invalid(
                    "invalid_parameter",
                    "limit \"\(limit)\" is no number from 1 to \(Self.limitMax)")
            }
            selection.limit = count
        }
        selection.addsOther = try Self.flag(other, "other")
        return selection
    }

    /// Whether a switch is on; off where it is not given.
    private static func flag(_ text: String?, _ name: String) throws(QueryError) -> Bool {
        switch text {
        case nil, "0", "false": return false
        case "1", "true": return true
        case .some(let text):
            throw .invalid("invalid_parameter", "\(name) \"\(text)\" is neither 0 nor 1")
        }
    }

    /// The choice of that name; nil if none was made.
    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String?, _ name: String
    ) throws(QueryError) -> Choice? where Choice.RawValue == String {
        guard let text else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        throw QueryError(
            status: 400, code: "invalid_parameter",
            message: "\(name) \"\(text)\" is none of \(names.joined(separator: ", "))",
            closest: closest(to: text, in: names))
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
    private func boundRange(
        now: Milliseconds, _ zone: TimeZoneRules?
    ) throws(QueryError) -> Range<Milliseconds> {
        let upper = try Self.instant(end, "end", now: now, zone) ?? now
        let lower = try Self.instant(start, "start", now: now, zone) ?? upper - Self.defaultSpan
        guard lower < upper else {
            throw .invalid(
                "invalid_time_range",
                "start \(CivilTime(lower).text) must lie before end \(CivilTime(upper).text)")
        }
        let roundedUp = TimeUnit.minute.truncate(upper + CivilTime.millisecondsPerMinute - 1)
        return TimeUnit.minute.truncate(lower)..<roundedUp
    }

    private static func instant(
        _ text: String?, _ name: String, now: Milliseconds, _ zone: TimeZoneRules?
    ) throws(QueryError) -> Milliseconds? {
        guard let text else { return nil }
        guard let instant = TimeExpression.parse(text, now: now, zone: zone) else {
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
