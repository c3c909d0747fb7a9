internal import Base
internal import HTTP
internal import Query

/// `GET /api/v1/metrics`, and `GET` and `POST /api/v1/metrics/query`.
struct MetricEndpoints: Sendable {
    let engine: EngineSlot
    let latency: Histogram

    func register(in router: inout Router) {
        router.add(.get, "/api/v1/metrics") { request, responder in
            list(request, responder)
        }
        router.add(.get, "/api/v1/metrics/query") { request, responder in
            let known = request.header("If-None-Match").map(EntityTagList.init)
            let gzip = request.acceptsGzip
            query(responder, known: known, gzip: gzip) { engine throws(RequestError) in
                try fromParameters(request, engine)
            }
        }
        router.add(.post, "/api/v1/metrics/query") { request, responder in
            let gzip = request.acceptsGzip
            query(responder, known: nil, gzip: gzip) { engine throws(RequestError) in
                try fromBody(request, engine)
            }
        }
    }

    private func list(_ request: borrowing Request, _ responder: Responder) {
        guard let engine = engine.accepting else { return responder.refuseNotReady() }
        do {
            try RequestError.check(request, allows: [])
            responder.answer(.json(engine.catalog.metricsListing()))
        } catch {
            responder.answer(error.response)
        }
    }

    /// Reads the query on the loop, where it is cheap, and hands it to the query threads.
    private func query(
        _ responder: Responder, known: EntityTagList?, gzip: Bool,
        _ read: (Engine) throws(RequestError) -> MetricsQuery
    ) {
        guard let engine = engine.accepting else { return responder.refuseNotReady() }
        do {
            let query = try read(engine)
            let isTaken = engine.queries.run(
                query, known: known, gzip: gzip, responder, latency: latency)
            guard isTaken else {
                throw RequestError.tooManyQueries
            }
        } catch let error as RequestError {
            responder.answer(error.response)
        } catch {
            responder.answer(.error(500, "internal", "\(error)"))
        }
    }

    private func fromParameters(
        _ request: borrowing Request, _ engine: Engine
    ) throws(RequestError) -> MetricsQuery {
        guard let parameters = request.queryParameters else { throw .badQuery }
        do {
            return try MetricsQuery(
                parameters: parameters.map { ($0.name, $0.value) }, catalog: engine.catalog,
                now: Clock.now())
        } catch {
            throw .badMetricsQuery(error)
        }
    }

    private func fromBody(
        _ request: borrowing Request, _ engine: Engine
    ) throws(RequestError) -> MetricsQuery {
        try RequestError.check(request, allows: [])
        let body = try RequestBody(request, limit: engine.decompressedLimit)
        let json = unsafe body.withBytes { unsafe [UInt8]($0) }
        do {
            return try MetricsQuery(json: json, catalog: engine.catalog, now: Clock.now())
        } catch {
            throw .badMetricsQuery(error)
        }
    }
}

extension Responder {
    /// Answers that the engine is not there yet, or not any more.
    func refuseNotReady() {
        answer(
            .error(
                503, "not_ready", "the server is starting or stopping",
                headers: [Response.Header("Retry-After", "1")]))
    }
}
