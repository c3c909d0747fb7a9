internal import SQL

/// The text of a query, for errors that point into it.
struct BindingPlace: Sendable {
    let text: QueryText

    /// An error about a part of the text.
    func error(
        _ code: String, _ message: String, at range: SourceRange, status: Int = 422,
        closest: [String] = []
    ) -> QueryError {
        var error = QueryError(status: status, code: code, message: message, closest: closest)
        if !closest.isEmpty {
            error.message += "; did you mean \(closest.joined(separator: " or "))?"
        }
        let place = SQLError(.syntax, message, at: range, in: text)
        error.place = QueryError.Place(
            line: place.line, column: place.column, excerpt: place.excerpt)
        return error
    }
}

extension QueryError {
    /// An error of reading the text.
    init(_ error: SQLError) {
        self.init(
            status: error.code == .limit ? 422 : 400, code: error.code.rawValue,
            message: error.message, closest: error.closest)
        place = Place(line: error.line, column: error.column, excerpt: error.excerpt)
    }
}
