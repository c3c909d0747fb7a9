internal import Base
internal import CMicrohttpd
internal import Synchronization

extension Loop {
    /// Queues the answer with the headers that all answers have.
    func send(
        _ response: Response, _ exchange: Exchange, _ connection: OpaquePointer
    ) -> MHD_Result {
        guard let reply = unsafe reply(response, exchange, connection) else { return .NO }
        defer { unsafe MHD_destroy_response(reply) }
        for header in response.headers where header.name != "Vary" {
            unsafe MHD_add_response_header(reply, header.name, header.value)
        }
        unsafe MHD_add_response_header(reply, "X-Request-Id", exchange.requestId.bytes)
        if let vary = vary(response, exchange.policy) {
            unsafe MHD_add_response_header(reply, "Vary", vary)
        }
        if let origin = unsafe Headers.value("Origin", connection) {
            for header in shared.crossOrigin.headers(origin, exchange.policy) {
                unsafe MHD_add_response_header(reply, header.name, header.value)
            }
        }
        if shared.stop.draining.load(ordering: .relaxed) {
            unsafe MHD_add_response_header(reply, "Connection", "close")
        }
        return unsafe MHD_queue_response(connection, UInt32(response.status), reply)
    }

    private func reply(
        _ response: Response, _ exchange: Exchange, _ connection: OpaquePointer
    ) -> OpaquePointer? {
        if let stream = response.stream {
            exchange.stream = stream
            remember(stream)
            return unsafe stream.makeReply(connection)
        }
        return unsafe response.body.withUnsafeBytes { body in
            unsafe MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress),
                .RESPMEM_MUST_COPY)
        }
    }

    /// The request headers that the answer depends on: what the handler says, and what is done to
    /// all answers.
    private func vary(_ response: Response, _ policy: CrossOriginPolicy) -> String? {
        var names = response.headers.first { $0.name == "Vary" }?.value ?? ""
        let mayCompress =
            response.body.count > Compression.thresholdBytes
            || response.headers.contains { $0.name == "Content-Encoding" }
        if mayCompress { Self.addName("Accept-Encoding", to: &names) }
        if shared.crossOrigin.varies(policy) { Self.addName("Origin", to: &names) }
        return names.isEmpty ? nil : names
    }

    private static func addName(_ name: String, to names: inout String) {
        if names.isEmpty {
            names = name
        } else if !names.contains(name) {
            names += ", " + name
        }
    }
}
