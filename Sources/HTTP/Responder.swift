internal import Base
internal import CMicrohttpd
internal import Glibc

/// The way back to the client of one request.
///
/// It may be kept and used from any thread; the first answer counts, further ones and those after
/// the client left change nothing.
package final class Responder: Sendable {
    private enum Phase {
        /// The handler runs, or has not run yet.
        case open
        /// The handler returned without an answer; the connection sleeps until there is one.
        case suspended
        /// The answer is there, and the loop has not sent it yet.
        case answered
        /// The exchange is over.
        case finished
    }

    @safe
    private struct State {
        var phase = Phase.open
        var response: Response?
        var connection: Handle?
        var acceptsGzip = false
    }

    private let state = Locked(State())

    init() {}

    /// Answers the request.
    ///
    /// Returns whether this was its first answer and the client could still be there. A body over 1
    /// KiB of a suspended request is compressed here, on the caller's thread, if the client accepts
    /// it.
    @discardableResult
    package func answer(_ response: Response) -> Bool {
        var response = response
        let compresses = state.withLock { $0.phase == .suspended && $0.acceptsGzip }
        if compresses { Compression.compress(&response) }
        return state.withLock { state in
            switch state.phase {
            case .answered, .finished: return false
            case .open:
                state.response = response
                state.phase = .answered
            case .suspended:
                state.response = response
                state.phase = .answered
                // A suspended connection lives until it is resumed, even if the client is gone.
                if let connection = state.connection {
                    unsafe MHD_resume_connection(connection.pointer)
                }
            }
            return true
        }
    }

    /// Whether an answer would still be sent; long work may ask this from time to time.
    package var isOpen: Bool {
        state.withLock { $0.phase == .open || $0.phase == .suspended }
    }

    /// Whether the client of a request that sleeps has closed its side of the connection.
    ///
    /// libmicrohttpd does not look at connections that sleep. Costs a system call.
    package var hasClientLeft: Bool {
        state.withLock { state in
            if state.phase == .finished { return true }
            guard state.phase == .suspended, let connection = state.connection else {
                return false
            }
            let socket = unsafe weir_connection_socket(connection.pointer)
            guard socket >= 0 else { return true }
            var byte: UInt8 = 0
            // Nothing to read is an error, bytes are the next request; 0 is the end.
            return unsafe recv(
                socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
        }
    }

    /// Readies the responder for a new request.
    func begin() {
        state.withLock { $0 = State() }
    }

    /// Takes the answer if there is one.
    ///
    /// For the loop's thread.
    func take() -> Response? {
        state.withLock { state in
            guard state.phase == .answered else { return nil }
            state.phase = .finished
            return state.response.take()
        }
    }

    /// Puts the connection to sleep until there is an answer; if there is one by now, returns it
    /// instead.
    ///
    /// For the loop's thread, within libmicrohttpd's access handler.
    func suspend(_ connection: OpaquePointer, acceptsGzip: Bool) -> Response? {
        let handle = unsafe Handle(pointer: connection)
        return state.withLock { state -> Response? in
            if state.phase == .answered {
                state.phase = .finished
                return state.response.take()
            }
            state.phase = .suspended
            state.acceptsGzip = acceptsGzip
            state.connection = handle
            unsafe MHD_suspend_connection(handle.pointer)
            return nil
        }
    }

    /// Ends the exchange: later answers go nowhere.
    func finish() {
        state.withLock {
            $0.phase = .finished
            $0.response = nil
            $0.connection = nil
        }
    }
}
