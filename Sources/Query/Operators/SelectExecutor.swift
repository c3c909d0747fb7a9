internal import Base
package import Expressions

/// Runs a plan: scans, filters, projections and aggregates in parallel, the others on what those
/// give.
package struct SelectExecutor: Sendable {
    /// Sizes that tests make tiny.
    package struct Options: Sendable {
        /// How many granules are one piece of work for a thread.
        package var granulesPerItem = 16
        /// Combinations of keys that are numbered directly; more are hashed.
        package var directCells = 1 << 22
        /// Groups of all threads together, from which on threads merge a share of them each.
        package var sharedGroupsLeast = 1 << 14

        /// The sizes that hold where none are set.
        package init() {}
    }

    /// A table of `system`: its rows, and the names and types of its columns.
    package struct SystemTable: Sendable {
        /// What its columns are called and hold.
        package var columns: [TableScan.Column]
        /// Its rows, a vector for each of the columns.
        package var batches: [Batch]

        /// A table with these rows.
        package init(columns: [TableScan.Column], batches: [Batch]) {
            self.columns = columns
            self.batches = batches
        }
    }

    let source: any TableSource
    let systemTables: @Sendable (String) -> SystemTable?
    let control: QueryControl
    let pool: QueryPool
    let workers: Int
    let options: Options

    /// An executor for one query.
    package init(
        _ source: any TableSource,
        systemTables: @escaping @Sendable (String) -> SystemTable? = { _ in nil },
        control: QueryControl, pool: QueryPool, workers: Int, options: Options = Options()
    ) {
        self.source = source
        self.systemTables = systemTables
        self.control = control
        self.pool = pool
        self.workers = workers
        self.options = options
    }

    /// Runs the plan; the rows go to the sink in their order, from the calling thread.
    package func run(
        _ plan: LogicalPlan, into sink: (Batch) throws(QueryError) -> Void
    ) throws(QueryError) -> SelectStatistics {
        let started = Clock.monotonicNanoseconds()
        let figures = OperatorFigures()
        try execute(plan, figures, depth: 0) { batch throws(QueryError) in
            try sink(batch)
            return true
        }
        var statistics = figures.statistics()
        statistics.nanoseconds = Clock.monotonicNanoseconds() - started
        return statistics
    }
}
