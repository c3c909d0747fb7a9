import Base
import Expressions
import Testing

/// LIKE and regular expressions at their limits; what they match in general the oracle says.
@Suite struct PatternTests {
    private let text = Expression.column(0, .string)

    private func bind(_ name: String, _ pattern: String...) throws(BindingError) -> Expression {
        try FunctionCatalog.bind(
            name, [text] + pattern.map { .constant(.string($0), .string) }, zones: testZones, now: 0
        )
    }

    /// Which of the texts match, once from rows of texts and once from codes.
    private func matches(_ expression: Expression, _ texts: [String]) throws -> [Bool] {
        let table = StringTable(texts)
        let rows = Vector(type: .string, values: .strings(table))
        let codes = Vector(
            type: .string, values: .codes([UInt32](1...UInt32(texts.count)), dictionary: table))
        var results: [[Bool]] = []
        for vector in [rows, codes] {
            var evaluator = Evaluator()
            let bits = try evaluator.selection(
                expression, Batch(columns: [vector], rowCount: texts.count))
            results.append(texts.indices.map { bits[$0] })
        }
        #expect(results[0] == results[1])
        return results[0]
    }

    @Test func likeTakesEveryShape() throws {
        let texts = ["", "a", "ab", "ba", "aba", "é", "aéa", "a%", "100%", "A\nb"]
        let cases: [(String, [Int])] = [
            ("", [0]), ("%", Array(0..<10)), ("%%%%", Array(0..<10)), ("a", [1]),
            ("a%", [1, 2, 4, 6, 7]),
            ("%a", [1, 3, 4, 6]), ("%b%", [2, 3, 4, 9]), ("a%a", [4, 6]), ("_", [1, 5]),
            ("%_%", Array(1..<10)), ("a_a", [4, 6]), ("%_b%", [2, 4, 9]),
            ("_%_", [2, 3, 4, 6, 7, 8, 9]),
            ("%\\%", [7, 8]), ("\\a%", [1, 2, 4, 6, 7]),
        ]
        for (pattern, expected) in cases {
            let found = try matches(bind("like", pattern), texts)
            #expect(found.indices.filter { found[$0] } == expected, "\(pattern)")
        }
        #expect(
            try matches(bind("ilike", "a%B"), texts) == texts.map { $0 == "ab" || $0 == "A\nb" })
        #expect(try matches(bind("ilike", "É"), texts) == texts.map { $0 == "é" })
        #expect(try matches(bind("like", "%!%", "!"), texts) == texts.map { $0.hasSuffix("%") })
        #expect(try matches(bind("like", "\\", ""), ["\\", ""]) == [true, false])
    }

    @Test func partsDoNotReachOverTheEndsOfTexts() throws {
        let found = try matches(
            bind("like", "%ab%"), ["a", "b", "ab", "a", "ba", "bab", "", "aab"])
        #expect(found == [false, false, true, false, false, true, false, true])
    }

    @Test func hostilePatternsAreLinear() throws {
        // Each of these takes ages where a matcher tries every way.
        let long = String(repeating: "a", count: 60_000)
        let percents = String(repeating: "%a", count: 5_000) + "%b"
        #expect(try matches(bind("like", percents), [long]) == [false])
        let wildcards = "%" + String(repeating: "_a", count: 300) + "b%"
        #expect(try matches(bind("like", wildcards), [long]) == [false])
        #expect(try matches(bind("match", "(a*)*b"), [long]) == [false])
        #expect(try matches(bind("match", "(a|aa)+$"), [long]) == [true])
    }

    @Test func badPatternsAreExplained() {
        let cases = [
            ("match", "(", "missing"), ("match", "a{1001}", "repetition"),
            ("match", "(?=a)", "invalid"), ("like", "a\\", "escape"),
            ("match", String(repeating: "\\pL{900}", count: 30), "too large"),
            ("match", String(repeating: "a", count: 70_000), "longer"),
        ]
        for (name, pattern, reason) in cases {
            do {
                _ = try bind(name, pattern)
                Issue.record("\(pattern.prefix(20)) was taken")
            } catch {
                #expect(error.code == "invalid_value")
                #expect(error.message.contains(reason), "\(error.message)")
            }
        }
        #expect(throws: BindingError.self) { try bind("replaceRegexpOne", "a", "\\1") }
        #expect(throws: BindingError.self) { try bind("like", "a", "ab") }
    }
}
