package import Base
package import Expressions
package import Store

/// A question about a metric, checked: every name in it exists, and its range is not empty.
package struct MetricsQuery: Sendable {
    /// A condition on the values of a dimension.
    package struct Filter: Sendable, Equatable {
        /// One of the metric's dimensions, a field of the event or a property.
        package var dimension: String
        /// What its value must meet.
        package var predicate: Predicate
    }

    /// Which combinations of dimensions are kept where there are more than a limit.
    package enum Order: String, Sendable, CaseIterable {
        /// The greatest over the whole range.
        case greatest = "-value"
        /// The least over the whole range.
        case least = "value"
    }

    /// What is answered for buckets in which nothing happened.
    package enum Fill: String, Sendable, CaseIterable {
        case none
        /// A row for each bucket up to now, of every combination that the answer has.
        case zero
    }

    /// How the answer is written.
    package enum Format: String, Sendable, CaseIterable {
        case json
        case csv
    }

    /// What is kept of many combinations of dimensions.
    package struct Selection: Sendable, Equatable {
        /// Which ones are kept.
        package var order: Order
        /// How many combinations are kept; nil for all.
        package var limit: Int?
        /// Whether the others are added up as `__other__`.
        package var addsOther: Bool

        /// Keeps all unless told otherwise.
        package init(order: Order = .greatest, limit: Int? = nil, addsOther: Bool = false) {
            self.order = order
            self.limit = limit
            self.addsOther = addsOther
        }
    }

    /// What is counted.
    package var metric: MetricDefinition
    /// What the answer is grouped by beside time, in the order asked for.
    package var dimensions: [String]
    /// How wide the buckets are.
    package var granularity: Granularity
    /// Whose clocks the buckets follow; nil for UTC.
    package var zone: TimeZoneRules?
    /// On whole minutes.
    package var range: Range<Milliseconds>
    /// A row counts if it meets all of them.
    package var filters: [Filter]
    /// Which combinations of dimensions are kept.
    package var selection = Selection()
    /// What is answered for buckets in which nothing happened.
    package var fill = Fill.none
    /// How the answer is written.
    package var format = Format.json
    /// Whether the answer says which tables were considered, and why one was chosen.
    package var explains = false
    /// The time at which the query was asked.
    package var now: Milliseconds
    /// How many seconds the answer may be kept by who asked; 0 for not at all.
    package var maxAge: Int

    /// Reads and checks the parameters of a `GET`.
    package init(
        parameters: [(name: String, value: String)], catalog: Catalog, now: Milliseconds
    ) throws(QueryError) {
        self = try MetricsRequest(parameters: parameters).bind(catalog: catalog, now: now)
    }

    /// Reads and checks the body of a `POST`.
    package init(
        json: [UInt8], catalog: Catalog, now: Milliseconds
    ) throws(QueryError) {
        self = try MetricsRequest(json: json).bind(catalog: catalog, now: now)
    }

    /// The buckets that the answer is grouped into; nil where the range is one.
    package var timeBuckets: TimeBuckets? {
        switch granularity {
        case .all: nil
        case .unit(let unit): TimeBuckets(unit: unit, zone: zone)
        }
    }

    init(
        metric: MetricDefinition, dimensions: [String], granularity: Granularity,
        zone: TimeZoneRules?, range: Range<Milliseconds>, filters: [Filter], now: Milliseconds,
        maxAge: Int
    ) {
        invariant(!range.isEmpty)
        self.metric = metric
        self.dimensions = dimensions
        self.granularity = granularity
        self.zone = zone
        self.range = range
        self.filters = filters
        self.now = now
        self.maxAge = maxAge
    }
}
