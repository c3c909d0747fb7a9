/// What one query may use; past it the query ends with `query_limit`, never the server.
package struct QueryLimits: Sendable {
    /// Rows of an answer; the rest is cut off, and the answer says so.
    package var rows = 50_000
    /// Groups in memory.
    package var groups = 1_000_000
    /// Opening a part counts as much as reading so many rows, when tables are chosen.
    package var rowsPerPart = 500
    /// Cells of each table that numbers combinations directly; more are hashed.
    package var directCells = 1 << 22
    /// Minutes of the longest range whose buckets are looked up in a table: nearly two years.
    package var directMinutes = 1 << 20
    /// Bytes of sketches in memory.
    package var sketchBytes = 128 << 20

    /// The limits that hold where none are set.
    package init() {}

    /// Whether the groups so far keep within the limits.
    func allow(_ aggregation: MetricsAggregation) -> Bool {
        aggregation.keys.count <= groups && aggregation.sketchBytes <= sketchBytes
    }

    func check(_ aggregation: MetricsAggregation) throws(QueryError) {
        if allow(aggregation) { return }
        throw aggregation.keys.count > groups
            ? Self.passed("more than \(groups) groups")
            : Self.passed("more than \(sketchBytes >> 20) MiB of distinct counts")
    }

    private static func passed(_ what: String) -> QueryError {
        QueryError(
            status: 422, code: "query_limit",
            message: "the query has \(what); ask for fewer dimensions, a shorter range or a "
                + "coarser granularity")
    }
}
