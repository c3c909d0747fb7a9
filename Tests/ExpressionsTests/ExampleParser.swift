import Base
import Expressions
import Testing

/// Reads the expressions of the documentation's examples: a recursive descent over a few forms of
/// SQL, so that examples are tested where the functions are.
struct ExampleParser {
    private var tokens: [String]
    private var position = 0

    static let now: Milliseconds = 1_768_055_400_000

    static func bind(_ text: String) throws -> Expression {
        var parser = ExampleParser(tokens: tokenize(text))
        let expression = try parser.expression(0)
        try #require(parser.position == parser.tokens.count, "the rest of \(text)")
        return expression
    }

    private init(tokens: [String]) { self.tokens = tokens }

    private static func tokenize(_ text: String) -> [String] {
        let token = #/'(?:[^']|'')*'|[0-9]+(?:\.[0-9]+)?|\w+|<>|<=|>=|<<|>>|\|\||[-+*\/%&|=<>(),]/#
        return text.matches(of: token).map { String($0.output) }
    }

    private var next: String { position < tokens.count ? tokens[position] : "" }

    private mutating func take(_ words: String...) -> Bool {
        let found = (0..<words.count).allSatisfy { index in
            position + index < tokens.count
                && tokens[position + index].uppercased() == words[index]
        }
        if found { position += words.count }
        return found
    }

    private static let levels: [[String]] = [
        ["OR"], ["AND"], ["=", "<>", "<", "<=", ">", ">=", "LIKE", "ILIKE", "IS"],
        ["||", "&", "|", "<<", ">>"], ["+", "-"], ["*", "/", "%"],
    ]

    private mutating func expression(_ level: Int) throws -> Expression {
        if level == 2, take("NOT") { return try call("not", [expression(2)]) }
        guard level < Self.levels.count else { return try prefix() }
        var left = try expression(level + 1)
        while Self.levels[level].contains(next.uppercased()) {
            let symbol = next.lowercased()
            position += 1
            if symbol == "is" {
                left = try test(left)
            } else {
                left = try call(symbol, [left, expression(level + 1)])
            }
        }
        return left
    }

    private mutating func test(_ left: Expression) throws -> Expression {
        if take("NULL") { return try call("isNull", [left]) }
        if take("NOT", "NULL") { return try call("isNotNull", [left]) }
        if take("DISTINCT", "FROM") { return try call("isDistinctFrom", [left, expression(3)]) }
        try #require(take("NOT", "DISTINCT", "FROM"))
        return try call("isNotDistinctFrom", [left, expression(3)])
    }

    private mutating func prefix() throws -> Expression {
        if take("-") { return try call("negate", [prefix()]) }
        if take("(") {
            let inner = try expression(0)
            try #require(take(")"))
            return inner
        }
        if take("NULL") { return .constant(.null, .null) }
        if take("TRUE") { return .constant(.boolean(true), .boolean) }
        if take("FALSE") { return .constant(.boolean(false), .boolean) }
        if take("INTERVAL") { return try interval() }
        if take("EXTRACT", "(", "DOY", "FROM") {
            let time = try expression(0)
            try #require(take(")"))
            return try call("date_part", [.constant(.string("doy"), .string), time])
        }
        let word = next
        position += 1
        if word.hasPrefix("'") { return .constant(.string(Self.unquoted(word)), .string) }
        if let integer = Int64(word) { return .constant(.integer(integer), .integer) }
        if let number = Double(word) { return .constant(.float(number), .float) }
        if next.hasPrefix("'"), let type = ["timestamp": DataType.timestamp, "date": .date][word] {
            let text = Expression.constant(.string(Self.unquoted(next)), .string)
            position += 1
            return try FunctionCatalog.cast(text, to: type, isTry: false, zones: testZones)
        }
        return try arguments(of: word)
    }

    private mutating func interval() throws -> Expression {
        let count = try #require(Int64(next))
        let unit = try #require(CalendarUnit(name: tokens[position + 1]))
        position += 2
        return .constant(try #require(unit.interval(count)), .interval)
    }

    private mutating func arguments(of name: String) throws -> Expression {
        try #require(take("("), "( behind \(name)")
        var arguments: [Expression] = []
        while !take(")") {
            arguments.append(try expression(0))
            if take(")") { break }
            try #require(take(","))
        }
        return try call(name, arguments)
    }

    private static func unquoted(_ token: String) -> String {
        String(token.dropFirst().dropLast()).replacing("''", with: "'")
    }

    private func call(_ name: String, _ arguments: [Expression]) throws -> Expression {
        try FunctionCatalog.bind(name, arguments, zones: testZones, now: Self.now)
    }
}
