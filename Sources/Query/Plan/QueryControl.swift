internal import Base
internal import Synchronization

/// What bounds a running query: its deadline, its memory, and whether somebody still waits.
///
/// Every worker of a query calls `check` about once a batch. Thread-safe.
package final class QueryControl: Sendable {
    private let deadline: ContinuousClock.Instant?
    private let bytesMost: Int
    private let bytes = Atomic(0)
    private let bytesPeak = Atomic(0)
    private let isCancelledFlag = Atomic(false)
    private let isAbandoned: (@Sendable () -> Bool)?
    /// When it was asked last, in nanoseconds of the monotonic clock.
    private let lastAsked = Atomic<UInt64>(0)
    /// It is asked as often as this.
    private static let askInterval: UInt64 = 20_000_000

    /// A query with so much time from now, and so much memory.
    ///
    /// `isAbandoned`: whether nobody waits for the answer any more; asked from time to time.
    package init(
        timeout: Duration? = nil, bytesMost: Int = .max,
        isAbandoned: (@Sendable () -> Bool)? = nil
    ) {
        deadline = timeout.map { ContinuousClock.now + $0 }
        self.bytesMost = bytesMost
        self.isAbandoned = isAbandoned
    }

    /// Lets the query end at its next check.
    package func cancel() { isCancelledFlag.store(true, ordering: .relaxed) }

    /// Whether somebody asked it to end.
    package var isCancelled: Bool { isCancelledFlag.load(ordering: .relaxed) }

    /// The most memory that was reserved at a time, in bytes.
    package var peakBytes: Int { bytesPeak.load(ordering: .relaxed) }

    /// Ends the query where it is cancelled, or its time is over: 422 `query_limit`.
    package func check() throws(QueryError) {
        askWhetherAbandoned()
        if isCancelled {
            throw QueryError(status: 499, code: "cancelled", message: "the query was cancelled")
        }
        if let deadline, ContinuousClock.now >= deadline {
            throw QueryError(
                status: 422, code: "query_limit",
                message: "the query ran longer than it may; ask for a shorter range, or raise the "
                    + "limit query.timeout")
        }
    }

    private func askWhetherAbandoned() {
        guard let isAbandoned else { return }
        let now = Clock.monotonicNanoseconds()
        let last = lastAsked.load(ordering: .relaxed)
        guard now > last + Self.askInterval,
            lastAsked.compareExchange(
                expected: last, desired: now, ordering: .relaxed
            ).exchanged
        else { return }
        if isAbandoned() { cancel() }
    }

    /// Takes memory of the query's budget; 422 `query_limit` where too little is left.
    package func reserve(_ count: Int) throws(QueryError) {
        let now = bytes.add(count, ordering: .relaxed).newValue
        bytesPeak.max(now, ordering: .relaxed)
        guard now > bytesMost else { return }
        throw QueryError(
            status: 422, code: "query_limit",
            message: "the query needs more than the \(bytesMost >> 20) MiB of memory it may use; "
                + "ask for fewer groups, columns or rows, or raise the limit query.memory")
    }

    /// Gives memory back.
    package func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
}
