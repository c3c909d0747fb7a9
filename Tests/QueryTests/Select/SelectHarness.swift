import Base
import Disk
import Expressions
import Query
import SQL
import Store

/// Asks queries in SQL of events that went the whole way.
final class SelectHarness {
    /// Where the events lie when queries are asked.
    enum Layout: String, CaseIterable, Sendable {
        /// In memory, as the stream publishes them.
        case live
        /// In several parts on disk, the last events in memory.
        case flushed
        /// In one part for each day, rollups derived.
        case merged
    }

    /// How a query is run; answers do not depend on it.
    struct Manner: Sendable {
        var workers = 1
        var granulesPerItem = 16
        var usesRollups = true
    }

    /// The time at which events are received and queries asked.
    static let now: Milliseconds = 1_768_435_200_000  // 2026-01-15T00:00:00Z

    private let way: WholeWay
    /// Nothing changes after the events.
    private let view: StoreView
    private let names: TableCatalog
    private let pool = QueryPool(threads: 2)

    init(events: [String], layout: Layout, granuleRows: Int = 4) throws {
        var options = StoreOptions()
        options.granuleRows = granuleRows
        options.derivedTables = Catalog.builtIn.derivedTables
        options.derivationRows = 1
        options.derivationWaitFlushes = 1
        way = try WholeWay(FaultingDisk(seed: 1), .builtIn, options)
        let pieces = layout == .live ? 1 : 3
        let size = max(1, (events.count + pieces - 1) / pieces)
        for start in stride(from: 0, to: events.count, by: size) {
            let piece = events[start..<min(events.count, start + size)]
            try way.send(piece.joined(separator: "\n"), receivedAt: Self.now)
            let isLast = start + size >= events.count
            if layout == .merged || layout == .flushed && !isLast { way.flush() }
        }
        if layout == .merged {
            while try way.store.deriveOnce() {}
            while try way.store.mergeOnce() {}
        }
        view = way.store.view()
        names = TableCatalog(catalog: .builtIn, on: view)
    }

    deinit { way.close() }

    /// The answer as it is sent.
    func answer(
        _ text: String, _ format: ResultFormat = .tsv, _ parameters: [String: String] = [:],
        _ manner: Manner = Manner(), control: QueryControl = QueryControl()
    ) throws(QueryError) -> String {
        let bound = try bind(text, parameters)
        let optimized = optimized(
            bound.plan, usesRollups: manner.usesRollups && bound.settings.usesRollups)
        if bound.explanation == .plan {
            let lines = PlanPrinter.lines(of: optimized.plan, optimized.choices)
            return lines.joined(separator: "\n") + "\n"
        }
        var writer = ResultWriter(bound.columns, format)
        let statistics = try executor(manner, control).run(optimized.plan) {
            writer.append($0)
        }
        if format != .json { writer.finish(statistics) }
        return String(decoding: writer.take(), as: UTF8.self)
    }

    /// The events as queries see them.
    var events: TableDescription { names.tables[0] }

    /// The plan as it is bound.
    func bind(
        _ text: String, _ parameters: [String: String] = [:]
    ) throws(QueryError) -> BoundQuery {
        try Binder.bind(
            QueryText(text), catalog: names, parameters: parameters, now: Self.now)
    }

    /// The plan as it is run.
    func optimized(_ plan: LogicalPlan, usesRollups: Bool) -> PlanOptimizer.Result {
        PlanOptimizer.optimize(plan, catalog: .builtIn, on: view, usesRollups: usesRollups)
    }

    /// The rows of a plan.
    func rows(
        _ plan: LogicalPlan, _ manner: Manner, control: QueryControl = QueryControl()
    ) throws(QueryError) -> [[Value]] {
        var rows: [[Value]] = []
        let types = plan.types
        _ = try executor(manner, control).run(plan) { rows += $0.rows(types) }
        return rows
    }

    private func executor(_ manner: Manner, _ control: QueryControl) -> SelectExecutor {
        var options = SelectExecutor.Options()
        options.granulesPerItem = manner.granulesPerItem
        return SelectExecutor(
            view, control: control, pool: pool, workers: manner.workers, options: options)
    }
}
