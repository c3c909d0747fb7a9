internal import Base
internal import Events
internal import HTTP
internal import Query

/// A request that is wrong before its events or its query are looked at.
enum RequestError: Error {
    case badQuery
    case unknownParameter(String, known: [String])
    case badParameter(String, String)
    case unknownContentEncoding(String)
    case emptyBody
    case badBody(BodyError)
    case badMetricsQuery(QueryError)
    case tooManyQueries
    case badSnapshot(_ code: String, _ message: String)
    case tooManySnapshots

    var response: Response {
        switch self {
        case .badQuery:
            .error(400, "invalid_query", "the query string is not validly percent-encoded UTF-8")
        case .unknownParameter(let name, let known):
            .error(400, "unknown_parameter", "unknown parameter '\(name)'") {
                if !known.isEmpty { $0.field("closest", known) }
            }
        case .badParameter(let name, let reason):
            .error(400, "invalid_parameter", "\(name) \(reason)") { $0.field("parameter", name) }
        case .unknownContentEncoding(let name):
            .error(
                415, "unsupported_content_encoding",
                "Content-Encoding '\(name)' is not known; use gzip, deflate or none")
        case .emptyBody: .error(400, "empty_body", "the request has no body")
        case .badBody(let error): .error(error.status, error.code, error.message)
        case .badMetricsQuery(let error): Response(error)
        case .tooManyQueries:
            .error(
                429, "too_many_queries", "too many queries wait; try again later",
                headers: [Response.Header("Retry-After", "1")])
        case .badSnapshot(let code, let message): .error(400, code, message)
        case .tooManySnapshots:
            .error(
                429, "too_many_snapshots",
                "too many requests about snapshots wait; try again later",
                headers: [Response.Header("Retry-After", "1")])
        }
    }

    /// Refuses parameters that the route does not know; names that start with `_` are let pass.
    static func check(_ request: borrowing Request, allows known: [String]) throws(RequestError) {
        guard !request.query.isEmpty else { return }
        guard let parameters = request.queryParameters else { throw .badQuery }
        let unknown = parameters.first { !$0.name.hasPrefix("_") && !known.contains($0.name) }
        if let unknown { throw .unknownParameter(unknown.name, known: known) }
    }
}
