import SQL
import Testing

/// Expressions as they are written, and as canonical text writes what was read.
@Suite struct ExpressionParsingTests {
    static let operators = [
        ("a+b*c", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-b-c", "a - b - c"),
        ("a-(b-c)", "a - (b - c)"),
        ("a / b % c DIV d", "a / b % c DIV d"),
        ("a // b mod c", "a DIV b % c"),
        ("a || b + c", "a || b + c"),
        ("(a || b) + c", "(a || b) + c"),
        ("-a * b", "-a * b"),
        ("-(a * b)", "-(a * b)"),
        ("- -a", "-(-a)"),
        ("-+5", "-(+5)"),
        ("a - -b", "a - -b"),
        ("-a::Int64", "-CAST(a AS Int64)"),
        ("a = b", "a = b"),
        ("a == b", "a = b"),
        ("a != b", "a <> b"),
        ("a<>b", "a <> b"),
        ("a>=b", "a >= b"),
        ("a + 1 < b * 2", "a + 1 < b * 2"),
        ("(a = b) = c", "(a = b) = c"),
        ("a = (b = c)", "a = (b = c)"),
        ("not a = b", "NOT a = b"),
        ("(not a) = b", "(NOT a) = b"),
        ("a = not b", "a = (NOT b)"),
        ("NOT NOT a", "NOT NOT a"),
        ("a or b and c", "a OR b AND c"),
        ("(a or b) and c", "(a OR b) AND c"),
        ("a or b or c", "a OR b OR c"),
        ("(a or b) or c", "(a OR b) OR c"),
        ("a and not b or c", "a AND NOT b OR c"),
        ("a is null", "a IS NULL"),
        ("a is unknown", "a IS NULL"),
        ("a is not null and b", "a IS NOT NULL AND b"),
        ("a = b is null", "a = b IS NULL"),
        ("a = (b is null)", "a = (b IS NULL)"),
        ("a is true", "a IS NOT DISTINCT FROM TRUE"),
        ("a is not false", "a IS DISTINCT FROM FALSE"),
        ("a is distinct from b + 1", "a IS DISTINCT FROM b + 1"),
        ("a is not distinct from b", "a IS NOT DISTINCT FROM b"),
        ("a between 1 and 2 and b", "a BETWEEN 1 AND 2 AND b"),
        ("a not between b + 1 and (c and d)", "a NOT BETWEEN b + 1 AND (c AND d)"),
        ("a in (1, 'b', c + 1)", "a IN (1, 'b', c + 1)"),
        ("a not in (1)", "a NOT IN (1)"),
        ("a in [1, 2]", "a IN (1, 2)"),
        ("a in {ids:Array(String)}", "a IN ({ids:Array(String)})"),
        ("a = b in (c)", "a = b IN (c)"),
        ("(a, b) in ((1, 2), (3, 4))", "(a, b) IN ((1, 2), (3, 4))"),
        ("a in (select b from t)", "a IN (SELECT b FROM t)"),
        ("a not in ((select 1) union all (select 2))", "a NOT IN (SELECT 1 UNION ALL SELECT 2)"),
        ("a like 'x%'", "a LIKE 'x%'"),
        ("a not like b || '%' escape '!'", "a NOT LIKE b || '%' ESCAPE '!'"),
        ("a ilike 'x'", "a ILIKE 'x'"),
        ("a ~ 'x' and b !~ 'y'", "a REGEXP 'x' AND b NOT REGEXP 'y'"),
        ("a ~* 'x' and b !~* 'y'", "a ~* 'x' AND b !~* 'y'"),
        ("a rlike 'x'", "a REGEXP 'x'"),
        ("a regexp 'x' = b", "a REGEXP 'x' = b"),
        ("a COLLATE \"C\" < b", "a < b"),
    ]

    static let operands = [
        ("NULL", "NULL"), ("True", "TRUE"), ("false", "FALSE"),
        ("0", "0"), ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("1.50", "1.5"), (".5", "0.5"), ("1.", "1.0"), ("1e9", "1000000000.0"),
        ("1E-7", "1e-07"), ("0xff", "255"), ("0Xffffffffffffffff", "18446744073709551615"),
        ("'it''s'", "'it''s'"), ("'a\\nb'", "'a\\nb'"), ("''", "''"),
        ("'é—\u{1F600}'", "'é—\u{1F600}'"),
        (#"E'a\tb\\\'\x41\u00e9\U0001F600'''"#, "'a\tb\\''Aé\u{1F600}'''"),
        ("a", "a"), ("\"a\"", "a"), ("`a b`", "\"a b\""), ("`a``b`", "\"a`b\""),
        ("\"a\"\"b\"", "\"a\"\"b\""), ("Page", "Page"), ("_x1$", "\"_x1$\""),
        ("größe", "\"größe\""),
        ("\"select\"", "\"select\""), ("\"1a\"", "\"1a\""),
        ("properties.page", "properties.page"),
        ("t.properties.\"odd name\"", "t.properties.\"odd name\""),
        ("properties.order", "properties.\"order\""),
        ("timestamp", "timestamp"), ("date", "date"), ("\"interval\" - 1", "\"interval\" - 1"),
        ("interval - 1", "\"interval\" - 1"), ("format", "\"format\""), ("left", "left"),
        ("{day:Date}", "{day:Date}"),
        ("{ n : Nullable(DECIMAL(10, 2)) }", "{n:Nullable(DECIMAL(10, 2))}"),
        ("(((a)))", "a"), ("(a, b)", "(a, b)"), ("[]", "[]"), ("array[1,2]", "[1, 2]"),
        ("[1, [2]][2][1]", "[1, [2]][2][1]"), ("(-a)[1]", "(-a)[1]"), ("a.b[1] + 1", "a.b[1] + 1"),
        ("cast(a as int)", "CAST(a AS int)"),
        ("CAST(a + 1, 'Array(String)')", "CAST(a + 1 AS Array(String))"),
        ("try_cast(a AS double precision)", "TRY_CAST(a AS DOUBLE PRECISION)"),
        ("a::varchar(10)[]", "CAST(a AS Array(varchar(10)))"),
        ("a::DateTime64(3, 'UTC')::text", "CAST(CAST(a AS DateTime64(3, 'UTC')) AS text)"),
        ("a::timestamp(3) with time zone", "CAST(a AS timestamp WITH TIME ZONE(3))"),
        ("a::timestamp with time zone(3)", "CAST(a AS timestamp WITH TIME ZONE(3))"),
        ("a::character varying(3)", "CAST(a AS CHARACTER VARYING(3))"),
        ("case when a then b end", "CASE WHEN a THEN b END"),
        (
            "case a when 1 then 2 when 3 then 4 else 5 end + 1",
            "CASE a WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE 5 END + 1"
        ),
        ("interval 1 day", "INTERVAL 1 DAY"), ("INTERVAL '3' hours", "INTERVAL '3' HOUR"),
        ("interval '1 day 2 hours'", "INTERVAL '1 day 2 hours'"),
        ("interval -2 Weeks", "INTERVAL -2 WEEK"),
        ("interval {n:Int64} month", "INTERVAL {n:Int64} MONTH"),
        ("now() - interval 1 day", "now() - INTERVAL 1 DAY"),
        ("date '2026-01-08'", "DATE '2026-01-08'"),
        ("timestamp '2026-01-08 00:00:00'", "TIMESTAMP '2026-01-08 00:00:00'"),
        ("(select 1)", "(SELECT 1)"), ("((select 1)) + 1", "(SELECT 1) + 1"),
        ("((select 1) union all (select 2) limit 1)", "(SELECT 1 UNION ALL SELECT 2 LIMIT 1)"),
        ("exists (select 1)", "EXISTS (SELECT 1)"),
        (
            "not exists (with a as (select 1) select 2)",
            "NOT EXISTS (WITH a AS (SELECT 1) SELECT 2)"
        ),
    ]

    static let calls = [
        ("count(*)", "count(*)"), ("count( )", "count()"),
        ("COUNT(DISTINCT a)", "COUNT(DISTINCT a)"),
        ("count(distinct a, b)", "count(DISTINCT a, b)"),
        ("count(distinct (a, b))", "count(DISTINCT (a, b))"),
        ("sum(all a)", "sum(a)"), ("\"odd fn\"(1)", "\"odd fn\"(1)"), ("left(a, 2)", "left(a, 2)"),
        ("mod(a, 2) mod 3", "mod(a, 2) % 3"), ("if(a, b, c)", "if(a, b, c)"),
        ("quantile(0.95)(x)", "quantile(0.95)(x)"),
        ("quantiles(0.5, 0.9)(x)[2]", "quantiles(0.5, 0.9)(x)[2]"),
        ("topK(10)(distinct page)", "topK(10)(DISTINCT page)"),
        ("quantile_cont(x, [0.5, 0.9])", "quantile_cont(x, [0.5, 0.9])"),
        ("percentile_cont(0.5) within group (order by x)", "percentile_cont(0.5)(x)"),
        ("count(*) filter (where a = 1)", "count(*) FILTER (WHERE a = 1)"),
        ("count() filter (a = 1)", "count() FILTER (WHERE a = 1)"),
        ("array_agg(a order by b desc, c)", "array_agg(a ORDER BY b DESC, c)"),
        ("extract(HOUR from ts)", "date_part('hour', ts)"), ("extract(a, 'x')", "extract(a, 'x')"),
        ("trim(a)", "trim(a)"), ("trim(both from a)", "trim(a)"),
        ("trim(leading 'x' from a)", "ltrim(a, 'x')"),
        ("trim(trailing 'x' from a)", "rtrim(a, 'x')"), ("trim('x' from a)", "trim(a, 'x')"),
        ("trim(a, 'x')", "trim(a, 'x')"),
        ("substring(a from 2 for 3)", "substring(a, 2, 3)"),
        ("substring(a for 3)", "substring(a, 1, 3)"),
        ("substr(a, 2)", "substr(a, 2)"), ("position('a' in b)", "position(b, 'a')"),
        ("position(a, 'b') = 1", "position(a, 'b') = 1"),
        ("position((a in (1)), b)", "position((a IN (1)), b)"),
        ("ts at time zone 'Europe/Paris'", "timezone('Europe/Paris', ts)"),
        ("-a at time zone b::text", "-timezone(CAST(b AS text), a)"),
        ("current_date", "current_date()"), ("CURRENT_TIMESTAMP - a", "CURRENT_TIMESTAMP() - a"),
        ("row_number() over ()", "row_number() OVER ()"), ("sum(a) over w", "sum(a) OVER w"),
        ("lag(a, 1) ignore nulls over (w)", "lag(a, 1) IGNORE NULLS OVER (w)"),
        (
            "first_value(a respect nulls) over (order by b)",
            "first_value(a) RESPECT NULLS OVER (ORDER BY b)"
        ),
        (
            "sum(a) over (w partition by b, c order by d desc nulls last rows 3 preceding)",
            "sum(a) OVER (w PARTITION BY b, c ORDER BY d DESC NULLS LAST "
                + "ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)"
        ),
        (
            "sum(a) over (range between unbounded preceding and interval 1 day following)",
            "sum(a) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 DAY FOLLOWING)"
        ),
        (
            "sum(a) over (groups between current row and unbounded following)",
            "sum(a) OVER (GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"
        ),
    ]

    @Test(arguments: operators + operands + calls)
    func expressionsAreReadAndWritten(text: String, canonical: String) throws {
        let tree = try ExpressionSyntax.parse(QueryText(text))
        #expect(tree.description == canonical)
        let again = try ExpressionSyntax.parse(QueryText(tree.description))
        #expect(again == tree)
    }

    @Test func differentTextsAreDifferentTrees() throws {
        let texts = [
            "a", "A", "'a'", "1", "1.0", "(a, b)", "[a, b]", "a.b", "a AND b", "a OR b",
            "NOT a", "-a", "a IS NULL", "a IS NOT NULL", "f(a)", "f(DISTINCT a)", "f()(a)", "f(*)",
        ]
        let trees = try texts.filter { $0 != "f()(a)" }.map {
            try ExpressionSyntax.parse(QueryText($0))
        }
        for (index, tree) in trees.enumerated() {
            #expect(trees.firstIndex(of: tree) == index)
        }
    }
}
