internal import Base
internal import CMicrohttpd
internal import Glibc
internal import Synchronization

// How a request goes through libmicrohttpd's access handler, which is called
//
// 1. when the headers are complete: `admit` finds the route and decides what to do with the body;
// 2. for each piece of the body: it is kept, or thrown away where the answer is settled already;
// 3. when the request is complete: the handler runs, and answers or leaves the connection asleep;
// 4. after a sleeping connection was resumed: its answer is sent.
//
// An answer can be queued in 1, 3 and 4 only, and in 1 it costs the connection. So a rejected body
// is read to its end as long as it is not absurdly long: a client that is still writing would
// otherwise meet a reset connection instead of the answer.

extension Loop {
    /// Rejected bodies are read up to this length.
    private static var discardBytesMax: Int { 64 << 20 }

    /// Step on; `.NO` closes the connection.
    func handle(
        _ exchange: Exchange, _ connection: OpaquePointer, path: UnsafePointer<CChar>,
        method: UnsafePointer<CChar>, upload: UnsafeRawBufferPointer
    ) -> MHD_Result {
        switch exchange.phase {
        case .begun:
            return unsafe admit(exchange, connection, path: path, method: method)
        case .reading:
            if upload.count > 0 { return unsafe read(exchange, upload) }
            return unsafe run(exchange, connection, path: path)
        case .discarding:
            exchange.discarded += upload.count
            if upload.count > 0 {
                return exchange.discarded > Self.discardBytesMax ? .NO : .YES
            }
            return unsafe reject(exchange, connection)
        case .handled:
            guard let response = exchange.responder.take() else { return .NO }
            return unsafe send(response, exchange, connection)
        }
    }

    private func admit(
        _ exchange: Exchange, _ connection: OpaquePointer, path: UnsafePointer<CChar>,
        method: UnsafePointer<CChar>
    ) -> MHD_Result {
        unsafe identify(exchange, connection)
        unsafe exchange.method = Method(line: method)
        let path = unsafe UnsafeRawBufferPointer(start: path, count: strlen(path))
        let declared = unsafe declaredLength(exchange.method, connection)
        exchange.rejection = unsafe rejection(exchange, connection, path, declared)
        guard exchange.rejection == nil else {
            exchange.phase = .discarding
            let waits = unsafe Headers.view("Expect", connection) != nil
            return declared > Self.discardBytesMax || (waits && declared > 0)
                ? unsafe reject(exchange, connection) : .YES
        }
        exchange.phase = .reading
        if declared > 0 { exchange.body.reserve(declared) }
        return .YES
    }

    /// The length that the client announces, libmicrohttpd having checked that it is a number.
    private func declaredLength(_ method: Method, _ connection: OpaquePointer) -> Int {
        guard method != .get, method != .head,
            let text = unsafe Headers.view("Content-Length", connection)
        else { return 0 }
        return unsafe text.reduce(0) { length, digit in
            min(length, 1 << 50) * 10 + Int(digit & 0xF)
        }
    }

    /// Finds the route; an answer if the request is over with that.
    private func rejection(
        _ exchange: Exchange, _ connection: OpaquePointer, _ path: UnsafeRawBufferPointer,
        _ declared: Int
    ) -> Response? {
        guard let match = unsafe shared.router.find(path) else {
            return unsafe .error(
                404, "not_found", "there is nothing at \(String(decoding: path, as: UTF8.self))")
        }
        let endpoint = shared.router.endpoints[match.endpoint]
        if !match.parameters.isEmpty { exchange.pathParameters = match.parameters }
        if exchange.method == .options {
            return unsafe options(exchange, connection, endpoint)
        }
        exchange.route = endpoint.route(exchange.method)
        guard let route = exchange.route else {
            // The policy of the path still says who may read the error.
            exchange.policy = endpoint.routes[0].crossOrigin
            return .error(
                405, "method_not_allowed", "this path takes \(endpoint.allowed)",
                headers: [Response.Header("Allow", endpoint.allowed)])
        }
        exchange.policy = route.crossOrigin
        let limit = route.bodyLimit ?? shared.options.bodyLimit
        return declared > limit ? Self.bodyTooLarge(limit) : nil
    }

    private func options(
        _ exchange: Exchange, _ connection: OpaquePointer, _ endpoint: Router.Endpoint
    ) -> Response {
        let wanted = unsafe Headers.value("Access-Control-Request-Method", connection)
        let route = wanted.flatMap { endpoint.route(Method($0)) } ?? endpoint.routes[0]
        exchange.policy = route.crossOrigin
        guard wanted != nil, let origin = unsafe Headers.value("Origin", connection) else {
            return Response(
                status: 204, headers: [Response.Header("Allow", endpoint.allowed)])
        }
        return unsafe shared.crossOrigin.preflight(
            origin, route.crossOrigin, allowed: endpoint.allowed,
            requestHeaders: Headers.value("Access-Control-Request-Headers", connection))
    }

    private func read(_ exchange: Exchange, _ upload: UnsafeRawBufferPointer) -> MHD_Result {
        let limit = exchange.route?.bodyLimit ?? shared.options.bodyLimit
        let total = exchange.body.count + upload.count
        if total <= limit {
            unsafe exchange.body.append(upload)
        } else {
            exchange.phase = .discarding
            exchange.discarded = total
            exchange.body.release()
            exchange.rejection = Self.bodyTooLarge(limit)
        }
        return .YES
    }

    private func run(
        _ exchange: Exchange, _ connection: OpaquePointer, path: UnsafePointer<CChar>
    ) -> MHD_Result {
        guard let route = exchange.route else { return .NO }
        exchange.phase = .handled
        exchange.responder.begin()
        if shared.stop.refusing.load(ordering: .acquiring) {
            exchange.responder.answer(Self.shuttingDown)
        } else {
            let request = unsafe Request(
                exchange: exchange, connection: connection, path: path, loop: index)
            route.handler(request, exchange.responder)
        }
        if var response = exchange.responder.take() {
            if response.body.count > Compression.thresholdBytes,
                unsafe acceptsGzip(connection)
            {
                Compression.compress(&response)
            }
            return unsafe send(response, exchange, connection)
        }
        let gzip = unsafe acceptsGzip(connection)
        if let response = unsafe exchange.responder.suspend(connection, acceptsGzip: gzip) {
            return unsafe send(response, exchange, connection)
        }
        exchange.wasSuspended = true
        remember(exchange.responder)
        return .YES
    }

    private func reject(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        guard let response = exchange.rejection else { return .NO }
        return unsafe send(response, exchange, connection)
    }

    private func acceptsGzip(_ connection: OpaquePointer) -> Bool {
        unsafe Headers.value("Accept-Encoding", connection).map(Compression.acceptsGzip) ?? false
    }

    private static func bodyTooLarge(_ limit: Int) -> Response {
        .error(413, "body_too_large", "the body exceeds the limit of \(limit) bytes") {
            $0.field("limitBytes", limit)
        }
    }

    /// The answer to requests that a stop cannot wait for.
    static var shuttingDown: Response {
        .error(
            503, "shutting_down", "the server is shutting down",
            headers: [Response.Header("Retry-After", "5")])
    }
}

extension Method {
    /// The method of a request line; the common ones without a string.
    fileprivate init(line: UnsafePointer<CChar>) {
        if unsafe strcmp(line, "POST") == 0 {
            self = .post
        } else if unsafe strcmp(line, "GET") == 0 {
            self = .get
        } else {
            self.init(unsafe String(cString: line))
        }
    }
}
