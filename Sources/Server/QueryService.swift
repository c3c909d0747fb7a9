internal import Base
internal import HTTP
internal import Query
internal import Store

/// Answers queries: not modified, from the cache, or by running them on threads of their own, so
/// that a slow one holds up neither events nor the loops.
final class QueryService: Sendable {
    /// How the queries so far were answered, beside those that failed.
    struct Figures: Sendable {
        let notModified = Counter()
        let cacheHits = Counter()
        let cacheMisses = Counter()
    }

    /// Larger bodies from the cache are left to the query threads.
    private static let loopBytesMax = 16 << 10

    let figures = Figures()
    private let pool: WorkerPool
    private let store: Store
    private let catalog: Catalog
    private let executor: MetricsExecutor
    private let cache: ResultCache
    private let subtotals: SubtotalCache

    init(
        store: Store, catalog: Catalog, threads: Int, queueLimit: Int, cacheBytes: Int,
        subtotalBytes: Int
    ) {
        pool = WorkerPool(name: "weir-query", threads: threads, queueLimit: queueLimit)
        self.store = store
        self.catalog = catalog
        subtotals = SubtotalCache(budget: subtotalBytes)
        executor = MetricsExecutor(catalog: catalog, subtotals: subtotals)
        cache = ResultCache(budget: cacheBytes)
    }

    /// What the cache holds, in bytes.
    var cacheBytes: Int { cache.byteCount }

    /// What parts added to queries, as it is kept, in bytes.
    var subtotalBytes: Int { subtotals.byteCount }

    /// Answers a query, at once where that costs next to nothing; false if too many wait already.
    ///
    /// `known`: the answers that the client has; `gzip`: whether it takes a gzipped one.
    func run(
        _ query: MetricsQuery, known: EntityTagList?, gzip: Bool, _ responder: Responder,
        latency: Histogram
    ) -> Bool {
        let arrived = Clock.monotonicNanoseconds()
        if let response = responseWithoutRunning(query, known, gzip) {
            responder.answer(response)
            latency.observe(nanoseconds: Clock.monotonicNanoseconds() - arrived)
            return true
        }
        return pool.submit { [self] in
            guard responder.isOpen else { return }
            responder.answer(response(to: query, gzip))
            latency.observe(nanoseconds: Clock.monotonicNanoseconds() - arrived)
        }
    }

    /// Finishes what runs and what waits.
    func close() { pool.stop() }

    private func responseWithoutRunning(
        _ query: MetricsQuery, _ known: EntityTagList?, _ gzip: Bool
    ) -> Response? {
        guard let key = query.answerKey(catalog: catalog, on: store.view()) else { return nil }
        if let known {
            let entityTag = key.entityTag
            if known.matches(entityTag) {
                figures.notModified.add()
                return Response(status: 304, headers: Self.headers(query, entityTag))
            }
        }
        guard let answer = cache.find(key), let length = answer.readyLength(gzip: gzip),
            length <= Self.loopBytesMax
        else { return nil }
        figures.cacheHits.add()
        return answer.response(gzip: gzip, Self.headers(query, key.entityTag))
    }

    /// The answer as of now; the view is taken after the query has waited for its turn.
    private func response(to query: MetricsQuery, _ gzip: Bool) -> Response {
        let view = store.view()
        let key = query.answerKey(catalog: catalog, on: view)
        if let key, let answer = cache.find(key) {
            figures.cacheHits.add()
            return response(answer, query, key, gzip, isKept: true)
        }
        figures.cacheMisses.add()
        do {
            return response(try executor.execute(query, on: view), query, key, gzip)
        } catch {
            return Response(error)
        }
    }

    private func response(
        _ answer: MetricsAnswer, _ query: MetricsQuery, _ key: AnswerKey?, _ gzip: Bool
    ) -> Response {
        let type = Response.Header("Content-Type", answer.contentType)
        guard let key, !answer.meta.isPartial else {
            let headers = answer.headers.map { Response.Header($0.name, $0.value) }
            return Response(status: 200, headers: [type] + headers, body: answer.body)
        }
        let headers = answer.formatHeaders.map { Response.Header($0.name, $0.value) }
        let finished = CachedAnswer(body: answer.body, headers: [type] + headers)
        return response(finished, query, key, gzip, isKept: false)
    }

    /// Makes the form that the client takes, and keeps it with the answer.
    private func response(
        _ answer: CachedAnswer, _ query: MetricsQuery, _ key: AnswerKey, _ gzip: Bool,
        isKept: Bool
    ) -> Response {
        var answer = answer
        if answer.makeReady(gzip: gzip) || !isKept { cache.insert(answer, for: key) }
        return answer.response(gzip: gzip, Self.headers(query, key.entityTag))
    }

    /// What an answer and a 304 in its place both say.
    private static func headers(_ query: MetricsQuery, _ entityTag: String) -> [Response.Header] {
        [
            Response.Header("ETag", entityTag),
            Response.Header("Cache-Control", CachePolicy.control(maxAge: query.maxAge)),
            Response.Header("Vary", CachePolicy.vary),
        ]
    }
}

extension Response {
    init(_ error: QueryError) {
        self = .error(error.status, error.code, error.message) { error.writeDetails(into: &$0) }
    }
}
