import SQL
import Testing

/// Queries of any size and shape end quickly, in a tree or in an error.
@Suite struct SyntaxLimitsTests {
    /// Pieces that are repeated around a middle.
    struct Nest: CustomTestStringConvertible {
        var open = ""
        var middle = "a"
        var close = ""

        /// The pieces ten thousand times, which is within all limits but that of the depth.
        var text: String { text(levels: 10_000) }

        func text(levels: Int) -> String {
            String(repeating: open, count: levels) + middle
                + String(repeating: close, count: levels)
        }

        var testDescription: String { text(levels: 2) }
    }

    static let deep = [
        Nest(open: "(", close: ")"), Nest(open: "NOT "), Nest(open: "- "),
        Nest(open: "1+(", close: ")"), Nest(open: "f(", close: ")"), Nest(open: "[", close: "]"),
        Nest(open: "CASE WHEN ", close: " THEN 1 END"),
        Nest(open: "CASE ", close: " WHEN 1 THEN 2 END"), Nest(open: "(SELECT ", close: ")"),
        Nest(open: "CAST(", close: " AS Int64)"), Nest(open: "a IN (", close: ")"),
        Nest(open: "a[", close: "]"), Nest(open: "EXISTS (SELECT 1 WHERE ", close: ")"),
        Nest(open: "a OR b AND c = d || e + f * (", close: ")"),
        Nest(open: "a BETWEEN (", close: ") AND 2"),
        Nest(open: "sum(a) OVER (ORDER BY ", close: ")"), Nest(open: "(a, ", close: ")"),
        Nest(open: "trim(both 'x' from ", close: ")"), Nest(open: "a AT TIME ZONE (", close: ")"),
        Nest(open: "f(a) FILTER (WHERE ", close: ")"), Nest(close: "+ 1"), Nest(close: "|| 'b'"),
        Nest(close: "::Int64"), Nest(close: "[1]"), Nest(close: " IS NULL"),
        Nest(close: " LIKE 'b'"), Nest(close: " AT TIME ZONE 'UTC'"),
        Nest(middle: "a::b", close: "[]"),
        Nest(middle: "a::Array(b", close: "[])::Array(c"),
    ]

    @Test(arguments: deep) func whatIsNestedDeeplyIsRefused(nest: Nest) throws {
        try expectTooDeep("SELECT " + nest.text)
    }

    @Test(arguments: [
        Nest(open: "SELECT a FROM (", middle: "SELECT 1", close: ")"),
        Nest(open: "(", middle: "SELECT 1", close: ")"),
        Nest(open: "WITH a AS (", middle: "SELECT 1", close: ") SELECT 2"),
        Nest(open: "SELECT 1 UNION ALL (", middle: "SELECT 1", close: ")"),
    ]) func queriesNestedDeeplyAreRefused(nest: Nest) throws {
        try expectTooDeep(nest.text)
    }

    private func expectTooDeep(_ text: String) throws {
        do {
            _ = try StatementSyntax.parse(QueryText(text))
            Issue.record("the query was read")
        } catch {
            #expect(error.code == .limit)
            #expect(error.message == "the query is nested more than 200 levels deep")
        }
    }

    @Test func whatIsNestedJustSoIsRead() throws {
        var limits = SyntaxLimits()
        limits.depthMax = 20
        func text(_ levels: Int) -> QueryText {
            QueryText(
                String(repeating: "(", count: levels) + "a" + String(repeating: ")", count: levels))
        }
        #expect(try ExpressionSyntax.parse(text(19), limits: limits).description == "a")
        #expect(throws: SQLError.self) {
            try ExpressionSyntax.parse(text(20), limits: limits)
        }
        let chain = String(repeating: "a + ", count: 19) + "a"
        #expect(try ExpressionSyntax.parse(QueryText(chain), limits: limits).height == 20)
        #expect(throws: SQLError.self) {
            try ExpressionSyntax.parse(QueryText(chain + " + a"), limits: limits)
        }
    }

    /// The most that one level of nesting can put on the stack, two hundred times.
    @Test func theDeepestTreesAreReadAndWritten() throws {
        for (levels, open, close) in [
            (190, "(", ")"), (90, "1 + (", ")"), (35, "NOT f(CASE WHEN a THEN -(", ") END)"),
            (22, "a OR b AND NOT c = d || e + f * (", ")"),
            (45, "(SELECT a FROM t WHERE b = (", "))"),
        ] {
            let text =
                "SELECT " + String(repeating: open, count: levels) + "1"
                + String(repeating: close, count: levels)
            var limits = SyntaxLimits()
            let tree = try StatementSyntax.parse(QueryText(text), limits: limits)
            limits.depthMax = 1_000
            #expect(
                try StatementSyntax.parse(QueryText(tree.description), limits: limits) == tree)
        }
    }

    @Test func longListsAreRead() throws {
        let conditions = (0..<20_000).map { "a = \($0)" }.joined(separator: " OR ")
        let or = try ExpressionSyntax.parse(QueryText(conditions))
        #expect(or.height == 3)
        let list = (0..<100_000).map(String.init).joined(separator: ", ")
        let query = try StatementSyntax.parse(QueryText("SELECT a FROM t WHERE a IN (\(list))"))
        #expect(query.description.utf8.count > 500_000)
    }

    @Test func aMillionBytesEndQuickly() throws {
        let size = 1 << 20
        for piece in [
            "a", "(", "'", "\"", "-- ", "/*", "a.", "1 ", "a,", "'x' ", "\n", "é", "SELECT ",
            "e'\\",
            "{", "a b ", "* ", ". ", "left ", "((SELECT 1) ", "a::b[] ", "CAST(a,'b') ", ";",
        ] {
            let text = "SELECT " + String(repeating: piece, count: (size - 7) / piece.utf8.count)
            do { _ = try StatementSyntax.parse(QueryText(text)) } catch {
                #expect(!error.message.isEmpty)
                #expect(error.excerpt.count < 400)
            }
        }
    }

    @Test func tooLongQueriesAreRefused() throws {
        let long = "SELECT 1" + String(repeating: " ", count: 1 << 20)
        #expect(limitMessage(long) == "the query has 1048584 bytes; at most 1048576 may be")
        let many = "SELECT " + String(repeating: "1,", count: 140_000) + "1"
        #expect(limitMessage(many) == "the query has more than 262144 words and signs")
        let digits = "SELECT " + String(repeating: "1", count: 401)
        #expect(limitMessage(digits) == "the number has more than 400 digits")
    }

    private func limitMessage(_ text: String) -> String? {
        do {
            _ = try StatementSyntax.parse(QueryText(text))
            return nil
        } catch { return error.code == .limit ? error.message : nil }
    }
}
