internal import Base
internal import Expressions
internal import HTTP
internal import Query
internal import SQL
internal import Store

/// Answers queries in SQL, on threads of its own.
///
/// So many run at a time, so many wait, and more are refused. A query ends with an error once it
/// has used the time or the memory that it may, and ends when its client leaves.
final class SelectService: Sendable {
    let log = QueryLog()
    private let waiting: WorkerPool
    private let workers: QueryPool
    private let options: SelectOptions
    private let store: Store
    private let catalog: Catalog
    private let systemTables: Locked<[SystemTable]> = Locked([])

    init(store: Store, catalog: Catalog, options: SelectOptions) {
        self.store = store
        self.catalog = catalog
        self.options = options
        waiting = WorkerPool(
            name: "weir-sql", threads: options.concurrency, queueLimit: options.queueLimit)
        workers = QueryPool(
            threads: options.threads - 1, dictionaryBytes: options.dictionaryBytes,
            blockBytes: options.blockBytes)
    }

    /// Names the tables of the server's own state.
    func setSystemTables(_ tables: [SystemTable]) { systemTables.withLock { $0 = tables } }

    /// The memory of decoded blocks, in bytes.
    var blockBytes: Int { workers.blockBytes }
    /// The memory of dictionaries that hold for all parts, in bytes.
    var dictionaryBytes: Int { workers.dictionaryBytes }

    /// How many queries wait for their turn.
    var waitingCount: Int { waiting.waitingCount }

    /// Answers a query some time; false if too many wait already.
    func run(_ request: SelectRequest, _ responder: Responder, latency: Histogram) -> Bool {
        let arrived = Clock.monotonicNanoseconds()
        return waiting.submit { [self] in
            guard responder.isOpen, !responder.hasClientLeft else { return }
            answer(request, responder)
            latency.observe(nanoseconds: Clock.monotonicNanoseconds() - arrived)
        }
    }

    /// Ends what runs, and refuses what waits.
    func close() {
        log.cancelAll()
        waiting.stop()
    }

    private func answer(_ request: SelectRequest, _ responder: Responder) {
        let stream = SelectAnswer(responder)
        let bound: BoundQuery
        let tables = systemTables.withLock { $0 }
        let view = store.view()
        do {
            let names = TableCatalog(
                catalog: catalog, on: view, system: tables.map(\.description))
            bound = try Binder.bind(
                QueryText(request.text), catalog: names, parameters: request.parameters,
                now: Clock.now())
            try stream.setFormat(request.format, bound.format)
        } catch {
            let id = log.begin(request.text, QueryControl())
            log.end(id, rows: 0, SelectStatistics(), error: error.code)
            stream.fail(error)
            return
        }
        run(bound, request, view, tables, stream, responder)
    }

    private func run(
        _ bound: BoundQuery, _ request: SelectRequest, _ view: StoreView,
        _ tables: [SystemTable], _ stream: SelectAnswer, _ responder: Responder
    ) {
        let settings = bound.settings
        let timeout = min(settings.timeoutMilliseconds ?? options.timeout, options.timeout)
        let control = QueryControl(
            timeout: .milliseconds(timeout),
            bytesMost: min(settings.memoryBytes ?? options.memoryBytes, options.memoryBytes),
            isAbandoned: { responder.hasClientLeft })
        let id = log.begin(request.text, control)
        let optimized = PlanOptimizer.optimize(
            bound.plan, catalog: catalog, on: view, usesRollups: settings.usesRollups)
        let executor = SelectExecutor(
            view,
            systemTables: { name in
                tables.first { $0.description.name == name }.map(SelectExecutor.SystemTable.init)
            }, control: control, pool: workers,
            workers: min(settings.threads ?? options.threads, options.threads))
        var statistics = SelectStatistics()
        do {
            switch bound.explanation {
            case .plan:
                stream.begin(PlanPrinter.columns)
                try stream.append(
                    PlanPrinter.batch(PlanPrinter.lines(of: optimized.plan, optimized.choices)),
                    control, rowsMost: options.rows)
            case .analysis:
                statistics = try executor.run(optimized.plan) { _ in }
                stream.begin(PlanPrinter.columns)
                try stream.append(
                    PlanPrinter.batch(
                        PlanPrinter.lines(of: optimized.plan, optimized.choices)
                            + PlanPrinter.lines(of: statistics)),
                    control, rowsMost: options.rows)
            case nil:
                stream.begin(bound.columns)
                statistics = try executor.run(optimized.plan) { batch throws(QueryError) in
                    try stream.append(batch, control, rowsMost: options.rows)
                }
            }
            stream.finish(statistics)
            log.end(id, rows: stream.rows, statistics, error: nil)
        } catch {
            stream.fail(error)
            log.end(id, rows: stream.rows, statistics, error: error.code)
        }
    }
}

extension SelectExecutor.SystemTable {
    /// The rows of a table as of now.
    init(_ table: SystemTable) {
        self.init(
            columns: table.description.columns.map {
                TableScan.Column(name: $0.name, type: $0.type)
            }, batches: [table.read()])
    }
}
