import Foundation
import Testing

extension EndToEnd {
    /// Queries in SQL over HTTP.
    @Suite("SQL")
    struct SelectTests {
        private let sql = "/api/v1/sql"

        private func server(_ arguments: [String] = []) throws -> (WeirServer, TemporaryDirectory) {
            let data = try TemporaryDirectory()
            let server = try WeirServer(
                data: data, ["--stream-flush-interval", "300ms"] + arguments)
            let events = (0..<200).map { number in
                #"{"eventId":"\#(number)","eventType":"page_view","userId":"u\#(number % 7)","#
                    + #""timestamp":"2026-01-10T10:\#(number % 60 / 10)0:00Z","#
                    + #""properties":{"page":"/\#(number % 3)","n":\#(number)}}"#
            }
            _ = try server.post(batch, events.joined(separator: "\n"), [ndjson])
            #expect(try server.waitForTotal(200) == 200)
            return (server, data)
        }

        private func ask(
            _ server: WeirServer, _ query: String, _ more: String = ""
        ) throws -> HTTPAnswer {
            let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return try server.get("\(sql)?q=\(text)\(more)")
        }

        @Test("answers come in every format, from every form of a request")
        func formats() throws {
            let (server, _) = try server()
            let query = "SELECT page, count(*) AS c FROM events GROUP BY page ORDER BY page"
            let answer = try ask(server, query)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(
                answer.text.hasPrefix(
                    #"{"columns":[{"name":"page","type":"String"},{"name":"c","type":"Int64"}],"#
                        + #""rows":[["/0",67],["/1",67],["/2",66]],"stats":{"rows":3,"#))
            #expect(
                try ask(server, query, "&format=csv").text
                    == "page,c\r\n/0,67\r\n/1,67\r\n/2,66\r\n")
            #expect(
                try ask(server, query + " FORMAT TSV").text == "page\tc\n/0\t67\n/1\t67\n/2\t66\n")
            #expect(
                try ask(server, query + " LIMIT 1", "&format=ndjson").text
                    == "{\"page\":\"/0\",\"c\":67}\n")
            let plain = try server.post(sql + "?format=tsv", "SELECT count(*) AS c FROM events")
            #expect(plain.text == "c\n200\n")
            let json = try server.post(
                sql,
                #"{"query":"SELECT count(*) AS c FROM events "#
                    + #"WHERE page = {p:String} AND n > {n:Int64}","#
                    + #""parameters":{"p":"/1","n":100},"format":"tsv"}"#)
            #expect(json.text == "c\n33\n")
            #expect(
                try ask(server, "SELECT {a:Int64} + 1 AS b", "&format=tsv&param_a=41").text
                    == "b\n42\n")
        }

        @Test("an error says what is wrong and where")
        func errors() throws {
            let (server, _) = try server()
            let unknown = try ask(server, "SELECT pge\nFROM events")
            #expect(unknown.status == 422)
            let error = unknown.json["error"]
            #expect(error["code"].string == "unknown_column")
            #expect(error["line"].int == 1 && error["column"].int == 8)
            #expect(error["excerpt"].string == "SELECT pge\n       ^^^")
            for (query, status, code) in [
                ("SELECT", 400, "sql_syntax"), ("DROP TABLE events", 400, "sql_read_only"),
                ("SELECT 1 FROM events JOIN events", 400, "sql_unsupported"),
                ("SELECT 1 / 0", 422, "division_by_zero"), ("SELECT x.y", 422, "unknown_column"),
                ("SELECT 1 SETTINGS nope = 1", 422, "unknown_setting"),
                ("SELECT 1 FORMAT nope", 400, "unknown_format"),
            ] {
                let answer = try ask(server, query)
                #expect(answer.status == status, "\(query): \(answer.text)")
                #expect(answer.json["error"]["code"].string == code, "\(query): \(answer.text)")
            }
            #expect(try server.get(sql).status == 400)
            #expect(try server.get(sql + "?q=SELECT%201&nope=1").status == 400)
            #expect(try server.post(sql, #"{"query":1}"#).status == 400)
        }

        @Test("a query past a limit ends with query_limit, and the server goes on")
        func limits() throws {
            let (server, _) = try server(["--query-rows", "100"])
            for query in [
                "SELECT eventId FROM events",
                "SELECT eventId, string_agg(page, ',') FROM events GROUP BY eventId "
                    + "SETTINGS max_memory = 1",
            ] {
                let answer = try ask(server, query)
                #expect(answer.status == 422, "\(query): \(answer.text.prefix(200))")
                #expect(answer.json["error"]["code"].string == "query_limit", "\(query)")
            }
            #expect(
                try ask(server, "SELECT count(*) AS c FROM events", "&format=tsv").text
                    == "c\n200\n")
            let failed = try ask(
                server,
                "SELECT count(*) AS c FROM system.queries WHERE error = 'query_limit'",
                "&format=tsv")
            #expect(failed.text == "c\n2\n")
            #expect(try server.metric("weir_sql_running") == 0)
        }

        @Test("rollups answer what they can, and the explanation says so")
        func explains() throws {
            let (server, _) = try server()
            let query =
                "SELECT page, count(*) AS c FROM events WHERE eventType = 'page_view' "
                + "GROUP BY page ORDER BY page"
            let plan = try ask(server, "EXPLAIN " + query, "&format=tsv").text
            #expect(plan.contains("table page_views_"), "\(plan)")
            let raw = try ask(
                server, "EXPLAIN " + query + " SETTINGS use_rollups = 0", "&format=tsv"
            ).text
            #expect(raw.contains("scan events: "), "\(raw)")
            let analysis = try ask(server, "EXPLAIN ANALYZE " + query, "&format=tsv").text
            #expect(analysis.contains("rows scanned"), "\(analysis)")
            for table in [
                "tables", "columns", "parts", "metrics", "rollups", "merges", "queries",
                "settings", "functions",
            ] {
                let answer = try ask(server, "SELECT * FROM system.\(table)")
                #expect(answer.status == 200, "\(table): \(answer.text.prefix(200))")
            }
        }
    }
}
