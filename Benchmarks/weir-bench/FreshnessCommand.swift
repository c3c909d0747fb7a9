internal import Base

/// `weir-bench freshness`: how long after its 202 an event shows in a metrics query.
///
/// Sends one marked event after the other and polls; to be run beside `weir-bench ingest`.
struct FreshnessCommand {
    private let address: Address
    private let count: Int
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        let url = options.text("url", "http://127.0.0.1:8080")
        guard let address = Address(url: url) else {
            throw UsageError("--url must be http://ADDRESS:PORT, not \(url)")
        }
        self.address = address
        count = try options.number("count", 200)
        jsonPath = options.optional("json")
        try options.finish()
    }

    /// Runs it; true if every event became visible within ten seconds.
    func run() throws(UsageError) -> Bool {
        let client = Client(address: address)
        guard let before = markedCount(client) else {
            throw UsageError("there is no Weir at \(address.text) that answers metrics queries")
        }
        var delays = Histogram()
        var queries = Histogram()
        var missing = 0
        for number in 1...max(1, count) {
            let body = #"{"eventType":"freshness_probe"}"#
            guard let (status, _) = client.post("/api/v1/events/track", body), status == 202 else {
                throw UsageError("an event was not accepted")
            }
            let accepted = Clock.monotonicNanoseconds()
            while true {
                let asked = Clock.monotonicNanoseconds()
                let seen = markedCount(client) ?? 0
                let answered = Clock.monotonicNanoseconds()
                queries.add(answered - asked)
                if seen >= before + number {
                    delays.add(answered - accepted)
                    break
                }
                if answered - accepted > 10_000_000_000 {
                    missing += 1
                    break
                }
                Clock.sleep(nanoseconds: 1_000_000)
            }
        }
        var report = Report("weir-bench freshness")
        report.add("events", count)
        report.add("not visible in 10 s", missing)
        report.add("visible after", delays)
        report.add("query", queries)
        try report.publish(jsonPath: jsonPath)
        return missing == 0
    }

    private func markedCount(_ client: Client) -> Int? {
        let answer = client.get(
            "/api/v1/metrics/query?metric=events&granularity=all&start=-24h&maxAge=0"
                + "&filter.eventType=freshness_probe")
        guard let (status, body) = answer, status == 200 else { return nil }
        return JSONValue(body)["data"].items.reduce(0) { $0 + Int($1["value"].number ?? 0) }
    }
}
