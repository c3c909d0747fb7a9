internal import Base
internal import HTTP

/// `GET` and `POST /api/v1/snapshots`, and `DELETE /api/v1/snapshots/{name}`.
struct SnapshotEndpoints: Sendable {
    private static let path = "/api/v1/snapshots"
    private static let bodyBytesMax = 64 << 10

    let engine: EngineSlot

    func register(in router: inout Router) {
        router.add(.get, Self.path) { request, responder in
            act(request, responder) { snapshots, _ in snapshots.list(responder) }
        }
        router.add(.post, Self.path, bodyLimit: Self.bodyBytesMax) { request, responder in
            act(request, responder) { snapshots, request throws(RequestError) in
                snapshots.make(named: try name(in: request), responder)
            }
        }
        router.add(.delete, Self.path + "/{name}") { request, responder in
            act(request, responder) { snapshots, request in
                snapshots.remove(named: request.pathParameter("name") ?? "", responder)
            }
        }
    }

    private func act(
        _ request: borrowing Request, _ responder: Responder,
        _ body: (SnapshotService, borrowing Request) throws(RequestError) -> Bool
    ) {
        guard let engine = engine.accepting else { return responder.refuseNotReady() }
        do throws(RequestError) {
            try RequestError.check(request, allows: [])
            if try !body(engine.snapshots, request) { throw .tooManySnapshots }
        } catch {
            responder.answer(error.response)
        }
    }

    /// The name in the body `{"name": …}`.
    private func name(in request: borrowing Request) throws(RequestError) -> String {
        let body = try RequestBody(request, limit: Self.bodyBytesMax)
        let json = unsafe body.withBytes { unsafe [UInt8]($0) }
        let document: JSONValue
        do { document = try JSONValue.parse(json) } catch {
            throw .badSnapshot("invalid_json", "the body is no JSON: \(error)")
        }
        guard case .object(let members) = document else {
            throw .badSnapshot(
                "invalid_json", "the body must be a JSON object, not \(document.kind)")
        }
        if let other = members.first(where: { $0.name != "name" }) {
            throw .badSnapshot("unknown_parameter", "unknown parameter '\(other.name)'")
        }
        guard members.count == 1, case .string(let name) = members[0].value else {
            throw .badSnapshot("missing_parameter", "the body needs one text \"name\"")
        }
        return name
    }
}
