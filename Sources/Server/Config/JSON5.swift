/// A value of a JSON5 text, with the place where it starts.
package struct JSON5: Sendable, Equatable {
    /// A place in a text, both counted from 1.
    package struct Place: Sendable, Equatable, CustomStringConvertible {
        /// The line of the text, from 1.
        package var line: Int
        /// The column within the line, from 1.
        package var column: Int

        package var description: String { "line \(line), column \(column)" }
    }

    /// A name of an object with its value.
    package struct Member: Sendable, Equatable {
        /// The name, its quotes and escapes undone.
        package var name: String
        /// Where the name starts.
        package var place: Place
        /// What stands behind the colon.
        package var value: JSON5
    }

    /// What a value is.
    package enum Content: Sendable, Equatable {
        case null
        case boolean(Bool)
        /// A number as it was written.
        case number(String)
        case string(String)
        case array([JSON5])
        case object([Member])
    }

    /// The value itself.
    package var content: Content
    /// Where the value starts.
    package var place: Place

    /// Why a text is not JSON5.
    package struct ParseError: Error, Equatable, Sendable, CustomStringConvertible {
        /// Where reading stopped.
        package var place: Place
        /// What was expected there, or what is wrong.
        package var message: String

        package var description: String { "\(place): \(message)" }
    }

    /// Reads a text that holds one value: JSON with comments, trailing commas, single quotes, names
    /// without quotes, and the wider numbers of ECMAScript 5.
    package static func parse(_ text: [UInt8]) throws(ParseError) -> JSON5 {
        var parser = JSON5Parser(text)
        return try parser.parseText()
    }
}
