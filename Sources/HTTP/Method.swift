/// A request method.
///
/// `HEAD` is answered by the handler of `GET`, `OPTIONS` by the router.
package enum Method: UInt8, Sendable, CaseIterable {
    case get, head, post, put, delete, patch, options, other

    /// The method of a request line.
    package init(_ name: String) {
        self = Self.allCases.first { $0.name == name } ?? .other
    }

    /// The method as the request line spells it.
    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other: "OTHER"
        }
    }
}
