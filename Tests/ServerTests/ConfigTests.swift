import Foundation
import HTTP
import Server
import Testing

private func load(
    _ flags: [String] = [], _ environment: [String: String] = [:], file: String? = nil
) throws(ConfigError) -> ServerConfig {
    let fileFlags = file == nil ? [] : ["--config", "weir.json5"]
    return try ConfigLoader.load(
        flags: fileFlags + flags, environment: environment,
        readFile: { path in path == "weir.json5" ? file.map { [UInt8]($0.utf8) } : nil })
}

private func failure(
    _ flags: [String] = [], _ environment: [String: String] = [:], file: String? = nil
) -> String {
    do {
        _ = try load(flags, environment, file: file)
        return "no failure"
    } catch {
        return error.description
    }
}

@Suite("Configuration")
struct ConfigTests {
    @Test func hasDefaults() throws {
        #expect(try load() == ServerConfig())
        #expect(try load(file: "{}") == ServerConfig())
    }

    @Test func everyKeyTakesItsDefaultInEveryForm() throws {
        var lines: [String] = []
        var flags: [String] = []
        var environment: [String: String] = [:]
        for key in ConfigKey.all {
            // An empty list has no text of its own.
            let text = key.standard == "none" ? "" : key.standard
            flags.append("--\(key.flag)=\(text)")
            environment[key.variable] = text
            let parts = key.name.split(separator: ".").map(String.init)
            let open = parts.dropLast().map { "{\($0): " }.joined()
            let close = String(repeating: "}", count: parts.count - 1)
            lines.append("\(open){\(parts[parts.count - 1]): '\(text)'}\(close)")
        }
        #expect(try load(flags) == ServerConfig())
        #expect(try load([], environment) == ServerConfig())
        for line in lines { #expect(try load(file: line) == ServerConfig(), "\(line)") }
    }

    @Test func namesFlagsAndVariables() throws {
        let key = try #require(ConfigKey.all.first { $0.name == "ingest.maxAge" })
        #expect(key.flag == "ingest-max-age")
        #expect(key.variable == "WEIR_INGEST_MAX_AGE")
        #expect(key.standard == "400d")
        let nested = try #require(ConfigKey.all.first { $0.name == "ingest.limits.bodyBytes" })
        #expect(nested.flag == "ingest-limits-body-bytes")
        #expect(Set(ConfigKey.all.map(\.flag)).count == ConfigKey.all.count)
    }

    @Test func flagsWinOverVariablesOverTheFile() throws {
        let file =
            "{stream: {lateness: '1s'}, dedup: {window: '2h', maxIds: 5000}, http: {loops: 3}}"
        let environment = ["WEIR_STREAM_LATENESS": "2s", "WEIR_DEDUP_WINDOW": "3h", "HOME": "/"]
        let config = try load(["--stream-lateness", "3s", "--open"], environment, file: file)
        #expect(config.streamLateness == 3_000)
        #expect(config.dedupWindow == 3 * 3_600_000)
        #expect(config.dedupMaxIds == 5_000)
        #expect(config.httpLoops == 3)
        #expect(config.open)
        let named = try ConfigLoader.load(
            flags: [], environment: ["WEIR_CONFIG": "x"], readFile: { _ in [UInt8](file.utf8) })
        #expect(named.httpLoops == 3)
    }

    @Test func readsAllTypes() throws {
        let config = try load(
            file: """
                { // A comment.
                  data: '/var/lib/weir', listen: '[::1]:0',
                  log: {level: "debug", keepBytes: 68719476736},
                  ingest: {maxAge: 'forever', overflow: 'reject', acknowledge: 'durable',
                    buffer: '1GB'},
                  cors: {origins: ['https://a.example', 'https://b.example']},
                  disk: {io: 'threads', minFree: 0},
                }
                """)
        #expect(config.data == "/var/lib/weir")
        #expect(config.listen == ListenAddress("[::1]:0"))
        #expect(config.logLevel == .debug)
        #expect(config.logKeepBytes == 64 << 30)
        #expect(config.ingestMaxAge == nil)
        #expect(config.ingestOverflow == .reject)
        #expect(config.ingestAcknowledge == .durable)
        #expect(config.ingestBuffer == 1_000_000_000)
        #expect(config.corsOrigins == ["https://a.example", "https://b.example"])
        #expect(config.diskIO == .threads)
        #expect(config.diskMinFree == 0)
        let flags = try load(["--cors-origins", "https://a.example, *", "--dedup-max-ids=2_000"])
        #expect(flags.corsOrigins == ["https://a.example", "*"])
        #expect(flags.dedupMaxIds == 2_000)
    }

    @Test(arguments: [
        (
            ["--ingest-maxage", "1d"],
            "there is no flag --ingest-maxage; did you mean '--ingest-max-age'?"
        ),
        (["--data"], "the flag --data needs a value"), (["serve"], "unexpected argument 'serve'"),
        (["--config", "absent"], "the config file 'absent' cannot be read"),
        (
            ["--log-level", "loud"],
            "flag --log-level: log.level is debug, info, warning or error, not 'loud'"
        ),
        (["--open=maybe"], "flag --open: open is true or false, not 'maybe'"),
    ])
    func refusesFlags(flags: [String], message: String) {
        #expect(failure(flags) == message)
    }

    @Test(arguments: [
        (
            "{ingest: {maxage: '1d'}}",
            "line 1, column 11: there is no key 'ingest.maxage'; did you mean 'ingest.maxAge'?"
        ),
        ("{\n  dta: 'x',\n}", "line 2, column 3: there is no key 'dta'; did you mean 'data'?"),
        ("{ingest: 5}", "line 1, column 2: there is no key 'ingest'"),
        (
            "{http: {loops: 'many'}}",
            "line 1, column 16: http.loops is a whole number from 0 to 256, not 'many'"
        ),
        (
            "{http: {loops: 257}}",
            "line 1, column 16: http.loops is a whole number from 0 to 256, not 257"
        ),
        ("{data: {}}", "line 1, column 8: data is text, not an object"),
        ("[]", "line 1, column 1: expected an object"),
        ("{data: 'x'", "line 1, column 11: expected ',' or '}', found the end"),
    ])
    func refusesFiles(file: String, message: String) {
        let separator = message.contains("expected") || !message.isEmpty ? ", " : ""
        #expect(failure(file: file).hasPrefix("config file weir.json5\(separator)\(message)"))
    }

    @Test(arguments: ["10", "d", "10 x", "-1s", "1.5s", "99999999999999999d", "forever"])
    func refusesDurations(text: String) {
        #expect(failure(["--stream-lateness", text]).contains("a duration such as 10s"))
    }

    @Test func refusesUnknownVariablesButForeignOnes() throws {
        #expect(
            failure([], ["WEIR_DEDUP_MAXIDS": "1"])
                == "there is no setting for the variable WEIR_DEDUP_MAXIDS; "
                + "did you mean 'WEIR_DEDUP_MAX_IDS'?")
        _ = try load([], ["WEIR_PORT": "tcp://1", "WEIR_SERVICE_HOST": "x", "WEIRD": "y"])
    }

    @Test func refusesToListenToAllUnlessItIsMeant() throws {
        #expect(failure(["--listen", "0.0.0.0:80"]).contains("--open"))
        #expect(try load(["--listen", "0.0.0.0:80", "--open"]).listen.port == 80)
        #expect(failure(["--log-keep-bytes", "1MiB"]).contains("log.segmentBytes"))
    }

    @Test func parsesCommands() throws {
        func parse(_ arguments: String...) -> Command {
            Command.parse(arguments, environment: [:], readFile: { _ in nil })
        }
        #expect(parse("serve") == .serve(ServerConfig()))
        #expect(parse("--version") == .print("weir \(weirVersion)\n"))
        guard case .print(let help) = parse("serve", "--help") else {
            Issue.record("no help")
            return
        }
        for key in ConfigKey.all { #expect(help.contains("--\(key.flag)")) }
        #expect(ConfigReference.markdown().contains("`WEIR_INGEST_MAX_AGE`"))
        let documented = try String(
            contentsOf: URL(fileURLWithPath: #filePath)
                .appending(path: "../../../docs/configuration.md").standardized,
            encoding: .utf8)
        #expect(documented.contains(ConfigReference.markdown()), "write it anew with weir keys")
        guard case .refuse = parse("srve"), case .refuse = parse() else {
            Issue.record("taken")
            return
        }
    }
}
