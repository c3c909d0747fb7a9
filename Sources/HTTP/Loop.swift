internal import Base
internal import CLinux
internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// What all loops of a server share.
struct LoopShared: Sendable {
    let router: Router
    let options: HTTPOptions
    let crossOrigin: CrossOrigin
    let stop = StopState()
    let idSeed = UInt64.random(in: 0 ... .max)
}

/// How far a stop is; read by the loops at every answer.
final class StopState: Sendable {
    /// Answers close their connections.
    let draining = Atomic(false)
    /// Requests are no longer given to handlers.
    let refusing = Atomic(false)
}

/// One thread of libmicrohttpd with its connections.
///
/// `active`, `waiting` and `daemon` are for all threads. The rest is touched by that one thread
/// only, from libmicrohttpd's callbacks, which is why the class may call itself Sendable.
@safe
final class Loop: @unchecked Sendable {
    let index: Int
    let shared: LoopShared
    /// How many requests have begun and are not over.
    let active = Atomic(0)
    /// The responders of suspended connections, for a stop that cannot wait any longer.
    let waiting = Locked<[ObjectIdentifier: Responder]>([:])
    /// The bodies that are being sent while they are made.
    let streams = Locked<[ObjectIdentifier: BodyStream]>([:])
    private var idle: [Exchange] = []
    private var idleBytes = 0
    private var requestNumber: UInt64
    private var isNamed = false
    /// The daemon, once it runs.
    let daemon = Locked<Handle?>(nil)

    /// Idle exchanges keep at most this much body memory.
    private static var idleBytesMax: Int { 8 << 20 }
    private static var idleCountMax: Int { 256 }

    init(index: Int, shared: LoopShared) {
        self.index = index
        self.shared = shared
        requestNumber = UInt64(index) << 56
    }

    /// Takes an exchange for a new request.
    func begin(uri: UnsafePointer<CChar>) -> Exchange {
        active.add(1, ordering: .relaxed)
        if !isNamed {
            isNamed = true
            unsafe weir_set_thread_name("weir-http-\(index)")
        }
        let exchange = idle.popLast() ?? Exchange()
        idleBytes -= exchange.body.capacity
        if let mark = unsafe strchr(uri, 0x3F) {
            unsafe exchange.query = String(cString: mark + 1)
        }
        return exchange
    }

    /// Takes back the exchange of a request that is over, however it ended.
    func end(_ exchange: Exchange) {
        if exchange.wasSuspended { forget(exchange.responder) }
        if let stream = exchange.stream { forget(stream) }
        exchange.reset()
        if idleBytes + exchange.body.capacity > Self.idleBytesMax { exchange.body.release() }
        if idle.count < Self.idleCountMax {
            idleBytes += exchange.body.capacity
            idle.append(exchange)
        }
        active.subtract(1, ordering: .releasing)
    }

    /// Gives the request an id: the client's, else the next of this loop, scrambled by a bijection
    /// so that ids of one server never meet.
    func identify(_ exchange: Exchange, _ connection: OpaquePointer) {
        if let client = unsafe Headers.view("X-Request-Id", connection),
            unsafe exchange.requestId.take(client)
        {
            return
        }
        requestNumber &+= 1
        exchange.requestId.generate(hash64(requestNumber ^ shared.idSeed))
    }

    /// Notes a responder whose connection is about to sleep.
    func remember(_ responder: Responder) {
        waiting.withLock { $0[ObjectIdentifier(responder)] = responder }
    }

    private func forget(_ responder: Responder) {
        waiting.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(responder)) }
    }

    /// Notes a body that is about to be sent while it is made.
    func remember(_ stream: BodyStream) {
        streams.withLock { $0[ObjectIdentifier(stream)] = stream }
    }

    private func forget(_ stream: BodyStream) {
        streams.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(stream)) }
    }
}

extension Loop {
    /// Answers 503 to all whose connections sleep, and cuts bodies off that are not complete.
    func refuseWaiting() {
        for responder in waiting.withLock({ Array($0.values) }) {
            responder.answer(Self.shuttingDown)
        }
        for stream in streams.withLock({ Array($0.values) }) { stream.fail() }
    }
}

/// A daemon, or a suspended connection, of libmicrohttpd.
@safe
struct Handle: @unchecked Sendable {
    // `@unchecked`: connections are added to daemons, and resumed, from any thread; both are
    // documented to be safe.
    let pointer: OpaquePointer
}
