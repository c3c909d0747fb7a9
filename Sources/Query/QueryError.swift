package import Base

/// Why a query cannot be answered, as its sender is told.
package struct QueryError: Error, Sendable, Equatable {
    /// The HTTP status: 400 for what is malformed, 422 for names that do not exist, unsupported
    /// wishes and passed limits, 503 where the storage fails.
    package var status: Int
    /// What programs tell errors apart by, in snake case.
    package var code: String
    /// What was wrong, for people.
    package var message: String
    /// Names that exist and resemble the one that does not, best first.
    package var closest: [String] = []
    /// Where in the text of a query; nil where there is none.
    package var place: Place?

    /// A place in the text of a query.
    package struct Place: Sendable, Equatable {
        /// From 1.
        package var line: Int
        /// In characters, from 1.
        package var column: Int
        /// The line, or what of it is near, and carets below.
        package var excerpt: String
    }

    /// An error as it is sent.
    package init(status: Int, code: String, message: String, closest: [String] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.closest = closest
    }

    /// The error form of the HTTP API.
    package func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.field("code", code)
        writer.field("message", message)
        writeDetails(into: &writer)
        writer.endObject()
        writer.endObject()
        return writer.finish()
    }

    /// What an error says beside code and message.
    package func writeDetails(into writer: inout JSONWriter) {
        if !closest.isEmpty { writer.field("closest", closest) }
        guard let place else { return }
        writer.field("line", place.line)
        writer.field("column", place.column)
        writer.field("excerpt", place.excerpt)
    }

    /// A request that says something that cannot be read.
    static func invalid(_ code: String, _ message: String) -> QueryError {
        QueryError(status: 400, code: code, message: message)
    }

    /// A name that is none of `known`; `what` says of which kind (`metric`, `dimension`).
    static func unknown(
        _ what: String, _ name: String, known: [String], status: Int = 422
    ) -> QueryError {
        let similar = Base.closest(to: name, in: known)
        var message = "unknown \(what) \"\(name)\""
        if !similar.isEmpty {
            message += "; did you mean \(similar.joined(separator: ", "))?"
        } else if !known.isEmpty {
            message += "; known: \(known.joined(separator: ", "))"
        }
        return QueryError(
            status: status, code: "unknown_\(what)", message: message, closest: similar)
    }
}
