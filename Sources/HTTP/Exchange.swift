internal import Base
internal import CMicrohttpd

/// One request and its answer, as long as libmicrohttpd is busy with it.
///
/// Belongs to the thread of its loop, which uses it again for later requests.
final class Exchange {
    /// How far the exchange is.
    enum Phase {
        /// The headers are not complete yet.
        case begun
        /// The body is read into `body`.
        case reading
        /// The body is read and thrown away; `rejection` is sent at its end.
        case discarding
        /// The handler was called; its answer is awaited.
        case handled
    }

    var phase = Phase.begun
    var method = Method.other
    var query = ""
    var endpoint: Int?
    var route: Route?
    var pathParameters: [URLCoding.Parameter] = []
    var requestId = RequestId()
    var body = BodyBuffer()
    var discarded = 0
    var policy = CrossOriginPolicy.listed
    var rejection: Response?
    var wasSuspended = false
    var responder = Responder()
    /// The body that is being sent while it is made.
    var stream: BodyStream?

    /// Makes the exchange ready for the next request.
    ///
    /// A responder that someone kept is replaced.
    func reset() {
        phase = .begun
        method = .other
        if !query.isEmpty { query = "" }
        endpoint = nil
        route = nil
        if !pathParameters.isEmpty { pathParameters = [] }
        wasSuspended = false
        body.removeAll()
        discarded = 0
        policy = .listed
        rejection = nil
        stream = nil
        responder.finish()
        if !isKnownUniquelyReferenced(&responder) { responder = Responder() }
    }
}

/// The bytes of a body, in memory that is kept for the next one.
@safe
struct BodyBuffer: ~Copyable {
    private var start: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    private(set) var count = 0

    init() {}

    deinit { unsafe start?.deallocate() }

    /// The bytes; `Request.bodyPadding` more may be read behind them.
    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(start), count: count)
    }

    /// Makes room for `total` bytes and the padding.
    mutating func reserve(_ total: Int) {
        let wanted = total + Request.bodyPadding
        guard wanted > capacity else { return }
        let grown = max(wanted, min(2 * capacity, 1 << 20), 1 << 10)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 64)
        if let start = unsafe start {
            unsafe memory.copyMemory(from: start, byteCount: count)
            unsafe start.deallocate()
        }
        unsafe start = memory
        capacity = grown
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        guard let source = more.baseAddress, more.count > 0 else { return }
        reserve(growth(to: count + more.count))
        if let start = unsafe start {
            unsafe (start + count).copyMemory(from: source, byteCount: more.count)
        }
        count += more.count
    }

    mutating func removeAll() { count = 0 }

    /// Gives the memory back.
    mutating func release() {
        unsafe start?.deallocate()
        unsafe start = nil
        capacity = 0
        count = 0
    }

    /// Doubles where the final size is not known, so that copying stays linear in it.
    private func growth(to total: Int) -> Int {
        total + Request.bodyPadding <= capacity ? total : max(total, 2 * capacity)
    }
}
