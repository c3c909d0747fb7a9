internal import Base
internal import CMicrohttpd

/// The body of an answer that is sent while it is still made: a bounded pipe from any one thread
/// to the client.
///
/// The writer sleeps while the client is slower than it; the connection sleeps while the writer is
/// slower than the client.
package final class BodyStream: Sendable {
    @safe
    private struct State {
        var chunks: [[UInt8]] = []
        /// How much of the first chunk is sent.
        var sent = 0
        /// How much waits in all chunks.
        var byteCount = 0
        var isFinished = false
        /// The body cannot be completed.
        var isFailed = false
        /// Nobody reads any more.
        var isClosed = false
        var connection: Handle?
        var isSuspended = false
    }

    private let state = Monitor(State())
    private let bytesMost: Int

    /// A pipe that holds about so many bytes.
    package init(bytesMost: Int = 1 << 20) { self.bytesMost = bytesMost }

    /// Adds bytes, once there is room; false if nobody will read them, or there was no room until
    /// the deadline (in nanoseconds of the monotonic clock).
    package func write(_ bytes: [UInt8], until deadline: UInt64? = nil) -> Bool {
        if bytes.isEmpty { return !isClosed }
        let bytesMost = bytesMost
        let taken = state.wait(until: deadline) { state -> Bool? in
            if state.isClosed || state.isFailed { return false }
            guard state.byteCount < bytesMost else { return nil }
            state.chunks.append(bytes)
            state.byteCount += bytes.count
            Self.resume(&state)
            return true
        }
        return taken ?? false
    }

    /// Says that all is written.
    package func finish() {
        state.withLock { state in
            state.isFinished = true
            Self.resume(&state)
        }
    }

    /// Says that the rest cannot be written: the connection is cut, so that the client can tell.
    package func fail() {
        state.update { state in
            state.isFailed = true
            Self.resume(&state)
        }
    }

    /// Whether nobody reads any more.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    // MARK: The side of the loop

    /// What a read gave.
    enum Piece {
        case bytes(Int)
        /// The connection sleeps until there is more.
        case later
        case end
        case failure
    }

    /// Names the connection that reads.
    func begin(_ connection: OpaquePointer) {
        let handle = unsafe Handle(pointer: connection)
        state.withLock { $0.connection = handle }
    }

    /// Copies what is there; for the loop's thread, within libmicrohttpd's content reader.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Piece {
        state.update { state -> Piece in
            if state.isFailed { return .failure }
            guard let chunk = state.chunks.first else {
                if state.isFinished { return .end }
                if let connection = state.connection {
                    unsafe MHD_suspend_connection(connection.pointer)
                    state.isSuspended = true
                }
                return .later
            }
            let count = min(buffer.count, chunk.count - state.sent)
            let sent = state.sent
            unsafe chunk.withUnsafeBytes { bytes in
                unsafe buffer.copyMemory(from: .init(rebasing: bytes[sent..<sent + count]))
            }
            state.sent += count
            state.byteCount -= count
            if state.sent == chunk.count {
                state.chunks.removeFirst()
                state.sent = 0
            }
            return .bytes(count)
        }
    }

    /// Nobody reads any more.
    func close() {
        state.update { state in
            state.isClosed = true
            state.connection = nil
            state.chunks = []
            state.byteCount = 0
        }
    }

    private static func resume(_ state: inout State) {
        guard state.isSuspended, let connection = state.connection else { return }
        state.isSuspended = false
        unsafe MHD_resume_connection(connection.pointer)
    }
}

extension BodyStream {
    /// The answer to be queued; it holds the stream until it is sent or given up.
    func makeReply(_ connection: OpaquePointer) -> OpaquePointer? {
        unsafe begin(connection)
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let created = unsafe weir_stream_response(
            1 << 16, context,
            { context, _, buffer, count in
                guard let context = unsafe context, let buffer = unsafe buffer else { return -2 }
                let stream = unsafe Unmanaged<BodyStream>.fromOpaque(context)
                    .takeUnretainedValue()
                let space = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: count)
                return switch unsafe stream.read(into: space) {
                case .bytes(let count): count
                case .later: 0
                case .end: -1
                case .failure: -2
                }
            },
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<BodyStream>.fromOpaque(context).takeRetainedValue().close()
            })
        if unsafe created == nil {
            unsafe Unmanaged<BodyStream>.fromOpaque(context).release()
        }
        return unsafe created
    }
}
