internal import Base
internal import Events
internal import HTTP

/// Turns what ingest did with a request into its answer.
struct AnswerOfIngest: Sendable {
    let isBatch: Bool
    let acknowledgement: ServerConfig.Acknowledgement

    func response(to result: Ingest.Result) -> Response {
        switch result {
        case .accepted(let outcome): accepted(outcome)
        case .malformed(let error): .error(error.status, error.code, error.message)
        case .overloaded(let reason):
            .error(503, "overloaded", reason, headers: [Response.Header("Retry-After", "1")])
        case .closing:
            .error(503, "not_ready", "the server is stopping")
        }
    }

    func response(to outcome: BodyOutcome, _ durable: DurableOutcome) -> Response {
        let retry = [Response.Header("Retry-After", "1")]
        return switch durable {
        case .durable: accepted(outcome)
        case .logUnavailable(let reason):
            .error(503, "log_unavailable", "not written, send it again: \(reason)", headers: retry)
        case .notConfirmed:
            .error(
                503, "not_confirmed",
                "the sync did not end in time; the events may still count, send them again with"
                    + " the same ids",
                headers: retry)
        }
    }

    private func accepted(_ outcome: BodyOutcome) -> Response {
        if outcome.acceptedCount == 0, let first = outcome.rejected.first {
            return refused(outcome, first)
        }
        if !isBatch {
            return acknowledgement == .queued ? Self.queuedTrack : Self.durableTrack
        }
        var writer = JSONWriter(reserving: 64)
        writer.beginObject()
        writer.field("status", acknowledgement.rawValue)
        writer.field("count", outcome.acceptedCount)
        if !outcome.rejected.isEmpty { Self.write(outcome.rejected, to: &writer) }
        writer.endObject()
        return .json(writer.finish(), status: 202)
    }

    /// None of the events was valid.
    private func refused(_ outcome: BodyOutcome, _ first: RejectedEvent) -> Response {
        guard isBatch else { return .error(400, first.code, first.message) }
        return .error(400, "no_valid_events", "none of the events is valid: \(first.message)") {
            Self.write(outcome.rejected, to: &$0)
        }
    }

    private static func write(_ rejected: [RejectedEvent], to writer: inout JSONWriter) {
        writer.key("rejected")
        writer.beginArray()
        for event in rejected {
            writer.beginObject()
            writer.field("index", event.index)
            writer.field("code", event.code)
            writer.field("message", event.message)
            writer.endObject()
        }
        writer.endArray()
    }

    private static let queuedTrack = Response.json(
        [UInt8](#"{"status":"queued"}"#.utf8), status: 202)
    private static let durableTrack = Response.json(
        [UInt8](#"{"status":"durable"}"#.utf8), status: 202)
}

/// Where the outcome of a durable request's decoding and the end of its sync meet: both are needed
/// for the answer, and either may come first.
final class DurableMeeting: Sendable {
    private struct State {
        var outcome: BodyOutcome?
        var durable: DurableOutcome?
    }

    private let answer: AnswerOfIngest
    private let responder: Responder
    private let state = Locked(State())

    init(answer: AnswerOfIngest, responder: Responder) {
        self.answer = answer
        self.responder = responder
    }

    func accepted(_ result: Ingest.Result) {
        guard case .accepted(let outcome) = result, outcome.acceptedCount > 0 else {
            responder.answer(answer.response(to: result))
            return
        }
        finish { $0.outcome = outcome }
    }

    func synced(_ durable: DurableOutcome) {
        finish { $0.durable = durable }
    }

    private func finish(_ change: (inout State) -> Void) {
        let both = state.withLock { state -> (BodyOutcome, DurableOutcome)? in
            change(&state)
            guard let outcome = state.outcome, let durable = state.durable else { return nil }
            return (outcome, durable)
        }
        guard let (outcome, durable) = both else { return }
        responder.answer(answer.response(to: outcome, durable))
    }
}
