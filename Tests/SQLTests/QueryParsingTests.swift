import SQL
import Testing

/// Queries as they are written, and as canonical text writes what was read.
@Suite struct QueryParsingTests {
    static let clauses = [
        ("select 1", "SELECT 1"),
        ("SELECT 1 ; ;", "SELECT 1"),
        ("/* a /* b */ c */ select -- d\n1 -- e", "SELECT 1"),
        ("\u{FEFF}select\u{A0}a\tfrom\r\nt", "SELECT a FROM t"),
        ("select all a, b c, d as e from t", "SELECT a, b AS c, d AS e FROM t"),
        ("select distinct a from t", "SELECT DISTINCT a FROM t"),
        ("select distinct on from t", "SELECT DISTINCT on FROM t"),
        ("select a \"b c\", d as order from t", "SELECT a AS \"b c\", d AS \"order\" FROM t"),
        ("select * from t", "SELECT * FROM t"),
        ("select t.*, s.t.* from s.t", "SELECT t.*, s.t.* FROM s.t"),
        ("select * except (a, b) from t", "SELECT * EXCLUDE (a, b) FROM t"),
        ("select * exclude a, b from t", "SELECT * EXCLUDE (a), b FROM t"),
        ("select * from system.parts p", "SELECT * FROM system.parts AS p"),
        ("select left from left", "SELECT left FROM left"),
        ("select a from (select b a from t) as u", "SELECT a FROM (SELECT b AS a FROM t) AS u"),
        ("select a from ((select 1)) u", "SELECT a FROM (SELECT 1) AS u"),
        (
            "select a from t where b = 1 group by c, 2 having d order by e, f asc, g desc",
            "SELECT a FROM t WHERE b = 1 GROUP BY c, 2 HAVING d ORDER BY e, f, g DESC"
        ),
        ("select a from t prewhere b", "SELECT a FROM t WHERE b"),
        (
            "select a from t prewhere b or c where d and e",
            "SELECT a FROM t WHERE (b OR c) AND (d AND e)"
        ),
        ("select a from t group by all", "SELECT a FROM t GROUP BY ALL"),
        ("select a from t order by a nulls first", "SELECT a FROM t ORDER BY a NULLS FIRST"),
        (
            "select a from t order by a desc nulls last, b",
            "SELECT a FROM t ORDER BY a DESC NULLS LAST, b"
        ),
        (
            "select sum(a) over w from t window w as (order by b), v as (w) qualify c",
            "SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY b), v AS (w) QUALIFY c"
        ),
        (
            "select a from t qualify c window w as ()",
            "SELECT a FROM t WINDOW w AS () QUALIFY c"
        ),
    ]

    static let rowRanges = [
        ("select a from t limit 10", "SELECT a FROM t LIMIT 10"),
        ("select a from t limit 10 offset 5", "SELECT a FROM t LIMIT 10 OFFSET 5"),
        ("select a from t offset 5 limit 10", "SELECT a FROM t LIMIT 10 OFFSET 5"),
        ("select a from t limit 5, 10", "SELECT a FROM t LIMIT 10 OFFSET 5"),
        ("select a from t offset 5", "SELECT a FROM t OFFSET 5"),
        ("select a from t limit {n:UInt64}", "SELECT a FROM t LIMIT {n:UInt64}"),
        (
            "select a from t offset 5 rows fetch first 10 rows only",
            "SELECT a FROM t LIMIT 10 OFFSET 5"
        ),
        ("select a from t fetch next 1 row only", "SELECT a FROM t LIMIT 1"),
    ]

    static let statements = [
        ("explain select 1", "EXPLAIN SELECT 1"),
        ("explain analyze select 1", "EXPLAIN ANALYZE SELECT 1"),
        (
            "select 1 settings a = 1, b = 'c', d = -1.5, e = true format JSON",
            "SELECT 1 SETTINGS a = 1, b = 'c', d = -1.5, e = TRUE FORMAT JSON"
        ),
        ("select 1 format Null settings a = 1;", "SELECT 1 SETTINGS a = 1 FORMAT \"Null\""),
        ("select a from t format CSV", "SELECT a FROM t FORMAT CSV"),
        ("select 1 union all select 2", "SELECT 1 UNION ALL SELECT 2"),
        (
            "select 1 union all (select 2 limit 1) union all select 3 order by 1 limit 2",
            "SELECT 1 UNION ALL (SELECT 2 LIMIT 1) UNION ALL SELECT 3 ORDER BY 1 LIMIT 2"
        ),
        ("(select 1)", "SELECT 1"),
        ("((select 1) limit 1) limit 2", "(SELECT 1 LIMIT 1) LIMIT 2"),
        (
            "with a as (select 1), \"b c\" as (select 2 from a) select * from \"b c\"",
            "WITH a AS (SELECT 1), \"b c\" AS (SELECT 2 FROM a) SELECT * FROM \"b c\""
        ),
        ("with recursive as (select 1) select 2", "WITH recursive AS (SELECT 1) SELECT 2"),
        (
            "select (with a as (select 1) select * from a)",
            "SELECT (WITH a AS (SELECT 1) SELECT * FROM a)"
        ),
    ]

    @Test(arguments: clauses + rowRanges + statements)
    func queriesAreReadAndWritten(text: String, canonical: String) throws {
        let tree = try StatementSyntax.parse(QueryText(text))
        #expect(tree.description == canonical)
        let again = try StatementSyntax.parse(QueryText(tree.description))
        #expect(again == tree)
    }

    @Test func aSelectAloneIsFound() throws {
        let alone = try StatementSyntax.parse(QueryText("SELECT a FROM t ORDER BY b"))
        #expect(alone.query.onlySelect?.items.count == 1)
        for text in ["SELECT 1 UNION ALL SELECT 2", "(SELECT 1 LIMIT 2) LIMIT 1"] {
            #expect(try StatementSyntax.parse(QueryText(text)).query.onlySelect == nil)
        }
    }

    /// The spellings of the benchmark's queries for ClickHouse, DuckDB and PostgreSQL.
    @Test(arguments: [
        "SELECT toStartOfHour(ts) h, count() c FROM events WHERE event_type='page_view' "
            + "GROUP BY h ORDER BY h",
        "SELECT page, count(*) c FROM events WHERE ts >= TIMESTAMP '2026-01-08 00:00:00' AND "
            + "ts < toDateTime64('2026-01-09 00:00:00', 3, 'UTC') GROUP BY page, device "
            + "ORDER BY c DESC, page COLLATE \"C\", device LIMIT 100",
        "SELECT browser, quantilesExact(0.5,0.95,0.99)(load_time_ms) q FROM events GROUP BY browser",
        "SELECT browser, quantile_disc(load_time_ms, [0.5,0.95,0.99]) q FROM events",
        "SELECT percentile_disc(ARRAY[0.5,0.95]) WITHIN GROUP (ORDER BY load_time_ms) FROM events",
        "SELECT landing, avg(dur) a FROM (SELECT session_id, argMin(page, ts) landing, "
            + "epoch_ms(max(ts)) - epoch_ms(min(ts)) dur FROM events GROUP BY session_id) "
            + "GROUP BY landing",
        "SELECT count(*) FILTER (event_type='page_view') pv, count(DISTINCT user_id) u FROM events",
        "SELECT (array_agg(page ORDER BY ts))[1] landing, extract(epoch FROM max(ts) - min(ts)) "
            + "* 1000 dur FROM events GROUP BY session_id",
    ])
    func peersSpellingsAreRead(text: String) throws {
        let tree = try StatementSyntax.parse(QueryText(text))
        #expect(try StatementSyntax.parse(QueryText(tree.description)) == tree)
    }
}
