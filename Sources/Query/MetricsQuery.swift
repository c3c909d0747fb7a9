package import Base
package import Expressions
package import Store

/// A question about a metric, checked: every name in it exists, and its range is not empty.
package struct MetricsQuery: Sendable {
    /// A condition on the values of a dimension.
    package struct Filter: Sendable, Equatable {
        /// One of the metric's dimensions.
        package var dimension: String
        /// What its value must meet.
        package var predicate: Predicate
    }

    /// What is counted.
    package var metric: MetricDefinition
    /// What the answer is grouped by beside time, in the order asked for.
    package var dimensions: [String]
    /// How wide the buckets are.
    package var granularity: Granularity
    /// On whole minutes.
    package var range: Range<Milliseconds>
    /// A row counts if it meets all of them.
    package var filters: [Filter]
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

    init(
        metric: MetricDefinition, dimensions: [String], granularity: Granularity,
        range: Range<Milliseconds>, filters: [Filter], maxAge: Int
    ) {
        invariant(!range.isEmpty)
        self.metric = metric
        self.dimensions = dimensions
        self.granularity = granularity
        self.range = range
        self.filters = filters
        self.maxAge = maxAge
    }
}
