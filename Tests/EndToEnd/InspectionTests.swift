import Foundation
import Testing

extension EndToEnd {
    /// The offline tool on directories that the real server makes, and on the golden files; and the
    /// second reader beside it.
    @Suite("Inspection")
    struct InspectionTests {
        private static let golden = sourceRoot + "/Tests/Golden/"

        /// Events of all types of values, some late, some without a property.
        private static func body(_ first: Int, _ count: Int) -> String {
            (first..<first + count).map { index in
                let properties = [
                    #""page":"/p/\#(index % 23)""#, #""load":\#(Double(index % 90) * 1.25)"#,
                    #""depth":\#(index % 7 == 0 ? "\"deep\"" : "\(index)")"#,
                    #""tags":["a",\#(index % 3)]"#, #""isNew":\#(index % 2 == 0)"#, #""ü":"é\"\n""#,
                ].filter { _ in index % 11 != 0 }.joined(separator: ",")
                let type = index % 5 == 0 ? "click" : "page_view"
                let time = "2026-01-1\(index % 2)T10:0\(index % 10):00.\(100 + index % 900)Z"
                return #"{"eventId":"e\#(index)","eventType":"\#(type)","timestamp":"\#(time)","#
                    + #""userId":"u\#(index % 40)","properties":{\#(properties)}}"#
            }.joined(separator: "\n")
        }

        /// A directory of several flushes and merges, with a log of several segments' worth.
        private static func served(_ data: TemporaryDirectory) throws {
            for round in 0..<2 {
                let server = try WeirServer(data: data, ["--stream-flush-interval", "100ms"])
                for part in 0..<5 {
                    let first = (round * 5 + part) * 120
                    let answer = try server.post(
                        batch + "?ack=durable", body(first, 120), [ndjson])
                    #expect(answer.status == 202)
                    usleep(150_000)
                }
                if round == 1 {
                    let made = try server.post("/api/v1/snapshots", #"{"name":"s1"}"#)
                    #expect(made.status == 201, "\(made.text)")
                }
                #expect(server.kill(SIGTERM).status == 0)
            }
        }

        @Test("what a server leaves is right, and both readers read the same")
        func servedDirectory() throws {
            let data = try TemporaryDirectory()
            try Self.served(data)
            let verified = try weirPart("verify", data.store)
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            #expect(verified.lines.last?.hasSuffix("and 1,200 events: no damage") == true)
            // Plain in a pipe: no bar, no escapes.
            #expect(!verified.output.contains("\u{1B}") && !verified.errors.contains("\u{1B}"))
            let checked = try secondReader("check", data.store)
            #expect(checked.status == 0, "\(checked.errors)")
            #expect(checked.output.contains(#""events": 1200"#), "\(checked.output)")
            let snapshot = data.store + "/snapshots/s1"
            let kept = try weirPart("verify", snapshot)
            #expect(kept.status == 0 && kept.lines.last?.hasSuffix(": no damage") == true)
            #expect(try secondReader("check", snapshot).status == 0)
            try Self.compareDirectory(data.store)
            try Self.looksAt(data.store)
        }

        /// The manifest, the log and every part, as the engine reads them and as the other does.
        private static func compareDirectory(_ path: String) throws {
            let manifest = try weirPart("manifest", path, "--json")
            #expect(manifest.status == 0, "\(manifest.errors)")
            let records = try secondReader(
                "compare", "manifest", path + "/manifest", input: manifest.output)
            #expect(records.status == 0, "\(records.errors)")
            let events = try weirPart("log", path, "--payload")
            let log = try secondReader("compare", "log", path + "/log", input: events.output)
            #expect(log.output == "1200 events alike\n", "\(log.errors)")
            let state = try #require(manifest.lines.last.map { JSON(Array($0.utf8)) })
            var tables: Set<String> = []
            for part in state["added"].array {
                let table = part["table"].string ?? ""
                guard tables.insert(table).inserted || table == "events" else { continue }
                let file =
                    "\(path)/tables/\(table)/\(part["partition"].string ?? "")/"
                    + "\(part["flushes"][1].int ?? 0)-\(part["number"].int ?? 0).part"
                let rows = try weirPart("dump", file, "--states", "hex")
                let compared = try secondReader("compare", "part", file, input: rows.output)
                #expect(compared.status == 0, "\(file): \(compared.errors)")
            }
            #expect(tables.count > 5)
        }

        /// Each command says what it should of a whole directory.
        private static func looksAt(_ path: String) throws {
            let stats = try weirPart("stats", path, "--table", "events", "--json")
            let events = JSON(Array((stats.lines.first ?? "").utf8))
            #expect(events["rows"].int == 1_200 && stats.lines.count == 1)
            let ids = events["columns"].array.first { $0["name"].string == "eventId" }
            #expect(ids?["distinct"].int == 1_200 && ids?["nulls"].int == 0)
            let depths = events["columns"].array.filter {
                $0["name"].string == "properties.depth"
            }
            #expect(Set(depths.compactMap { $0["type"].string }) == ["string", "integer"])
            let schema = try weirPart("schema", path + "/tables/events")
            #expect(schema.lines.first?.hasPrefix("events: raw, by day of timestamp") == true)
            let alike = try weirPart("diff", path, path, "--table", "events,page_views_hour")
            #expect(alike.status == 0, "\(alike.output)\(alike.errors)")
            #expect(alike.output.contains("events: 1,200 rows alike, 0 only left, 0 only right"))
            let range = try weirPart(
                "dump", path, "--table", "events", "--columns", "eventId", "--range",
                "2026-01-10T10:04:00Z..2026-01-10T10:05:00Z")
            #expect(range.lines.count == 120 && range.lines[0].hasPrefix(#"{"eventId":"e"#))
            let limited = try weirPart("dump", path, "--table", "events", "--limit", "7")
            #expect(limited.lines.count == 7)
            #expect(try weirPart("dump", path).status == 1)
            let frames = try weirPart("log", path, "--json")
            #expect(
                frames.lines.compactMap { JSON(Array($0.utf8))["events"].int }
                    .reduce(0, +) == 1_200)
        }

        @Test("damage in a directory is named with file, offset, expected and found")
        func damagedDirectory() throws {
            let data = try TemporaryDirectory()
            try Self.served(data)
            let log = try FileManager.default.contentsOfDirectory(atPath: data.store + "/log")
                .sorted()
            let segment = "\(data.store)/log/\(try #require(log.first))"
            try Self.flip(segment, at: 200)
            let state = try #require(
                try weirPart("manifest", data.store, "--state", "--json").lines.first)
            let part = try #require(
                JSON(Array(state.utf8))["added"].array.first { $0["table"].string == "events" })
            let file =
                "\(data.store)/tables/events/\(part["partition"].string ?? "")/"
                + "\(part["flushes"][1].int ?? 0)-\(part["number"].int ?? 0).part"
            try Self.flip(file, at: 40)
            let verified = try weirPart("verify", data.store)
            #expect(verified.status == 2)
            let place = #/^(.+), offset \d+: expected .+, found .+$/#
            let files = verified.lines.compactMap { line in
                line.wholeMatch(of: place).map { String($0.1) }
            }
            #expect(Set(files) == [segment, file], "\(verified.output)")
            #expect(verified.lines.last?.contains("DAMAGE: \(files.count)") == true)
            let json = try weirPart("verify", data.store, "--json")
            #expect(JSON(Array((json.lines.last ?? "").utf8))["damage"].int == files.count)
            let dump = try weirPart("dump", file)
            #expect(dump.status == 2 && dump.errors.contains(file))
            let events = try weirPart("log", data.store, "--payload")
            #expect(events.status == 2 && events.lines.count < 1_200 && !events.lines.isEmpty)
        }

        private static func flip(_ path: String, at offset: Int) throws {
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            bytes[offset] ^= 4
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }

        @Test("golden parts are read alike, and their damaged twins are named")
        func goldenFiles() throws {
            for (part, twin) in try Self.goldenParts() {
                let rows = try weirPart("dump", part, "--states", "hex")
                #expect(rows.status == 0 && !rows.lines.isEmpty, "\(rows.errors)")
                let compared = try secondReader("compare", "part", part, input: rows.output)
                #expect(compared.output == "\(rows.lines.count) rows alike\n", "\(compared.errors)")
                let damaged = try weirPart("dump", twin)
                #expect(damaged.status == 2 && damaged.errors.contains(twin), "\(damaged.errors)")
                #expect(damaged.lines.count < rows.lines.count)
                let refused = try secondReader("compare", "part", twin, input: rows.output)
                #expect(refused.status == 1 && refused.errors.contains("Damage"), "\(twin)")
                #expect(try weirPart("diff", part, part).status == 0)
                #expect(try weirPart("diff", part, twin).status == 2)
            }
            let first = Self.golden + "v1/events.part"
            #expect(try weirPart("diff", first, Self.golden + "v2/events.part").status == 0)
            for version in ["v1", "v2", "v3"] {
                let manifest = "\(Self.golden)\(version)/manifest"
                let records = try weirPart("manifest", manifest, "--json")
                let alike = try secondReader(
                    "compare", "manifest", manifest, input: records.output)
                #expect(alike.status == 0, "\(alike.errors)")
            }
        }

        /// All golden parts, each with its damaged twin.
        private static func goldenParts() throws -> [(part: String, twin: String)] {
            let files = FileManager.default
            let parts = try files.contentsOfDirectory(atPath: golden).sorted().flatMap { version in
                try files.contentsOfDirectory(atPath: golden + version).sorted()
                    .filter { $0.hasSuffix(".part") && !$0.hasSuffix("-damaged.part") }
                    .map { "\(golden)\(version)/\($0.dropLast(5))" }
            }
            #expect(parts.count >= 3)
            return parts.map { ("\($0).part", "\($0)-damaged.part") }
        }

        @Test("every command has help, and wrong usage and paths have their exit codes")
        func usage() throws {
            let overview = try weirPart("--help")
            #expect(overview.status == 0)
            let commands = ["verify", "stats", "dump", "schema", "diff", "manifest", "log"]
            for command in commands {
                #expect(overview.output.contains("  \(command) "))
                let help = try weirPart(command, "--help")
                #expect(help.status == 0 && help.output.contains("examples:\n"))
                #expect(help.output.contains("exit codes: 0 "))
                #expect(help.lines.allSatisfy { $0.count <= 100 }, "\(command)")
                let none = try weirPart(command)
                #expect(none.status == 1 && none.errors.contains("weir-part \(command) --help"))
                let paths = Array(
                    repeating: "/nowhere/at-all.part", count: command == "diff" ? 2 : 1)
                let missing =
                    paths.count == 2
                    ? try weirPart(command, paths[0], paths[1]) : try weirPart(command, paths[0])
                #expect(missing.status == 3, "\(command): \(missing.errors)")
                #expect(missing.output.isEmpty && missing.errors.contains("/nowhere/at-all.part"))
            }
            #expect(try weirPart("frobnicate").status == 1)
            #expect(try weirPart().status == 1)
            #expect(try weirPart("stats", "x", "--nonsense").errors.contains("'--nonsense'"))
            let csv = try weirPart(
                "dump", Self.golden + "v1/events.part", "--format", "csv", "--columns",
                "timestamp,properties.depth:float,properties.tags", "--limit", "2")
            #expect(
                csv.output == """
                    timestamp,properties.depth,properties.tags
                    2026-01-10T14:30:00Z,0.0,
                    2026-01-10T14:30:00.250Z,-Infinity,[0]

                    """)
        }
    }
}
