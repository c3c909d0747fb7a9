internal import Base
internal import PartFormat
internal import Store

/// How a metrics query is answered: which tables are read, and which of their columns for what.
///
/// So far the base rollup answers every query, with its corrections twin. Tables derived from it
/// will be candidates here.
struct MetricsPlan: Sendable {
    /// The column that counts events in every rollup.
    static let countColumn = "events"
    static let timeColumn = "bucket"

    var query: MetricsQuery
    var table: String
    var correctionsTable: String

    init(_ query: MetricsQuery, catalog: Catalog) throws(QueryError) {
        guard let rollup = catalog.rollup(named: query.metric.rollup) else {
            throw QueryError(
                status: 422, code: "unknown_rollup",
                message: "metric \"\(query.metric.name)\" has no rollup to answer from")
        }
        self.query = query
        table = rollup.schema(corrections: false).name
        correctionsTable = rollup.schema(corrections: true).name
    }

    /// Whether lost rows may have been among those that the query asks for.
    func touches(_ loss: LostRows) -> Bool {
        guard loss.table == table || loss.table == correctionsTable else { return false }
        guard let lost = loss.timeRange else { return true }
        return lost.overlaps(query.range)
    }
}
