internal import Base
internal import HTTP

/// The endpoints that say how the server is.
///
/// `/healthz`: the process is alive. `/readyz`: it takes work, and what troubles it.
struct HealthEndpoints: Sendable {
    let engine: EngineSlot

    func register(in router: inout Router) {
        router.add(.get, "/healthz") { _, responder in
            responder.answer(.json([UInt8](#"{"status":"alive"}"#.utf8)))
        }
        router.add(.get, "/readyz") { _, responder in
            responder.answer(readiness())
        }
    }

    private func readiness() -> Response {
        let phase = engine.phase
        var reasons: [String] = []
        if case .ready(let engine) = phase { reasons = engine.health.reasons }
        let status: (Int, String) =
            switch phase {
            case .recovering: (503, "recovering")
            case .draining: (503, "draining")
            case .ready: (200, reasons.isEmpty ? "ready" : "degraded")
            }
        var writer = JSONWriter(reserving: 64)
        writer.beginObject()
        writer.field("status", status.1)
        writer.field("reasons", reasons)
        writer.endObject()
        return .json(
            writer.finish(), status: status.0,
            headers: [Response.Header("Cache-Control", "no-store")])
    }
}
