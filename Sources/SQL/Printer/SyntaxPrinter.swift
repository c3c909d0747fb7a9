/// Writes syntax trees as canonical text, which reads back as an equal tree: for `EXPLAIN`, for the
/// headings of columns without alias, and for tests.
struct SyntaxPrinter {
    var text = ""

    /// Writes items with commas between them.
    mutating func list<Item>(_ items: [Item], _ write: (inout SyntaxPrinter, Item) -> Void) {
        for (index, item) in items.enumerated() {
            if index > 0 { text += ", " }
            write(&self, item)
        }
    }

    // MARK: Names and constants

    mutating func write(_ names: [NameSyntax]) {
        for (index, name) in names.enumerated() {
            if index > 0 { text += "." }
            write(name)
        }
    }

    /// Writes a name, in quotes if it needs them.
    mutating func write(_ name: NameSyntax, isFunction: Bool = false) {
        let utf8 = name.text.utf8
        var isPlain = utf8.allSatisfy { $0 < 0x80 && (Lexer.isNameStart($0) || Lexer.isDigit($0)) }
        if let first = utf8.first, Lexer.isDigit(first) { isPlain = false }
        if let keyword = Keyword(word: utf8) {
            isPlain = isPlain && !(isFunction ? keyword.isQuotedAsFunction : keyword.isQuoted)
        }
        if isPlain { text += name.text } else { write(name.text, quote: "\"") }
    }

    mutating func write(_ string: String, quote: Unicode.Scalar) {
        text.unicodeScalars.append(quote)
        for scalar in string.unicodeScalars {
            if scalar == quote { text.unicodeScalars.append(quote) }
            text.unicodeScalars.append(scalar)
        }
        text.unicodeScalars.append(quote)
    }

    mutating func write(_ literal: LiteralSyntax) {
        switch literal {
        case .null: text += "NULL"
        case .boolean(let truth): text += truth ? "TRUE" : "FALSE"
        case .integer(let integer): text += String(integer)
        case .float(let float): text += float.description
        case .string(let string): write(string, quote: "'")
        }
    }

    mutating func write(_ type: TypeSyntax) {
        text += type.name
        guard !type.arguments.isEmpty else { return }
        text += "("
        list(type.arguments) { printer, argument in
            switch argument {
            case .type(let type): printer.write(type)
            case .integer(let integer): printer.text += String(integer)
            case .string(let string): printer.write(string, quote: "'")
            }
        }
        text += ")"
    }
}

extension StatementSyntax: CustomStringConvertible {
    package var description: String {
        var printer = SyntaxPrinter()
        printer.write(self)
        return printer.text
    }
}

extension QuerySyntax: CustomStringConvertible {
    package var description: String {
        var printer = SyntaxPrinter()
        printer.write(self)
        return printer.text
    }
}

extension ExpressionSyntax: CustomStringConvertible {
    package var description: String {
        var printer = SyntaxPrinter()
        printer.write(self)
        return printer.text
    }
}

extension TypeSyntax: CustomStringConvertible {
    package var description: String {
        var printer = SyntaxPrinter()
        printer.write(self)
        return printer.text
    }
}
