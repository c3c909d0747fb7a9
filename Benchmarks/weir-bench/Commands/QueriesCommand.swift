internal import Base
internal import Glibc
internal import Store

/// `weir-bench queries`: the query set over raw events, hot, one row for each query.
struct QueriesCommand {
    private let eventCount: Int
    private let seed: UInt64
    private let directory: String
    private let workers: Int
    private let passes: Int
    private let only: Set<String>
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        eventCount = max(1, try options.number("events", 1_000_000))
        seed = UInt64(try options.number("seed", 1))
        workers = max(1, try options.number("threads", 2))
        passes = max(1, try options.number("passes", 7))
        only = Set(options.text("only", "").split(separator: ",").map(String.init))
        guard let directory = options.optional("data") else {
            throw UsageError("--data says where the store is, or goes")
        }
        self.directory = directory
        jsonPath = options.optional("json")
        try options.finish()
    }

    /// Runs it.
    func run() throws(UsageError) -> Bool {
        let report = try measure()
        try report.publish(jsonPath: jsonPath)
        return true
    }

    /// The report, which the suite checks.
    func measure() throws(UsageError) -> Report {
        let benchmark = QueryBenchmark(
            eventCount: eventCount, seed: seed, directory: directory, workers: workers,
            passes: passes)
        var report = Report("weir-bench queries")
        let store = try benchmark.open()
        defer { store.close() }
        var rows: [[JSONValue]] = []
        var logs = 0.0
        var digests: [String] = []
        for query in QuerySet.queries where only.isEmpty || only.contains(query.name) {
            let result = try benchmark.run(query, on: store)
            logs += log2(result.milliseconds)
            digests.append(result.digest)
            rows.append([
                .string(query.name), .number(result.milliseconds),
                .number(result.leastMilliseconds),
                .number(Double(result.rowsScanned)), .number(Double(result.bytesRead) / 1e6),
                .number(Double(result.rowCount)), .string(result.digest),
            ])
        }
        report.add("raw rows", benchmark.rawRows(store))
        report.add("answers", digests.joined(separator: " "))
        report.add("geometric mean, ms", exp2(logs / Double(max(1, rows.count))))
        report.addTable(
            "queries",
            ["query", "ms", "least ms", "rows scanned", "MB read", "rows", "digest"], rows)
        return report
    }
}
