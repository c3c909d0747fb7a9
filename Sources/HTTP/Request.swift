internal import CMicrohttpd

/// A request whose headers and body are complete.
///
/// Valid during the handler's call only: what is needed longer must be copied out of it.
@safe
package struct Request: ~Copyable {
    /// The method of the request line.
    package let method: Method
    /// The number of the HTTP loop that serves the connection, from 0.
    package let loop: Int
    /// The body as it came, not decompressed; `bodyPadding` more bytes behind it may be read.
    package let body: UnsafeRawBufferPointer
    private let exchange: Exchange
    private let pathPointer: UnsafePointer<CChar>
    private let connection: OpaquePointer

    /// How many readable bytes follow every body: what simdjson wants, so that it need not copy.
    package static var bodyPadding: Int { 64 }

    init(
        exchange: Exchange, connection: OpaquePointer, path: UnsafePointer<CChar>, loop: Int
    ) {
        self.exchange = exchange
        unsafe self.connection = connection
        unsafe self.pathPointer = path
        self.loop = loop
        method = exchange.method
        unsafe body = exchange.body.bytes
    }

    /// The path as it came, percent-encoding included.
    package var path: String { unsafe String(cString: pathPointer) }

    /// The query as it came, without its question mark; empty if there is none.
    package var query: String { exchange.query }

    /// The decoded parameters of the query in their order; nil if it is badly encoded.
    package var queryParameters: [URLCoding.Parameter]? {
        exchange.query.isEmpty ? [] : URLCoding.parameters(exchange.query)
    }

    /// What the segment `{name}` of the route's path matched, decoded.
    package func pathParameter(_ name: String) -> String? {
        exchange.pathParameters.first { $0.name == name }?.value
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        unsafe Headers.value(name, connection)
    }

    /// Whether the client takes a gzipped answer.
    package var acceptsGzip: Bool {
        header("Accept-Encoding").map(Compression.acceptsGzip) ?? false
    }

    /// The id that the answer carries in `X-Request-Id`.
    package var requestId: String { exchange.requestId.text }

    /// A copy of the body.
    package var bodyBytes: [UInt8] { unsafe [UInt8](body) }
}

/// Header look-up in libmicrohttpd's connection.
enum Headers {
    /// The first header of that name as text; invalid UTF-8 is replaced.
    static func value(_ name: String, _ connection: OpaquePointer) -> String? {
        unsafe view(name, connection).map { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The first header of that name where the connection keeps it.
    static func view(_ name: String, _ connection: OpaquePointer) -> UnsafeRawBufferPointer? {
        var value: UnsafePointer<CChar>?
        var size = 0
        let length = name.utf8.count
        let found = unsafe name.withCString { name in
            unsafe MHD_lookup_connection_value_n(
                connection, .HEADER_KIND, name, length, &value, &size)
        }
        guard found == .YES, let start = unsafe value else { return nil }
        return unsafe UnsafeRawBufferPointer(start: start, count: size)
    }
}
