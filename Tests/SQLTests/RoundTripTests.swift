import Base
import SQL
import TestSupport
import Testing

/// Random trees, written and read again.
@Suite struct RoundTripTests {
    private static let count = TestSizes.isFull ? 100_000 : 1_000

    @Test func writtenTreesAreReadAsTheyWere() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("RoundTripTests seed \(seed)")
        var random = RandomSyntax(seed: seed)
        for _ in 0..<Self.count {
            let tree = random.statement(depth: 5)
            let text = tree.description
            do {
                let again = try StatementSyntax.parse(QueryText(text))
                #expect(again == tree && again.description == text, "seed \(seed)")
            } catch {
                Issue.record("seed \(seed): \(error)\n\(text)")
                return
            }
        }
    }

    /// What the range of a node holds is the node, wherever in a query it stands.
    @Test func rangesHoldWhatTheyAreOf() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("RoundTripTests seed \(seed)")
        var random = RandomSyntax(seed: seed)
        for _ in 0..<Self.count / 10 {
            let text = QueryText(random.expression(depth: 5).description)
            var nodes = [try ExpressionSyntax.parse(text)]
            while let node = nodes.popLast() {
                let part = text.text(of: node.range)
                // A query as a value has the range of the query, without parentheses.
                var isQuery = false
                if case .query = node.kind { isQuery = true }
                let again = try? ExpressionSyntax.parse(QueryText(isQuery ? "(\(part))" : part))
                guard again == node else {
                    Issue.record("seed \(seed): \(part) is no \(node)")
                    return
                }
                nodes += node.children
            }
        }
    }

    /// Words of random queries put out of order: much of it is no query, but what is one must be
    /// written as one that reads the same.
    @Test func whatIsReadByChanceIsWrittenAsItWasRead() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("RoundTripTests seed \(seed)")
        var random = RandomSyntax(seed: seed)
        var limits = SyntaxLimits()
        limits.depthMax *= 3
        var readCount = 0
        for _ in 0..<Self.count {
            var words = Self.words(of: random.expression(depth: 3).description)
            for _ in 0..<6 {
                let place = random.random.below(words.count)
                switch random.random.below(3) {
                case 0: words[place] = Self.strays[random.random.below(Self.strays.count)]
                case 1: words.swapAt(place, random.random.below(words.count))
                default:
                    words.insert(Self.strays[random.random.below(Self.strays.count)], at: place)
                }
                let text = words.joined(separator: " ")
                guard let tree = try? ExpressionSyntax.parse(QueryText(text)) else { continue }
                readCount += 1
                let again = try? ExpressionSyntax.parse(
                    QueryText(tree.description), limits: limits)
                #expect(again == tree, "seed \(seed): \(text) is written as \(tree)")
            }
        }
        #expect(readCount > Self.count / 10)
    }

    private static let strays = [
        "NOT", "IN", "(", ")", ",", "a", "'x'", "1", "-", "AND", "OR", "IS", "NULL", "BETWEEN",
        "LIKE", "ESCAPE", "trim", "position", "substring", "extract", "FROM", "FOR", "both", "CAST",
        "AS", "date", "interval", "day", "CASE", "WHEN", "THEN", "END", "[", "]", "::",
        "at time zone",
        "DISTINCT", "SELECT", "EXISTS", "UNION ALL", "LIMIT", "ORDER BY", "OVER", "filter", "*",
        ".",
        "WITHIN GROUP (", "f(", "current_date", "collate c", "array", "ignore nulls", "=", "||",
    ]

    /// Cuts canonical text at spaces and around parentheses and commas, texts and names too.
    private static func words(of text: String) -> [String] {
        var words = [""]
        for character in text {
            if "(),[] ".contains(character) {
                if character != " " { words.append(String(character)) }
                words.append("")
            } else {
                words[words.count - 1].append(character)
            }
        }
        return words.filter { !$0.isEmpty }
    }

    // MARK: Precedence

    private static let levels = [
        ["OR"], ["AND"], ["IS DISTINCT FROM", "IS NOT DISTINCT FROM"],
        ["=", "<>", "<", ">=", "==", "!="], ["LIKE", "NOT ILIKE", "~", "!~*"], ["||"], ["+", "-"],
        ["*", "/", "%", "DIV"],
    ]

    /// The same chain with all parentheses, found the slow way: the weakest operators are looked
    /// for, and hold together what stands between them; nil if comparisons make a chain.
    private func grouped(_ operands: ArraySlice<String>, _ operators: ArraySlice<String>) -> String?
    {
        let weakest = Self.levels.firstIndex { operators.contains(where: $0.contains) }
        guard let weakest else { return operands[operands.startIndex] }
        var text = ""
        var start = operands.startIndex
        let places = operators.indices.filter { Self.levels[weakest].contains(operators[$0]) }
        if weakest == 3, places.count > 1 { return nil }
        for place in places + [operators.endIndex] {
            guard let part = grouped(operands[start...place], operators[start..<place])
            else { return nil }
            // OR and AND make one node of many operands, the others one of two.
            if weakest > 1, start > operands.startIndex { text = "(\(text))" }
            text += start == operands.startIndex ? part : " \(operators[start - 1]) \(part)"
            start = place + 1
        }
        return "(\(text))"
    }

    @Test func chainsHoldTogetherByTheirPrecedence() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("RoundTripTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<Self.count * 3 {
            let operators = (0..<random.below(7)).map { _ in
                let level = Self.levels[random.below(Self.levels.count)]
                return level[random.below(level.count)]
            }
            let operands = (0...operators.count).map { "x\($0)" }
            let text =
                operands[0] + zip(operators, operands.dropFirst()).map { " \($0) \($1)" }.joined()
            let tree = try? ExpressionSyntax.parse(QueryText(text))
            let twin = grouped(operands[...], operators[...])
            let expected = try twin.map { try ExpressionSyntax.parse(QueryText($0)) }
            guard tree == expected else {
                Issue.record("seed \(seed): \(text) is not read as \(twin ?? "a mistake")")
                return
            }
        }
    }
}
