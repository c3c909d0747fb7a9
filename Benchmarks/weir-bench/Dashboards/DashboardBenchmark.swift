internal import Base

/// The dashboard mix over filled rollups, while events arrive.
struct DashboardBenchmark {
    /// Events of one request of the load.
    private static let standardBatchSize = 1_000
    /// The load lasts a little longer than what is measured beside it.
    private static let spareSeconds = 0.5

    var title = "weir-bench dashboards"
    var address: Address
    var truth: DashboardTruth
    /// Events a second of the load in the background; 0 for none.
    var eventRate = 100_000
    var batchSize = Self.standardBatchSize
    /// How long each number of clients asks.
    var seconds = 20.0
    var warmUpSeconds = 5.0
    var clientCounts = [4, 16]
    /// How long merges must have been done after the load.
    var settleSeconds = KeepUp.settleSeconds
    var seed: UInt64 = 1

    /// Runs it; right if every answer agreed with the truth and no event was lost.
    func run(_ catalogue: Catalogue) throws(UsageError) -> BenchmarkResult {
        var report = Report(section: title)
        var queries = DashboardMix.queries(catalogue).map {
            PreparedQuery($0, filled: truth.range)
        }
        let before = check(&queries)
        report.addVerdict("answers before the load", before)
        let client = Client(address: address)
        guard let metricsBefore = ServerMetrics(client) else {
            throw UsageError(failure: "there is no Weir at \(address.text)")
        }
        let background = BackgroundLoad(load, catalogue)
        let failureCount = measure(queries, &report)
        let loadIsRight = try background.end(&report)
        var isRight = before.isEmpty && failureCount == 0 && loadIsRight
        if eventRate > 0 {
            let keepUp = KeepUp(client, settleSeconds: settleSeconds, limitSeconds: 600)
            keepUp.add(to: &report)
            isRight = isRight && keepUp.isOver
        }
        let after = check(&queries)
        report.addVerdict("answers after the load", after)
        if let metrics = ServerMetrics(client) {
            let dropped = metrics.change(since: metricsBefore)["weir_events_dropped_total"]
            report.add("server dropped", Int(dropped))
            isRight = isRight && dropped == 0
        }
        return BenchmarkResult(report: report, isRight: isRight && after.isEmpty)
    }

    /// Asks all queries over closed ranges, and compares with the truth.
    private func check(_ queries: inout [PreparedQuery]) -> [String] {
        let connection = QueryConnection(address)
        var differences: [String] = []
        for index in queries.indices {
            differences += queries[index].check(connection, truth)
        }
        return differences
    }

    private var load: LoadRun? {
        guard eventRate > 0 else { return nil }
        let time = warmUpSeconds + seconds * Double(clientCounts.count) + conditionalSeconds
        let form = RequestForm(
            body: .ndjson, batchSize: batchSize, isDurable: false, host: address.text)
        return LoadRun(
            address: address, form: form, seconds: time + Self.spareSeconds, eventLimit: .max,
            connectionCount: 8, threadCount: 1, rate: max(1, eventRate / batchSize), seed: seed)
    }

    private var conditionalSeconds: Double { seconds / 4 }

    /// All that is asked while the load runs; returns how many queries failed.
    private func measure(_ queries: [PreparedQuery], _ report: inout Report) -> Int {
        let mix = QueryLoad(address: address, queries: queries)
        _ = mix.run(clientCount: clientCounts.first ?? 1, seconds: warmUpSeconds)
        var failureCount = 0
        for count in clientCounts {
            let outcome = mix.run(clientCount: count, seconds: seconds)
            add(outcome, clientCount: count, queries, &report)
            failureCount += outcome.failures.values.reduce(0, +)
        }
        ConditionalQueries(address, queries, seconds: conditionalSeconds).add(to: &report)
        return failureCount
    }

    private func add(
        _ outcome: QueryLoad.Outcome, clientCount: Int, _ queries: [PreparedQuery],
        _ report: inout Report
    ) {
        let name = "\(clientCount) clients"
        let all = outcome.all
        report.add("\(name): queries/s", Double(all.count) / max(seconds, 1e-9))
        report.add("\(name):", all)
        let failures = outcome.failures.sorted { $0.key < $1.key }
            .map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        report.add("\(name): failed", failures.isEmpty ? "0" : failures)
        report.addTable(
            name, ["\(name), ms", "answers", "p50", "p90", "p99", "max", "KB"],
            zip(queries, outcome.latencies).enumerated().map { index, pair in
                let (query, latencies) = pair
                return [
                    .string(query.query.name), .number(Double(latencies.count)),
                    milliseconds(latencies.percentile(0.5)),
                    milliseconds(latencies.percentile(0.9)),
                    milliseconds(latencies.percentile(0.99)), milliseconds(latencies.greatest),
                    .number(Double(outcome.bodyBytes[index] / 100) / 10),
                ]
            })
    }
}
