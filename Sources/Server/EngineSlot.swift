internal import Base

/// Where the server is in its life; the endpoints are there before the engine is.
enum ServerPhase: Sendable {
    case recovering
    case ready(Engine)
    /// Requests that run are finished; new events are refused.
    case draining(Engine?)
}

/// Holds the engine for the endpoints.
final class EngineSlot: Sendable {
    private let current = Locked(ServerPhase.recovering)

    var phase: ServerPhase { current.withLock { $0 } }

    /// The engine, if it takes events and queries.
    var accepting: Engine? {
        current.withLock { phase in
            if case .ready(let engine) = phase { engine } else { nil }
        }
    }

    /// The engine, if it is open.
    var running: Engine? {
        current.withLock { phase in
            switch phase {
            case .ready(let engine), .draining(.some(let engine)): engine
            case .recovering, .draining(.none): nil
            }
        }
    }

    func set(_ phase: ServerPhase) { current.withLock { $0 = phase } }
}
