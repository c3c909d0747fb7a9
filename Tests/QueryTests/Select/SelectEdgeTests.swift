import Expressions
import Query
import SQL
import Testing

/// Queries that ask too much: each ends in the right answer or in an error that says why, within
/// its time and memory.
@Suite("Queries at the edges")
struct SelectEdgeTests {
    private static let events = (1...40).map { number in
        """
        {"eventId":"\(number)","eventType":"click","timestamp":"2026-01-10T10:\(number + 10):00Z",\
        "properties":{"n":\(number),"zero":0,"page":"/\(number % 7)","big":9223372036854775807}}
        """
    }

    /// The lines of the answer below its header, or the code of the error.
    private func ask(_ text: String, workers: Int = 2) throws -> String {
        let harness = try SelectHarness(events: Self.events, layout: .flushed)
        let control = QueryControl(timeout: .seconds(60), bytesMost: 256 << 20)
        do throws(QueryError) {
            let answer = try harness.answer(
                text, .tsv, [:], SelectHarness.Manner(workers: workers), control: control)
            return answer.split(separator: "\n").dropFirst().joined(separator: "\n")
        } catch {
            return error.code
        }
    }

    // MARK: Size

    @Test func aTextOfAMegabyte() throws {
        let text = String(repeating: "a", count: 1_000_000)
        #expect(try ask("SELECT length('\(text)')") == "1000000")
        #expect(try ask("SELECT length('\(text)\(text)')") == "query_limit")
        let sum = Array(repeating: "1", count: 400_000).joined(separator: "+")
        #expect(try ask("SELECT \(sum)") == "query_limit")
        #expect(try ask(String(repeating: "(", count: 1_000_000)) == "query_limit")
    }

    @Test func aLongListOfConstants() throws {
        let numbers = (2...100_001).map(String.init).joined(separator: ", ")
        #expect(try ask("SELECT count(*) FROM events WHERE n IN (\(numbers))") == "39")
        #expect(try ask("SELECT count(*) FROM events WHERE n NOT IN (\(numbers))") == "1")
        let texts = (0..<100_000).map { "'/\($0)'" }.joined(separator: ", ")
        #expect(try ask("SELECT count(*) FROM events WHERE page IN (\(texts))") == "40")
    }

    @Test func aThousandItems() throws {
        let items = (0..<1_000).map { "n + \($0)" }.joined(separator: ", ")
        let row = try ask("SELECT \(items) FROM events WHERE n = 1")
        #expect(row == (1...1_000).map(String.init).joined(separator: "\t"))
        let sums = (0..<1_000).map { "sum(n + \($0))" }.joined(separator: ", ")
        let sum = try ask("SELECT \(sums) FROM events")
        #expect(sum == (0..<1_000).map { "\(820 + 40 * $0)" }.joined(separator: "\t"))
        let keys = (1...1_000).map(String.init).joined(separator: ", ")
        let groups = try ask("SELECT \(items) FROM events GROUP BY \(keys) ORDER BY \(keys)")
        #expect(groups.split(separator: "\n").count == 40)
    }

    @Test func nesting() throws {
        let parentheses = String(repeating: "(", count: 10_000)
        let closing = String(repeating: ")", count: 10_000)
        #expect(try ask("SELECT \(parentheses)1\(closing)") == "query_limit")
        var query = "SELECT n FROM events"
        for _ in 0..<50 { query = "SELECT n FROM (\(query)) AS q WHERE n > 38" }
        #expect(try ask("\(query) ORDER BY n") == "39\n40")
        for _ in 0..<500 { query = "SELECT n FROM (\(query)) AS q" }
        #expect(try ask(query) == "query_limit")
        let nots = String(repeating: "NOT ", count: 5_000)
        #expect(try ask("SELECT \(nots)true") == "query_limit")
        let json = String(repeating: "[", count: 200_000)
        #expect(try ask("SELECT json_array_length('\(json)')") == "\\N")
    }

    // MARK: Doubling

    @Test func aliasesThatDouble() throws {
        var items = ["n AS a0"]
        for number in 1...60 { items.append("a\(number - 1) + a\(number - 1) AS a\(number)") }
        #expect(
            try ask("SELECT \(items.joined(separator: ", ")) FROM events") == "query_limit")
        #expect(
            try ask("SELECT \(items.prefix(9).joined(separator: ", ")) FROM events WHERE n = 1")
                == "1\t2\t4\t8\t16\t32\t64\t128\t256")
    }

    @Test func aliasesThatDeepen() throws {
        let ones = Array(repeating: "1", count: 100).joined(separator: " + ")
        var items = ["n AS a0"]
        for number in 1...60 { items.append("a\(number - 1) + \(ones) AS a\(number)") }
        #expect(
            try ask("SELECT \(items.joined(separator: ", ")) FROM events") == "query_limit")
        var query = "SELECT n AS x FROM events"
        for _ in 0..<40 { query = "SELECT x + \(ones) AS x FROM (\(query)) AS q" }
        #expect(try ask("SELECT count(*) FROM (\(query)) AS q WHERE x > 4038") == "2")
    }

    /// What is bound once for each level is put into conditions many times over.
    @Test func subqueriesThatDouble() throws {
        var query = "SELECT n AS x FROM events"
        for _ in 0..<45 { query = "SELECT x + x - x AS x FROM (\(query)) AS q" }
        #expect(try ask("SELECT count(*) FROM (\(query)) AS q WHERE x > 38") == "2")
        #expect(try ask("SELECT sum(x) FROM (\(query)) AS q") == "820")
    }

    @Test func tablesThatDouble() throws {
        var tables = ["t0 AS (SELECT * FROM events)"]
        for number in 1...40 {
            let before = "SELECT * FROM t\(number - 1)"
            tables.append("t\(number) AS (\(before) UNION ALL \(before))")
        }
        let all = tables.joined(separator: ", ")
        #expect(try ask("WITH \(all) SELECT count(*) FROM t40") == "query_limit")
        #expect(try ask("WITH \(all) SELECT count(*) FROM t4") == "640")
    }

    // MARK: Patterns

    @Test func patternsThatBacktrack() throws {
        let wild = String(repeating: "%", count: 10_000)
        #expect(try ask("SELECT count(*) FROM events WHERE page LIKE '\(wild)'") == "40")
        let steps = String(repeating: "%a", count: 1_000)
        #expect(try ask("SELECT repeat('a', 100000) LIKE '\(steps)%b'") == "false")
        #expect(try ask("SELECT repeat('a', 100000) LIKE '\(steps)'") == "true")
        #expect(
            try ask("SELECT count(*) FROM events WHERE repeat(page, 20000) LIKE '\(steps)'") == "0")
        let line = "repeat('a', 100000) || '!'"
        #expect(try ask("SELECT match(\(line), '(a+)+$')") == "false")
        #expect(try ask("SELECT match(\(line), '^(a|aa)+$')") == "false")
        #expect(try ask("SELECT length(regexp_replace(\(line), '(a*)*', 'b', 'g')) > 0") == "true")
        #expect(try ask("SELECT match('a', '((a{1000}){1000}){1000}')") != "true")
        #expect(try ask("SELECT match('a', '(')") == "invalid_value")
    }

    // MARK: Numbers

    @Test func pages() throws {
        let most = Int64.max
        #expect(try ask("SELECT n FROM events LIMIT 3 OFFSET 1000000000") == "")
        #expect(try ask("SELECT n FROM events ORDER BY n LIMIT 3 OFFSET 1000000000") == "")
        #expect(try ask("SELECT n FROM events ORDER BY n LIMIT \(most) OFFSET \(most)") == "")
        #expect(try ask("SELECT n FROM events ORDER BY n LIMIT \(most) OFFSET 38") == "39\n40")
        #expect(try ask("SELECT n FROM events LIMIT 0") == "")
        #expect(try ask("SELECT n FROM events LIMIT -1") == "invalid_limit")
        #expect(try ask("SELECT n FROM events LIMIT 99999999999999999999") == "invalid_limit")
    }

    @Test(arguments: [
        ("n / zero", "division_by_zero"), ("1 / 0", "division_by_zero"),
        ("n % zero", "division_by_zero"), ("intDiv(n, zero)", "division_by_zero"),
        ("sum(n) / sum(zero)", "division_by_zero"), ("try_divide(1, 0)", "\\N"),
        ("big + n", "out_of_range"), ("big * 2", "out_of_range"), ("sum(big)", "out_of_range"),
        ("-big - 2", "out_of_range"), ("intDiv(-big - 1, -1)", "out_of_range"),
        ("abs(-big - 1)", "out_of_range"), ("-(-big - 1)", "out_of_range"),
        ("CAST('9223372036854775808' AS Int64)", "invalid_value"),
        ("CAST(1e300 AS Int64)", "out_of_range"),
        ("date_trunc('day', timestamp, 'Mars/Olympus')", "unknown_timezone"),
        ("date_trunc('day', timestamp, '../../etc/passwd')", "unknown_timezone"),
        ("toStartOfHour(timestamp, '')", "unknown_timezone"),
        ("repeat('ab', 1000000000)", "query_limit"), ("lpad('a', 1000000000)", "query_limit"),
    ])
    func values(_ expression: String, _ expected: String) throws {
        let lines = try ask("SELECT \(expression) FROM events").split(separator: "\n")
        #expect(lines.first.map(String.init) == expected, "\(expression)")
    }

    /// The greatest and least numbers and times, wherever a function takes one.
    @Test func extremes() throws {
        let numbers = ["9223372036854775807", "(-9223372036854775807 - 1)", "0", "-1"]
        let calls = [
            "substring(page, #, #)", "left(page, #)", "right(page, #)", "repeat(page, #)",
            "lpad(page, #, 'x')", "split_part(page, '/', #)", "chr(#)", "round(1.5, #)",
            "date_add('year', #, timestamp)", "date_add('millisecond', #, timestamp)",
            "make_date(#, #, #)", "to_timestamp(#)", "epoch_ms(#)", "intDiv(#, #)", "# % #",
            "power(#, #)", "# << #", "# >> #", "date_trunc('week', epoch_ms(#))",
            "date_trunc('month', epoch_ms(#), 'Europe/Berlin')",
            "time_bucket(INTERVAL 1 DAY, epoch_ms(#))", "toStartOfFiveMinutes(epoch_ms(#))",
            "formatDateTime(epoch_ms(#), '%Y-%m-%d')", "date_part('doy', epoch_ms(#))",
            "date_diff('day', epoch_ms(#), epoch_ms(#))", "epoch_ms(#) + INTERVAL 1 MONTH",
            "toDate(epoch_ms(#))", "json_extract('[1,2]', #)", "DATE '2026-01-10' + #",
            "epoch_ms(#) - epoch_ms(#)", "sum(#)", "avg(#)", "topK(#)(page)", "quantile(#)(n)",
            "CAST(# AS Float64)", "CAST(CAST(# AS Float64) AS Int64)", "bitCount(#)", "sqrt(#)",
            "CAST(epoch_ms(#) AS String)", "sign(#) * #", "toStartOfYear(epoch_ms(#), 'UTC')",
        ]
        let harness = try SelectHarness(events: Self.events, layout: .live)
        let control = QueryControl(timeout: .seconds(60), bytesMost: 256 << 20)
        var codes: [String: Int] = [:]
        for call in calls {
            for (index, number) in numbers.enumerated() {
                // The second place takes the next number.
                var pieces = call.split(separator: "#", omittingEmptySubsequences: false)[...]
                var text = String(pieces.removeFirst())
                for (place, piece) in pieces.enumerated() {
                    text += place == 0 ? number : numbers[(index + place) % numbers.count]
                    text += piece
                }
                for filter in ["", " WHERE n > 0"] {
                    do throws(QueryError) {
                        _ = try harness.answer(
                            "SELECT \(text) FROM events\(filter)", .json, control: control)
                    } catch {
                        codes[error.code, default: 0] += 1
                    }
                }
            }
        }
        let known: Set = [
            "out_of_range", "division_by_zero", "query_limit", "invalid_value", "wrong_arguments",
            "wrong_types", "sql_syntax",
        ]
        #expect(Set(codes.keys).isSubset(of: known), "\(codes)")
    }

    @Test func timeAndMemory() throws {
        let harness = try SelectHarness(events: Self.events, layout: .flushed)
        let texts = [
            "SELECT n, count(*) FROM events GROUP BY n ORDER BY n",
            "SELECT DISTINCT n, page FROM events",
            "SELECT n FROM (SELECT n FROM events ORDER BY n LIMIT 30) AS q ORDER BY n DESC",
        ]
        for text in texts {
            for control in [
                QueryControl(timeout: .zero), QueryControl(timeout: .seconds(60), bytesMost: 1),
            ] {
                do throws(QueryError) {
                    _ = try harness.answer(text, control: control)
                    Issue.record("no limit ends \(text)")
                } catch {
                    #expect(error.code == "query_limit", "\(text)")
                }
            }
        }
    }
}
