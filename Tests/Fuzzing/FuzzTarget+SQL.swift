internal import Base
internal import SQL

extension FuzzTarget {
    /// Queries that between them have every rule of the grammar.
    static let queries = [
        "EXPLAIN ANALYZE SELECT DISTINCT page, count(*) c FROM events e WHERE a.b LIMIT 5, 10;",
        "WITH a AS (SELECT 1), b AS (SELECT 2) SELECT * EXCLUDE (x, y), a.* FROM (SELECT 3) AS t",
        "SELECT 1 UNION ALL (SELECT 2 LIMIT 1) ORDER BY 1 DESC NULLS LAST LIMIT 1 OFFSET 2 ROWS",
        "SELECT a FROM t PREWHERE b WHERE c GROUP BY ALL HAVING d QUALIFY e WINDOW w AS (x)",
        "SELECT a OR b AND NOT c, a IS NOT NULL, a IS DISTINCT FROM b, a IS TRUE, a < b + 1 * 2",
        "SELECT a NOT BETWEEN 1 AND 2, a IN (1, 'b'), a NOT IN (SELECT 1), a IN {p:Array(String)}",
        "SELECT a LIKE 'x' ESCAPE '!', a NOT ILIKE b, a ~ b, a !~* c, a REGEXP 'd', a || b DIV c",
        "SELECT CAST(a AS Decimal(10, 2)), a::timestamp(3) with time zone[], TRY_CAST(b, 'Int64')",
        "SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, CASE WHEN a THEN b END, [1, 2][1], (a, b), -+-a",
        "SELECT quantile(0.5)(DISTINCT x ORDER BY y) FILTER (WHERE z) IGNORE NULLS OVER w FROM t",
        "SELECT sum(a) OVER (w PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        "SELECT f(a) WITHIN GROUP (ORDER BY b), sum(a) OVER (RANGE UNBOUNDED PRECEDING)",
        "SELECT EXTRACT(hour FROM a), TRIM(BOTH 'x' FROM b), SUBSTRING(a FROM 1 FOR 2)",
        "SELECT TRIM(a FROM b), EXISTS (SELECT 1)",
        "SELECT POSITION(a IN b), a AT TIME ZONE 'UTC', CURRENT_DATE, DATE '2026-01-08'",
        "SELECT INTERVAL 1 DAY, INTERVAL '1 day', INTERVAL -2 weeks, ((SELECT 1) LIMIT 2)",
        "SELECT 0xFF, 1.5e-9, .5, E'\\n\\x41\\u00e9', 'it''s', \"a\"\"b\"",
        "SELECT `c d` /* e */ -- f\n, g COLLATE \"C\"",
        "SELECT a FROM t FETCH FIRST 5 ROWS ONLY SETTINGS x = 1, y = -2.5, z = 'w' FORMAT JSON",
    ]

    /// A query that is read must be written as one that reads the same, in the same words.
    static func runSQL(_ bytes: [UInt8]) {
        var limits = SyntaxLimits()
        guard let tree = try? StatementSyntax.parse(QueryText(bytes), limits: limits) else {
            return
        }
        // Canonical text may have parentheses that the query did without.
        limits.depthMax *= 3
        let text = tree.description
        do {
            let again = try StatementSyntax.parse(QueryText(text), limits: limits)
            invariant(again == tree, "\(text) is another query")
            invariant(again.description == text, "\(text) has other words")
        } catch {
            fatalError("\(text) cannot be read: \(error)")
        }
    }
}
