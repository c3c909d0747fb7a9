/// A name as it is meant, without quotes.
package struct NameSyntax: Sendable, Equatable {
    /// The name, in the letters of the query.
    package let text: String
    /// The bytes it was read from, with quotes.
    package let range: SourceRange

    package init(_ text: String, range: SourceRange = .none) {
        self.text = text
        self.range = range
    }
}

/// The name of a type: `Int64`, `DECIMAL(10, 2)`, `Array(Nullable(String))`, `INTEGER[]`.
///
/// Nothing is known here about which types there are; the binder looks the name up, without regard
/// to case.
package struct TypeSyntax: Sendable, Equatable {
    /// What may stand in the parentheses of a type.
    package indirect enum Argument: Sendable, Equatable {
        case type(TypeSyntax)
        case integer(UInt64)
        case string(String)
    }

    /// The name in the letters of the query.
    ///
    /// `DOUBLE PRECISION` and `TIMESTAMP WITH TIME ZONE` have one space between words. `T[]` is read
    /// as `Array(T)`.
    package let name: String
    /// What stands in parentheses; empty if there are none.
    package let arguments: [Argument]
    /// From the first to the last token.
    package let range: SourceRange
    /// How many types lie in each other.
    let height: Int

    /// A type of that name.
    package init(_ name: String, _ arguments: [Argument] = [], range: SourceRange = .none) {
        self.name = name
        self.arguments = arguments
        self.range = range
        var height = 0
        for case .type(let type) in arguments { height = max(height, type.height) }
        self.height = height + 1
    }
}
