/// Why a query cannot be read or understood, and where in its text.
package struct SQLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What programs tell errors apart by.
    package enum Code: String, Sendable {
        /// The text is no query.
        case syntax = "sql_syntax"
        /// The text is SQL that Weir does not have.
        case unsupported = "sql_unsupported"
        /// The text would change something.
        case readOnly = "sql_read_only"
        /// The text is too long or nested too deeply.
        case limit = "query_limit"
    }

    /// What programs tell errors apart by.
    package let code: Code
    /// What is wrong, for people, with the closest names if there are any.
    package let message: String
    /// The line, from 1.
    package let line: Int
    /// The character of the line, from 1.
    package let column: Int
    /// The line, or what of it is near the place, and carets on the line below.
    package let excerpt: String
    /// What may have been meant instead, best first.
    package let closest: [String]

    /// An error about a part of a query; takes time proportional to the query.
    package init(
        _ code: Code, _ message: String, at range: SourceRange, in text: QueryText,
        closest: [String] = []
    ) {
        self.code = code
        self.message =
            closest.isEmpty
            ? message : "\(message); did you mean \(closest.joined(separator: " or "))?"
        line = text.lineNumber(of: range.start)
        let start = text.lineRange(around: range.start).lowerBound
        column = text.string(start..<max(start, range.start)).count + 1
        excerpt = Excerpt(of: range, in: text).lines
        self.closest = closest
    }

    /// The place and the message, then the excerpt, as a terminal shows it.
    package var description: String { "line \(line), column \(column): \(message)\n\(excerpt)" }
}
