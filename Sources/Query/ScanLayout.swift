internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Where the columns of a query stand in one part.
///
/// A dimension that the part lacks is null in it.
struct ScanLayout: Sendable {
    /// By dimension of the query.
    var dimensions: [Int?]
    /// By filter of the query.
    var filters: [Int?]
    var time: Int
    /// The count or the state that the metric adds up; nil where the part lacks it.
    var measure: Int?
    /// The count of events, which tells how many corrections there are.
    var events: Int?
    /// Says which rows were late, where they are events.
    var late: Int?

    init(_ query: MetricsQuery, schema: TableSchema) throws(StoreError) {
        guard let time = schema.columnIndex(MetricsPlan.timeColumn, type: .timestamp) else {
            throw .corrupt(
                CorruptionError(
                    offset: 0, expected: "a table with a bucket", found: "table \(schema.name)"))
        }
        self.time = time
        dimensions = query.dimensions.map { schema.columnIndex($0) }
        filters = query.filters.map { schema.columnIndex($0.dimension) }
        measure = schema.columnIndex(query.metric.column)
        events = schema.columnIndex(MetricsPlan.countColumn, type: .integer)
    }

    init(
        dimensions: [Int?], filters: [Int?], time: Int, measure: Int?, events: Int?, late: Int?
    ) {
        self.dimensions = dimensions
        self.filters = filters
        self.time = time
        self.measure = measure
        self.events = events
        self.late = late
    }

    /// What decides which rows count.
    var selectionColumns: [Int] { Self.distinct([time] + filters) }

    /// All that is read of a row that counts.
    func valueColumns(withEvents: Bool, withTime: Bool) -> [Int] {
        Self.distinct(
            dimensions + [withTime ? time : nil, measure, late, withEvents ? events : nil])
    }

    private static func distinct(_ columns: [Int?]) -> [Int] {
        Set(columns.compactMap { $0 }).sorted()
    }
}
