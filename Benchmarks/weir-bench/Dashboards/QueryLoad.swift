internal import Base

/// Clients that ask the queries of a mix one after the other, each on a connection of its own: a
/// closed loop.
struct QueryLoad {
    let address: Address
    let queries: [PreparedQuery]

    /// What the answers were, over all clients.
    struct Outcome: Sendable {
        /// By query.
        var latencies: [Histogram]
        var bodyBytes: [Int]
        /// Answers that were not 200 or said something else than before, by what was wrong.
        var failures: [String: Int] = [:]

        init(queryCount: Int) {
            latencies = Array(repeating: Histogram(), count: queryCount)
            bodyBytes = Array(repeating: 0, count: queryCount)
        }

        var all: Histogram {
            latencies.reduce(into: Histogram()) { $0.merge($1) }
        }

        fileprivate mutating func merge(_ other: Outcome) {
            for index in latencies.indices {
                latencies[index].merge(other.latencies[index])
                bodyBytes[index] = max(bodyBytes[index], other.bodyBytes[index])
            }
            failures.merge(other.failures, uniquingKeysWith: +)
        }
    }

    /// Asks for a time; each client begins at another query.
    func run(clientCount: Int, seconds: Double) -> Outcome {
        let total = Locked(Outcome(queryCount: queries.count))
        let shared = Shared(total: total)
        let deadline = Clock.monotonicNanoseconds() + UInt64(seconds * 1e9)
        start(clientCount, of: clientCount, until: deadline, shared)
        return shared.total.withLock { $0 }
    }

    private final class Shared: Sendable {
        let total: Locked<Outcome>
        init(total: consuming sending Locked<Outcome>) { self.total = total }
    }

    /// Threads cannot lie in an array (they must be joined), so they nest.
    private func start(
        _ left: Int, of clientCount: Int, until deadline: UInt64, _ shared: Shared
    ) {
        guard left > 0 else { return }
        let first = (clientCount - left) * queries.count / clientCount
        let thread = WorkerThread(name: "ask-\(left)") {
            let outcome = ask(from: first, until: deadline)
            shared.total.withLock { $0.merge(outcome) }
        }
        start(left - 1, of: clientCount, until: deadline, shared)
        thread.join()
    }

    private func ask(from first: Int, until deadline: UInt64) -> Outcome {
        var outcome = Outcome(queryCount: queries.count)
        let connection = QueryConnection(address)
        var index = first
        while true {
            let asked = Clock.monotonicNanoseconds()
            guard asked < deadline else { return outcome }
            let answer = connection.get(queries[index].path)
            let passed = Clock.monotonicNanoseconds() - asked
            if let answer, answer.status == 200, queries[index].agrees(answer.body) {
                outcome.latencies[index].add(passed)
                outcome.bodyBytes[index] = max(outcome.bodyBytes[index], answer.body.count)
            } else {
                let status = answer.map { $0.status == 200 ? "other rows" : "\($0.status)" }
                outcome.failures[status ?? "no answer", default: 0] += 1
                // A server that refuses at once must not be asked in a spin.
                Clock.sleep(nanoseconds: 1_000_000)
            }
            index = (index + 1) % queries.count
        }
    }
}

/// Asks again with `If-None-Match` what has not changed since.
struct ConditionalQueries {
    private(set) var latencies = Histogram()
    private(set) var changedCount = 0
    private(set) var hasETag = false
    private(set) var failureCount = 0

    /// Asks the closed form of each query in turn, for a time.
    init(_ address: Address, _ queries: [PreparedQuery], seconds: Double) {
        let connection = QueryConnection(address)
        var eTags: [(path: String, eTag: String)] = []
        for query in queries {
            if let eTag = connection.get(query.closedPath)?.eTag {
                eTags.append((query.closedPath, eTag))
            }
        }
        hasETag = !eTags.isEmpty
        guard hasETag else { return }
        let deadline = Clock.monotonicNanoseconds() + UInt64(seconds * 1e9)
        var index = 0
        while true {
            let (path, eTag) = eTags[index % eTags.count]
            let asked = Clock.monotonicNanoseconds()
            guard asked < deadline else { return }
            let answer = connection.get(path, ifNoneMatch: eTag)
            let passed = Clock.monotonicNanoseconds() - asked
            switch answer?.status {
            case 304: latencies.add(passed)
            case 200: changedCount += 1
            default: failureCount += 1
            }
            index += 1
        }
    }

    func add(to report: inout Report) {
        guard hasETag else { return report.add("304", "no ETag") }
        report.add("304 answers", latencies.count)
        report.add("304", latencies)
        // The ranges are closed, so no event touches them.
        report.add("answered in full though nothing changed", changedCount)
        if failureCount > 0 { report.add("conditional requests that failed", failureCount) }
    }
}
