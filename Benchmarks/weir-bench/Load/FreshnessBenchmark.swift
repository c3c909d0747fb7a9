internal import Base

/// How long after its 202 an event shows in a metrics query.
///
/// Sends one marked event after the other and polls; to be run beside a load.
struct FreshnessBenchmark {
    private static let pollNanoseconds: UInt64 = 1_000_000
    private static let limitNanoseconds: UInt64 = 10_000_000_000

    var title = "weir-bench freshness"
    var address: Address
    var count = 200
    /// Ends before `count` where that much time has passed; nil for no such end.
    var seconds: Double?

    /// Runs it; right if every event became visible within ten seconds.
    func run() throws(UsageError) -> BenchmarkResult {
        let client = Client(address: address)
        guard let before = markedCount(client) else {
            throw UsageError(
                failure: "there is no Weir at \(address.text) that answers metrics queries")
        }
        let begun = Clock.monotonicNanoseconds()
        var delays = Histogram()
        var queries = Histogram()
        var sentCount = 0
        while sentCount < max(1, count) {
            if let seconds, Double(Clock.monotonicNanoseconds() - begun) / 1e9 > seconds { break }
            sentCount += 1
            if let delay = try probe(client, awaiting: before + sentCount, &queries) {
                delays.add(delay)
            }
        }
        var report = Report(section: title)
        report.add("events", sentCount)
        report.add("not visible in 10 s", sentCount - delays.count)
        report.add("visible after", delays)
        report.add("query", queries)
        return BenchmarkResult(report: report, isRight: delays.count == sentCount)
    }

    /// Sends one event, and returns how long it took to be seen; nil if it took too long.
    private func probe(
        _ client: Client, awaiting wanted: Int, _ queries: inout Histogram
    ) throws(UsageError) -> UInt64? {
        let body = #"{"eventType":"freshness_probe"}"#
        guard let (status, _) = client.post("/api/v1/events/track", body), status == 202 else {
            throw UsageError(failure: "an event was not accepted")
        }
        let accepted = Clock.monotonicNanoseconds()
        while true {
            let asked = Clock.monotonicNanoseconds()
            let seen = markedCount(client) ?? 0
            let answered = Clock.monotonicNanoseconds()
            queries.add(answered - asked)
            if seen >= wanted { return answered - accepted }
            if answered - accepted > Self.limitNanoseconds { return nil }
            Clock.sleep(nanoseconds: Self.pollNanoseconds)
        }
    }

    private func markedCount(_ client: Client) -> Int? {
        let answer = client.get(
            "/api/v1/metrics/query?metric=events&granularity=all&start=-24h&maxAge=0"
                + "&filter.eventType=freshness_probe")
        guard let (status, body) = answer, status == 200 else { return nil }
        return JSONValue(body)["data"].items.reduce(0) { $0 + Int($1["value"].number ?? 0) }
    }
}
