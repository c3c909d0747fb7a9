internal import Expressions
package import PartFormat

/// A metric by its name: what is counted, by which dimensions, and the rollup that holds it.
package struct MetricDefinition: Sendable, Equatable {
    /// What is computed of the events: how many, or how many different people.
    package enum Aggregate: String, Sendable {
        case count
        case uniq
    }

    /// The name that queries use.
    package var name: String
    /// What is computed.
    package var aggregate: Aggregate
    /// Only events of this type count; nil for all.
    package var eventType: String?
    /// For people: `userId, else sessionId`; nil for counts.
    package var field: String?
    /// What answers can be filtered and grouped by; all are in the rollup.
    package var dimensions: [String]
    /// The base rollup (see `RollupDefinition.name`).
    package var rollup: String
    /// The measure's column in it.
    package var column: String

    package init(
        name: String, aggregate: Aggregate, eventType: String?, field: String?,
        dimensions: [String], rollup: String, column: String
    ) {
        self.name = name
        self.aggregate = aggregate
        self.eventType = eventType
        self.field = field
        self.dimensions = dimensions
        self.rollup = rollup
        self.column = column
    }
}

/// A base rollup: the table that ingest keeps at one minute for the metrics of one source.
package struct RollupDefinition: Sendable, Equatable {
    /// `page_views`; its tables are `page_views_minute` and `page_views_minute_corrections`.
    package var name: String
    /// Only events of this type are in it; nil for all.
    package var eventType: String?
    /// Field or property names, in sort order; a property's values are read as text.
    package var dimensions: [String]
    /// Whether it has the `users` sketch beside the `events` count.
    package var countsUsers: Bool

    package init(name: String, eventType: String?, dimensions: [String], countsUsers: Bool) {
        self.name = name
        self.eventType = eventType
        self.dimensions = dimensions
        self.countsUsers = countsUsers
    }

    /// Key columns are the dimensions and `bucket`; measures are `events` and, where asked for,
    /// `users`.
    ///
    /// Sorted by `bucket` first: what is asked of minutes is mostly the last hour, and the ends of
    /// ranges that no coarser table fits. The corrections twin keys on `receivedHour` too (last).
    package func schema(corrections: Bool) -> TableSchema {
        var columns = dimensions.map { ColumnSchema(name: $0, type: .string, role: .key) }
        columns.append(ColumnSchema(name: "bucket", type: .timestamp, role: .key))
        if corrections {
            columns.append(ColumnSchema(name: "receivedHour", type: .timestamp, role: .key))
        }
        let sortKey =
            ["bucket"] + columns.map(\.name).filter { $0 != "bucket" }
        columns.append(ColumnSchema(name: "events", type: .integer, role: .count))
        if countsUsers { columns.append(ColumnSchema(name: "users", type: .state, role: .uniq)) }
        return TableSchema(
            name: TableSchema.name("\(name)_minute", corrections: corrections), kind: .rollup,
            partitioning: .day, timeColumn: "bucket", sortKey: sortKey, columns: columns)
    }
}

extension TableSchema {
    /// What the names of tables of corrections end in.
    static let correctionsSuffix = "_corrections"

    /// The name of a rollup table, or of the twin that holds its late events.
    package static func name(_ table: String, corrections: Bool) -> String {
        corrections ? table + correctionsSuffix : table
    }
}

/// The metrics and rollups that are defined.
package struct Catalog: Sendable {
    /// In the order in which they are listed to clients.
    package var metrics: [MetricDefinition]
    /// The rollups that the metrics name.
    package var rollups: [RollupDefinition]

    package init(metrics: [MetricDefinition], rollups: [RollupDefinition]) {
        self.metrics = metrics
        self.rollups = rollups
    }

    /// The metric of that name; nil if there is none.
    package func metric(named name: String) -> MetricDefinition? {
        metrics.first { $0.name == name }
    }

    /// The rollup of that name; nil if there is none.
    package func rollup(named name: String) -> RollupDefinition? {
        rollups.first { $0.name == name }
    }

    /// What every installation has (design: "What is counted, exactly").
    package static let builtIn = Catalog(
        metrics: [
            MetricDefinition(
                name: "events", aggregate: .count, eventType: nil, field: nil,
                dimensions: ["eventType"], rollup: "events", column: "events"),
            MetricDefinition(
                name: "page_views", aggregate: .count, eventType: "page_view", field: nil,
                dimensions: ["page", "device", "browser", "country"], rollup: "page_views",
                column: "events"),
            MetricDefinition(
                name: "clicks", aggregate: .count, eventType: "click", field: nil,
                dimensions: ["page", "element"], rollup: "clicks", column: "events"),
            MetricDefinition(
                name: "unique_visitors", aggregate: .uniq, eventType: "page_view",
                field: "userId, else sessionId", dimensions: ["page", "country"],
                rollup: "unique_visitors", column: "users"),
        ],
        rollups: [
            RollupDefinition(
                name: "events", eventType: nil, dimensions: ["eventType"], countsUsers: false),
            RollupDefinition(
                name: "page_views", eventType: "page_view",
                dimensions: ["page", "device", "browser", "country"], countsUsers: false),
            RollupDefinition(
                name: "clicks", eventType: "click", dimensions: ["page", "element"],
                countsUsers: false),
            RollupDefinition(
                name: "unique_visitors", eventType: "page_view", dimensions: ["page", "country"],
                countsUsers: true),
        ])
}
