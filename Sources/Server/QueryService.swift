internal import Base
internal import HTTP
internal import Query
internal import Store

/// Runs queries on threads of their own, so that a slow one holds up neither events nor the loops.
final class QueryService: Sendable {
    private let pool: WorkerPool
    private let store: Store
    private let executor: MetricsExecutor

    init(store: Store, catalog: Catalog, threads: Int, queueLimit: Int) {
        pool = WorkerPool(name: "weir-query", threads: threads, queueLimit: queueLimit)
        self.store = store
        executor = MetricsExecutor(catalog: catalog)
    }

    /// Runs the query on a view of its own and answers it; false if too many wait already.
    func run(_ query: MetricsQuery, _ responder: Responder, latency: Histogram) -> Bool {
        let arrived = Clock.monotonicNanoseconds()
        return pool.submit { [store, executor] in
            guard responder.isOpen else { return }
            responder.answer(Self.response(to: query, executor, store.view()))
            latency.observe(nanoseconds: Clock.monotonicNanoseconds() - arrived)
        }
    }

    /// Finishes what runs and what waits.
    func close() { pool.stop() }

    private static func response(
        to query: MetricsQuery, _ executor: MetricsExecutor, _ view: StoreView
    ) -> Response {
        do {
            let answer = try executor.execute(query, on: view)
            return Response(
                status: 200,
                headers: [Response.Header("Content-Type", answer.contentType)]
                    + answer.headers.map { Response.Header($0.name, $0.value) },
                body: answer.body)
        } catch {
            return Response(error)
        }
    }
}

extension Response {
    init(_ error: QueryError) {
        self = .error(error.status, error.code, error.message) { writer in
            if !error.closest.isEmpty { writer.field("closest", error.closest) }
        }
    }
}
