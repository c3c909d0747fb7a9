import SQL
import Testing

/// What is said about texts that cannot be read, to the letter.
@Suite struct SyntaxErrorTests {
    private func failure(of text: String) -> SQLError? {
        do {
            _ = try StatementSyntax.parse(QueryText(text))
            return nil
        } catch { return error }
    }

    static let expectations = [
        (
            "SELCT a FROM b",
            """
            line 1, column 1: expected SELECT, found "SELCT"; did you mean SELECT?
            SELCT a FROM b
            ^^^^^
            """
        ),
        (
            "SELECT a FORM events",
            """
            line 1, column 10: unexpected "FORM"; did you mean FROM?
            SELECT a FORM events
                     ^^^^
            """
        ),
        (
            "SELECT * FORM events",
            """
            line 1, column 10: expected a comma or FROM, found "FORM"; did you mean FROM?
            SELECT * FORM events
                     ^^^^
            """
        ),
        (
            "SELECT count(*)\nFROM events\nGORUP BY page",
            """
            line 3, column 1: unexpected "GORUP"; did you mean GROUP?
            GORUP BY page
            ^^^^^
            """
        ),
        (
            "SELECT a FROM t WHERE a = 1 ADN b = 2",
            """
            line 1, column 29: expected the end of the query, found "ADN"; did you mean AND?
            SELECT a FROM t WHERE a = 1 ADN b = 2
                                        ^^^
            """
        ),
        (
            "SELECT\t'é',\tFROM t",
            """
            line 1, column 13: expected an expression behind the comma, found FROM
            SELECT\t'é',\tFROM t
                  \t    \t^^^^
            """
        ),
        (
            "SELECT a FROM  -- the end\n",
            """
            line 1, column 14: expected the name of a table or a sub-query in parentheses, \
            found the end of the query
            SELECT a FROM  -- the end
                         ^
            """
        ),
        (
            "",
            """
            line 1, column 1: expected SELECT, found the end of the query

            ^
            """
        ),
        (
            "SELECT a FROM t WHERE b = 'x\ny",
            """
            line 1, column 27: the text has no closing '
            SELECT a FROM t WHERE b = 'x
                                      ^
            """
        ),
        (
            "SELECT f(a b)",
            """
            line 1, column 12: expected ")" behind the arguments of f, found "b"
            SELECT f(a b)
                       ^
            """
        ),
        (
            "SELECT CASE WHEN a THEN b ELS c END",
            """
            line 1, column 27: expected WHEN, ELSE or END, found "ELS"; did you mean ELSE?
            SELECT CASE WHEN a THEN b ELS c END
                                      ^^^
            """
        ),
    ]

    @Test(arguments: expectations)
    func errorsPointAtThePlace(text: String, description: String) throws {
        let error = try #require(failure(of: text))
        #expect(error.description == description)
        #expect(error.code == .syntax)
    }

    @Test func longLinesAreCutAroundThePlace() throws {
        let items = (1...60).map { "item\($0)" }.joined(separator: ", ")
        let error = try #require(failure(of: "SELECT \(items), ?, \(items)"))
        #expect(error.message == "unexpected \"?\": parameters are written {name:Type}")
        #expect(error.line == 1)
        #expect(error.column == 7 + items.count + 3)
        let lines = error.excerpt.split(separator: "\n")
        #expect(lines[0].first == "…" && lines[0].last == "…")
        #expect(lines[0].count == 1 + 60 + 1 + 60 + 1)
        #expect(lines[1] == String(repeating: " ", count: 61) + "^")
        #expect(Array(lines[0])[61] == "?")
    }

    static let unsupported = [
        ("SELECT a FROM t JOIN u ON a = b", "joins are not supported"),
        ("SELECT a FROM t x LEFT OUTER JOIN u ON a = b", "joins are not supported"),
        ("SELECT a FROM t CROSS JOIN u", "joins are not supported"),
        ("SELECT a FROM t NATURAL JOIN u", "joins are not supported"),
        ("SELECT a FROM t ANY LEFT JOIN u USING (a)", "joins are not supported"),
        ("SELECT a FROM t ARRAY JOIN b", "joins are not supported"),
        ("SELECT a FROM t, u", "joins are not supported"),
        ("SELECT a FROM (SELECT 1) x, u", "joins are not supported"),
        ("SELECT a FROM LATERAL (SELECT 1)", "joins are not supported"),
        ("SELECT a FROM numbers(10)", "table functions are not supported"),
        ("SELECT a FROM t FINAL", "FINAL is not needed"),
        ("SELECT a FROM t SAMPLE 0.1", "samples are not supported"),
        ("SELECT a FROM VALUES (1)", "VALUES is not supported"),
        ("SELECT 1 UNION SELECT 2", "UNION without ALL"),
        ("SELECT 1 UNION DISTINCT SELECT 2", "UNION without ALL"),
        ("SELECT 1 INTERSECT SELECT 2", "INTERSECT of queries"),
        ("SELECT * EXCEPT SELECT 2", "EXCEPT of queries"),
        ("SELECT a EXCEPT (SELECT 2)", "EXCEPT of queries"),
        ("WITH RECURSIVE a AS (SELECT 1) SELECT 2", "WITH RECURSIVE"),
        ("WITH a(b) AS (SELECT 1) SELECT 2", "names of columns"),
        ("SELECT DISTINCT ON (a) b FROM t", "DISTINCT ON"),
        ("SELECT TOP 5 a FROM t", "TOP is not supported"),
        ("SELECT * REPLACE (a AS b) FROM t", "REPLACE is not supported"),
        ("SELECT a FROM t GROUP BY ROLLUP (a)", "ROLLUP is not supported"),
        ("SELECT a FROM t GROUP BY GROUPING SETS ((a))", "is not supported; use UNION ALL"),
        ("SELECT a FROM t GROUP BY a WITH TOTALS", "is not supported; use UNION ALL"),
        ("SELECT a FROM t ORDER BY ALL", "ORDER BY ALL"),
        ("SELECT a FROM t ORDER BY a WITH FILL", "WITH FILL"),
        ("SELECT a FROM t LIMIT 1 BY b", "LIMIT BY"),
        ("SELECT a FROM t LIMIT 1 WITH TIES", "WITH TIES"),
        ("SELECT a SIMILAR TO 'x'", "SIMILAR TO"),
        ("SELECT a XOR b", "XOR"),
        ("SELECT a COLLATE de", "no other collation"),
        ("SELECT f(a) WITHIN GROUP (ORDER BY b DESC)", "ascending"),
        ("SELECT sum(a) OVER (ROWS 1 PRECEDING EXCLUDE TIES)", "EXCLUDE in frames"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("SHOW TABLES", "SHOW is not supported"),
        ("DESCRIBE t", "DESCRIBE is not supported"),
    ]

    @Test(arguments: unsupported)
    func whatIsNotThereIsNamed(text: String, message: String) throws {
        let error = try #require(failure(of: text))
        #expect(error.code == .unsupported)
        #expect(error.message.contains(message), "\(error.message)")
    }

    @Test(arguments: [
        "INSERT INTO t VALUES (1)", "update t set a = 1", "DELETE FROM t", "CREATE TABLE t (a int)",
        "DROP TABLE t", "ALTER TABLE t", "TRUNCATE t", "SET a = 1", "OPTIMIZE TABLE t",
        "  -- nothing\n COPY t TO 'x'",
    ])
    func nothingButReadingIsPossible(text: String) throws {
        let error = try #require(failure(of: text))
        #expect(error.code == .readOnly)
        #expect(error.message.hasSuffix("is not possible: SQL only reads here"))
    }

    static let syntax = [
        ("SELECT", "expected an expression, found the end of the query"),
        ("SELECT a FROM t WHERE", "expected an expression, found the end of the query"),
        ("SELECT a b c FROM t", "expected a comma or FROM, found \"c\""),
        ("SELECT a AS 'b'", "a name is quoted with \", not with '"),
        ("SELECT a FROM 'b'", "the name of a table is quoted with \", not with '"),
        ("SELECT a FROM t ORDER BY b WHERE c", "WHERE may not stand here"),
        ("SELECT a FROM t LIMIT 1 LIMIT 2", "LIMIT may not stand here"),
        ("SELECT a FROM (t)", "expected SELECT, found \"t\""),
        ("SELECT (a", "expected \")\", found the end of the query"),
        ("SELECT a)", "expected the end of the query, found \")\""),
        ("SELECT a < b < c", "comparisons have no chains"),
        ("SELECT a IS b", "expected NULL, TRUE, FALSE or DISTINCT FROM, found \"b\""),
        ("SELECT a IN ()", "expected an expression, found \")\""),
        ("SELECT a IN b", "expected \"(\" and the values of IN, found \"b\""),
        ("SELECT a BETWEEN 1 OR 2", "expected AND and the end of BETWEEN, found OR"),
        ("SELECT a NOT b", "expected the end of the query, found NOT"),
        ("SELECT INTERVAL 3 fortnights", "expected a unit of time such as DAY"),
        ("SELECT CAST(a AS)", "expected the name of a type, found \")\""),
        ("SELECT CAST(a, 'b c')", "this text is no type"),
        ("SELECT CASE a END", "expected WHEN, found END"),
        ("SELECT a.b.c(1)", "a function has no dots"),
        ("SELECT a.* + 1", "expected a comma or FROM, found \"+\""),
        ("SELECT count(t.*)", "a star has no place in an expression"),
        ("SELECT a., b", "expected a name after the dot"),
        ("SELECT {1:Int64}", "expected the name of a parameter ({name:Type}), found \"1\""),
        ("SELECT {a}", "expected \":\" and the type of the parameter"),
        ("SELECT 1abc", "a number runs into a name"),
        ("SELECT 0x", "hexadecimal digits must follow 0x"),
        ("SELECT 0x1ffffffffffffffff", "the number is too large"),
        ("SELECT 1e999", "the number is too large"),
        ("SELECT \"\"", "a name has at least one character"),
        ("SELECT \"a", "the name has no closing \""),
        ("SELECT E'a\\", "the text has no closing '"),
        ("SELECT E'\\q'", "no escape of E'…' is written like this"),
        ("SELECT E'\\xff'", "the text is not valid UTF-8"),
        ("SELECT E'\\ud800'", "no escape of E'…' is written like this"),
        ("SELECT 1 /* a", "the comment has no end"),
        ("SELECT “a”", "is no quotation mark of SQL"),
        ("SELECT a & b", "unexpected \"&\": write bitAnd(x, y), or AND"),
        ("SELECT $1", "unexpected \"$\": parameters are written {name:Type}"),
        ("SELECT \u{1}", "unexpected byte 1"),
        ("SELECT a FROM t SETTINGS b = c", "the value of a setting is a constant"),
        ("SELECT a FROM t SETTINGS b", "expected \"=\" and the value of the setting"),
        ("SELECT a FROM t FORMAT", "expected the name of a format"),
        ("SELECT a format FROM t", "expected the name of a format, found FROM"),
        ("SELECT sum(a) OVER (ORDR BY b)", "did you mean ORDER?"),
        ("SELECT sum(a) OVER (ROWS 3)", "expected PRECEDING or FOLLOWING"),
        ("SELECT a FROM t ORDER b", "expected BY behind ORDER, found \"b\""),
        ("SELECT a FROM t ORDER BY b NULLS c", "expected FIRST or LAST"),
        ("SELECT a FROM t LIMTI 10", "unexpected \"LIMTI\"; did you mean LIMIT?"),
        ("WITH a (SELECT 1) SELECT 2", "expected AS (WITH name AS (SELECT …))"),
        ("WITH 1 AS a SELECT 2", "expected the name of a sub-query"),
    ]

    @Test(arguments: syntax)
    func mistakesAreExplained(text: String, message: String) throws {
        let error = try #require(failure(of: text))
        #expect(error.message.contains(message), "\(error)")
    }

    @Test func closestNamesAreApartToo() throws {
        let error = try #require(failure(of: "SELECT a FROM t WEHRE b = 1"))
        #expect(error.closest == ["WHERE"])
        #expect(error.line == 1 && error.column == 17)
        let made = SQLError(
            .syntax, "no column \"pgae\"", at: SourceRange(start: 7, end: 11),
            in: QueryText("SELECT pgae FROM t"), closest: ["page", "path"])
        #expect(
            made.description
                == """
                line 1, column 8: no column "pgae"; did you mean page or path?
                SELECT pgae FROM t
                       ^^^^
                """)
    }

    @Test func invalidUTF8IsRefusedAtItsPlace() throws {
        let bytes = Array("SELECT '".utf8) + [0xC3, 0x28] + Array("'".utf8)
        #expect(throws: SQLError.self) { try StatementSyntax.parse(QueryText(bytes)) }
        do {
            _ = try StatementSyntax.parse(QueryText(bytes))
        } catch {
            #expect(error.message == "the query is not valid UTF-8")
            #expect(error.column == 9)
        }
    }
}
