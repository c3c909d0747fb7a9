internal import Base
internal import Synchronization

/// Limits and sizes of a server.
package struct HTTPOptions: Sendable {
    /// How many threads serve connections.
    package var loops = 2
    /// How many connections may be open at once, over all loops.
    package var connections = 1_024
    /// After this many seconds without traffic a connection is closed.
    package var idleSeconds = 75
    /// Memory for the headers of one connection; larger ones are answered 431.
    ///
    /// libmicrohttpd clears all of it after each request, a tenth of the time of a small one at
    /// 32 KiB; and it reads bodies in pieces of about this size, so it should not be tiny.
    package var connectionMemory = 16 << 10
    /// The largest body in bytes; a route may set its own.
    package var bodyLimit = 8 << 20
    /// Whose pages may read answers of routes with `CrossOriginPolicy.listed`; `*` for all.
    package var origins: [String] = []

    package init() {}
}

/// Why a server did not start.
package enum HTTPError: Error, Equatable, Sendable, CustomStringConvertible {
    case badAddress(String)
    case portInUse(String)
    case listenFailed(address: String, reason: String)
    case loopFailed(String)

    package var description: String {
        switch self {
        case .badAddress(let text):
            "cannot listen on '\(text)': expected HOST:PORT with an IP address or localhost"
        case .portInUse(let address): "cannot listen on \(address): the port is in use"
        case .listenFailed(let address, let reason): "cannot listen on \(address): \(reason)"
        case .loopFailed(let reason): "cannot start an HTTP loop: \(reason)"
        }
    }
}

/// An HTTP/1.1 server: one thread that accepts connections and hands them to the loops in turn, so
/// that few connections are spread evenly, and one thread for each loop.
package final class HTTPServer: Sendable {
    /// Where it listens, with the real port.
    package let address: ListenAddress
    private let loops: [Loop]
    private let stopState: StopState
    private let acceptor: Locked<Acceptor?>

    /// Starts to serve on the socket.
    package init(
        _ socket: consuming ListenSocket, options: HTTPOptions, router: Router
    ) throws(HTTPError) {
        address = socket.address
        let shared = LoopShared(
            router: router, options: options, crossOrigin: CrossOrigin(origins: options.origins))
        stopState = shared.stop
        let count = max(1, options.loops)
        loops = (0..<count).map { Loop(index: $0, shared: shared) }
        for loop in loops {
            try loop.start(connectionLimit: max(1, (options.connections + count - 1) / count))
        }
        acceptor = Locked(Acceptor(socket, loops: loops))
    }

    /// How many requests have begun and are not answered in full.
    package var activeRequests: Int {
        loops.reduce(0) { $0 + $1.active.load(ordering: .acquiring) }
    }

    /// Stops: accepts nothing more, waits for running requests (their connections are closed after
    /// the answer), answers 503 to those that last longer, then closes all connections.
    package func stop(graceSeconds: Int = 10) {
        if let acceptor = acceptor.withLock({ $0.take() }) { acceptor.stop() }
        stopState.draining.store(true, ordering: .releasing)
        wait(milliseconds: graceSeconds * 1_000) {}
        stopState.refusing.store(true, ordering: .releasing)
        wait(milliseconds: 2_000) {
            for loop in loops { loop.refuseWaiting() }
        }
        for loop in loops { loop.stop() }
    }

    /// Waits until no request is active, at most so long; runs the action every few milliseconds.
    private func wait(milliseconds: Int, _ action: () -> Void) {
        let deadline = Clock.monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
        while activeRequests > 0, Clock.monotonicNanoseconds() < deadline {
            action()
            Clock.sleep(nanoseconds: 2_000_000)
        }
    }
}
