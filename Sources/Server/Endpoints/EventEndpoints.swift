internal import Base
internal import Events
internal import HTTP

/// `POST /api/v1/events/track` and `/batch`: decode on the loop, answer at once, or when the log
/// has synced for `ack=durable`.
struct EventEndpoints: Sendable {
    let engine: EngineSlot
    /// What a request that does not say gets.
    let defaultAcknowledgement: ServerConfig.Acknowledgement

    func register(in router: inout Router) {
        router.add(.post, "/api/v1/events/track", crossOrigin: .any) { request, responder in
            take(request, responder, isBatch: false)
        }
        router.add(.post, "/api/v1/events/batch", crossOrigin: .any) { request, responder in
            take(request, responder, isBatch: true)
        }
    }

    private func take(_ request: borrowing Request, _ responder: Responder, isBatch: Bool) {
        guard let engine = engine.accepting else { return responder.refuseNotReady() }
        do {
            let acknowledgement = try acknowledgement(of: request)
            let answer = AnswerOfIngest(isBatch: isBatch, acknowledgement: acknowledgement)
            let body = try RequestBody(request, limit: engine.decompressedLimit)
            let form = Self.form(of: request, isBatch: isBatch)
            unsafe body.withBytes { bytes in
                let ingestRequest = unsafe IngestRequest(
                    body: bytes, form: form, receivedAt: Clock.now(),
                    idempotencyKey: request.header("Idempotency-Key"))
                hand(ingestRequest, request.loop, engine.ingest, answer, responder)
            }
        } catch {
            responder.answer(error.response)
        }
    }

    private func hand(
        _ request: borrowing IngestRequest, _ loop: Int, _ ingest: Ingest,
        _ answer: AnswerOfIngest, _ responder: Responder
    ) {
        guard answer.acknowledgement == .durable else {
            responder.answer(answer.response(to: ingest.accept(request, loop: loop, durable: nil)))
            return
        }
        // The sync may end before `accept` returns with the outcome: the later of the two answers.
        let meeting = DurableMeeting(answer: answer, responder: responder)
        let result = ingest.accept(request, loop: loop) { meeting.synced($0) }
        meeting.accepted(result)
    }

    private func acknowledgement(of request: borrowing Request) throws(RequestError)
        -> ServerConfig.Acknowledgement
    {
        var chosen = defaultAcknowledgement
        guard !request.query.isEmpty else { return chosen }
        guard let parameters = request.queryParameters else { throw .badQuery }
        for parameter in parameters where !parameter.name.hasPrefix("_") {
            guard parameter.name == "ack" else {
                throw .unknownParameter(parameter.name, known: ["ack"])
            }
            guard let named = ServerConfig.Acknowledgement(rawValue: parameter.value) else {
                throw .badParameter("ack", "must be queued or durable, not '\(parameter.value)'")
            }
            chosen = named
        }
        return chosen
    }

    private static func form(of request: borrowing Request, isBatch: Bool) -> BodyForm {
        guard isBatch else { return .single }
        let type = request.header("Content-Type") ?? ""
        let mediaType = type.prefix { $0 != ";" && $0 != " " }.lowercased()
        return mediaType == "application/x-ndjson" ? .ndjson : .batch
    }
}
