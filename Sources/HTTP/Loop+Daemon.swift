internal import Base
internal import CMicrohttpd
internal import Glibc

// The border to libmicrohttpd: C callbacks whose context is the loop, and whose request context is
// the exchange, retained from `begin` to `completed`.

extension Loop {
    /// Starts the thread of the loop.
    func start(connectionLimit: Int) throws(HTTPError) {
        var options = unsafe weir_loop_options()
        unsafe options.connectionLimit = UInt32(connectionLimit)
        unsafe options.idleSeconds = UInt32(shared.options.idleSeconds)
        unsafe options.connectionMemory = shared.options.connectionMemory
        unsafe options.context = Unmanaged.passUnretained(self).toOpaque()
        unsafe options.handler = weirHandle
        unsafe options.completed = weirCompleted
        unsafe options.begin = weirBegin
        // Paths and queries stay encoded: the router and the handlers decode what they use.
        unsafe options.unescape = { _, _, text in unsafe text.map { unsafe strlen($0) } ?? 0 }
        guard let started = unsafe weir_start_loop(&options) else {
            throw .loopFailed(unsafe String(cString: strerror(errno)))
        }
        let handle = unsafe Handle(pointer: started)
        daemon.withLock { $0 = handle }
    }

    /// Takes over a connection; closes it where the loop has too many.
    func add(socket: Int32, address: UnsafePointer<sockaddr>, length: socklen_t) {
        guard let daemon = daemon.withLock({ $0 }) else {
            close(socket)
            return
        }
        unsafe MHD_add_connection(daemon.pointer, socket, address, length)
    }

    /// Ends the thread and closes the connections; none may be suspended.
    func stop() {
        guard let daemon = daemon.withLock({ $0.take() }) else { return }
        unsafe MHD_stop_daemon(daemon.pointer)
    }
}

private func weirBegin(
    context: UnsafeMutableRawPointer?, uri: UnsafePointer<CChar>?, connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context, let uri = unsafe uri else { return nil }
    let loop = unsafe Unmanaged<Loop>.fromOpaque(context).takeUnretainedValue()
    return unsafe Unmanaged.passRetained(loop.begin(uri: uri)).toOpaque()
}

private func weirHandle(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, upload: UnsafePointer<CChar>?,
    uploadSize: UnsafeMutablePointer<Int>?,
    requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context = unsafe context, let connection = unsafe connection, let url = unsafe url,
        let method = unsafe method, let uploadSize = unsafe uploadSize,
        let pointer = unsafe requestContext?.pointee
    else { return .NO }
    let loop = unsafe Unmanaged<Loop>.fromOpaque(context).takeUnretainedValue()
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    let bytes = unsafe UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
    unsafe uploadSize.pointee = 0
    return unsafe loop.handle(exchange, connection, path: url, method: method, upload: bytes)
}

private func weirCompleted(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    reason: MHD_RequestTerminationCode
) {
    guard let context = unsafe context, let pointer = unsafe requestContext?.pointee else { return }
    unsafe requestContext?.pointee = nil
    let loop = unsafe Unmanaged<Loop>.fromOpaque(context).takeUnretainedValue()
    loop.end(unsafe Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue())
}
