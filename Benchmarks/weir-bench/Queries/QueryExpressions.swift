internal import Base
internal import Expressions

/// The expressions of the query set.
extension Expression {
    /// Whether a column of text is equal to a text.
    static func equal(_ column: Int, _ text: String) -> Expression {
        call("=", [.column(column, .string), .constant(.string(text), .string)])
    }

    /// Whether a column of text contains a text.
    static func contains(_ column: Int, _ text: String) -> Expression {
        call("like", [.column(column, .string), .constant(.string("%\(text)%"), .string)])
    }

    /// The start of the span of time that a column's instants lie in.
    static func truncated(_ column: Int, _ unit: TimeUnit) -> Expression {
        call(
            "date_trunc",
            [.constant(.string(unit.rawValue), .string), .column(column, .timestamp)])
    }

    /// The milliseconds between two columns of instants.
    static func difference(_ column: Int, _ other: Int) -> Expression {
        call(
            "date_diff",
            [
                .constant(.string("millisecond"), .string), .column(other, .timestamp),
                .column(column, .timestamp),
            ])
    }

    /// That a column of instants lies in a range.
    static func within(_ column: Int, _ range: Range<Milliseconds>) -> [Expression] {
        [
            call(
                ">=",
                [.column(column, .timestamp), .constant(.timestamp(range.lowerBound), .timestamp)]),
            call(
                "<",
                [.column(column, .timestamp), .constant(.timestamp(range.upperBound), .timestamp)]),
        ]
    }

    private static func call(_ name: String, _ arguments: [Expression]) -> Expression {
        do {
            return try FunctionCatalog.bind(name, arguments) { _ in nil }
        } catch {
            fatalError("\(name): \(error.message)")
        }
    }
}
