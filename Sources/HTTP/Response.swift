package import Base

/// An answer: status, headers and body.
///
/// `X-Request-Id`, CORS headers, `Vary` and `Content-Encoding` are added when it is sent.
package struct Response: Sendable {
    /// One header; names and values must hold no line breaks.
    package struct Header: Sendable, Equatable {
        /// The name as it is sent; headers are compared whatever their case.
        package var name: String
        /// The value as it is sent.
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The HTTP status code.
    package var status: Int
    /// What is sent beside the headers that the server adds.
    package var headers: [Header]
    /// The body, not compressed.
    package var body: [UInt8]
    /// A body that is still being made, in the place of `body`; sent as it is, in chunks.
    package var stream: BodyStream?

    package init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON answer.
    package static func json(
        _ body: [UInt8], status: Int = 200, headers: [Header] = []
    ) -> Response {
        Response(
            status: status, headers: [Header("Content-Type", "application/json")] + headers,
            body: body)
    }

    /// A plain-text answer.
    package static func text(
        _ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [Header("Content-Type", contentType)], body: [UInt8](text.utf8)
        )
    }

    /// An answer in the error form of the API: `{"error":{"code","message",…}}`.
    ///
    /// `details` writes further members of the error object. Errors are never cached.
    package static func error(
        _ status: Int, _ code: String, _ message: String, headers: [Header] = [],
        details: (inout JSONWriter) -> Void = { _ in }
    ) -> Response {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.field("code", code)
        writer.field("message", message)
        details(&writer)
        writer.endObject()
        writer.endObject()
        return .json(
            writer.finish(), status: status,
            headers: [Header("Cache-Control", "no-store")] + headers)
    }
}
