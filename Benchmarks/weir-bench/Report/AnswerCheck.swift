internal import Base

/// Compares what the server counts with what was sent, over a fixed range around the run.
struct AnswerCheck {
    private let client: Client
    private let range: String
    private var before = Counts()

    /// Counts of one instant, by event type and by page and hour.
    struct Counts {
        var events: [String: Int] = [:]
        var views: [String: Int] = [:]
        var total: Int { events.values.reduce(0, +) }
    }

    /// Remembers what is there before the run.
    init(_ client: Client, from start: Milliseconds, to end: Milliseconds) {
        self.client = client
        let hour = CivilTime.millisecondsPerHour
        let first = CivilTime((start / hour) * hour).text
        let last = CivilTime((end / hour + 1) * hour).text
        range = "start=\(first)&end=\(last)&maxAge=0"
        before.events = countEvents() ?? [:]
        before.views = countViews() ?? [:]
    }

    /// Waits until the events are all visible; returns how long it took, nil if it took too long.
    func waitUntilVisible(_ count: Int, seconds: Int) -> Double? {
        let begun = Clock.monotonicNanoseconds()
        while true {
            let passed = Double(Clock.monotonicNanoseconds() - begun) / 1e9
            let seen = (countEvents() ?? [:]).values.reduce(0, +) - before.total
            if seen >= count { return passed }
            if passed > Double(seconds) { return nil }
            Clock.sleep(nanoseconds: 20_000_000)
        }
    }

    /// The differences between the answers and the truth, in words; none is success.
    func differences(_ truth: GroundTruth, _ catalogue: Catalogue) -> [String] {
        guard let events = countEvents(), let views = countViews() else {
            return ["the server does not answer the queries"]
        }
        var differences: [String] = []
        func compare(_ name: String, _ got: Int?, _ before: Int?, _ wanted: Int) {
            let counted = (got ?? 0) - (before ?? 0)
            if counted != wanted { differences.append("\(name): \(counted) instead of \(wanted)") }
        }
        for (index, type) in Catalogue.eventTypes.enumerated() {
            compare(type, events[type], before.events[type], truth.countByType[index])
        }
        for (index, hour) in truth.hours.enumerated() {
            let bucket = CivilTime(hour * CivilTime.millisecondsPerHour).text
            for page in 0..<Catalogue.pageCount {
                let key = "\(bucket) \(catalogue.pages.text(page))"
                let wanted = truth.viewCount(page: page, hourIndex: index)
                if wanted > 0 || views[key] != nil {
                    compare(key, views[key], before.views[key], wanted)
                }
            }
        }
        return differences
    }

    private func countEvents() -> [String: Int]? {
        rows("metric=events&dimensions=eventType&granularity=all") { row in
            row["dimensions"]["eventType"].string ?? "null"
        }
    }

    private func countViews() -> [String: Int]? {
        rows("metric=page_views&dimensions=page&granularity=hour") { row in
            "\(row["timeBucket"].string ?? "") \(row["dimensions"]["page"].string ?? "null")"
        }
    }

    private func rows(_ parameters: String, key: (JSONValue) -> String) -> [String: Int]? {
        guard let (status, body) = client.get("/api/v1/metrics/query?\(parameters)&\(range)"),
            status == 200
        else { return nil }
        var counts: [String: Int] = [:]
        for row in JSONValue(body)["data"].items {
            counts[key(row), default: 0] += Int(row["value"].number ?? 0)
        }
        return counts
    }
}
