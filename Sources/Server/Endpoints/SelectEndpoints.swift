internal import Base
internal import HTTP

/// `GET` and `POST /api/v1/sql`.
struct SelectEndpoints: Sendable {
    let engine: EngineSlot
    let latency: Histogram

    func register(in router: inout Router) {
        router.add(.get, "/api/v1/sql") { request, responder in
            answer(request, responder) { _ throws(RequestError) in [] }
        }
        router.add(.post, "/api/v1/sql") { request, responder in
            answer(request, responder) { engine throws(RequestError) in
                let body = try RequestBody(request, limit: engine.decompressedLimit)
                return unsafe body.withBytes { unsafe [UInt8]($0) }
            }
        }
    }

    private func answer(
        _ request: borrowing Request, _ responder: Responder,
        _ body: (Engine) throws(RequestError) -> [UInt8]
    ) {
        guard let engine = engine.accepting else { return responder.refuseNotReady() }
        do throws(RequestError) {
            var select = SelectRequest()
            guard let parameters = request.queryParameters else { throw .badQuery }
            try select.take(parameters)
            let bytes = try body(engine)
            if !bytes.isEmpty { try select.take(body: bytes) }
            guard !select.text.isEmpty else {
                throw .badParameter("q", "is missing: it is the query")
            }
            guard engine.selects.run(select, responder, latency: latency) else {
                throw .tooManyQueries
            }
        } catch {
            responder.answer(error.response)
        }
    }
}
