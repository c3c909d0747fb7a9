internal import Base
internal import CLinux
internal import Glibc
internal import Store

/// What flushes and merges cost: events through decoder, log and stream into a store without a
/// server, each step timed apart from the others.
struct StoreBenchmark {
    /// Distinct events and those that the generator repeats.
    let eventCount: Int
    let flushEvents: Int
    let seed: UInt64
    let directory: String
    /// With the built-in metrics, or raw events alone.
    let withRollups: Bool

    struct Result {
        /// Accepted by dedup, and so flushed.
        var eventCount = 0
        var flush = Timing()
        var merge = Timing()
        /// By which the process grew at most during merges.
        var mergeMemoryBytes = 0
        /// The rows that merges read.
        var mergedRows = 0
        var partCount = 0
        /// Of the raw table.
        var flushedBytes = 0
        var mergedBytes = 0
        /// Whether the rows that came out are those that went in.
        var differences: [String] = []
    }

    /// Wall time and CPU time of the process.
    struct Timing {
        var wallSeconds = 0.0
        var processorSeconds = 0.0

        mutating func measure<Failure: Error>(
            _ body: () throws(Failure) -> Void
        ) throws(Failure) {
            let wall = Clock.monotonicNanoseconds()
            let processor = processorNanoseconds()
            try body()
            wallSeconds += Double(Clock.monotonicNanoseconds() - wall) / 1e9
            processorSeconds += Double(processorNanoseconds() - processor) / 1e9
        }
    }

    private static let rate = 100_000

    func run() throws(UsageError) -> Result {
        let fill = try StoreFill(directory: directory, withRollups: withRollups)
        defer { fill.close() }
        var result = Result()
        var generator = EventGenerator(Catalogue(), seed: seed)
        var sent = 0
        while sent < eventCount {
            let count = min(flushEvents, eventCount - sent)
            try fill.send(count, &generator) { index in
                Self.start + Milliseconds((sent + index) * 1_000 / Self.rate)
            }
            sent += count
            try result.flush.measure { () throws(UsageError) in try fill.flush() }
        }
        result.eventCount = generator.truth.eventCount
        result.flushedBytes = rawBytes(fill.store)
        try merge(fill.store, &result)
        result.mergedBytes = rawBytes(fill.store)
        let raw = fill.store.metrics().tables.first { $0.name == LiveGeneration.rawTable }
        result.partCount = raw?.partCount ?? 0
        if raw?.rowCount != result.eventCount {
            result.differences.append("\(raw?.rowCount ?? 0) rows of \(result.eventCount) events")
        }
        return result
    }

    private func merge(_ store: Store, _ result: inout Result) throws(UsageError) {
        do throws(StoreError) {
            var timing = Timing()
            result.mergeMemoryBytes = try MemoryGrowth.most { () throws(StoreError) in
                try timing.measure { () throws(StoreError) in
                    while try store.mergeOnce() {}
                }
            }
            result.merge = timing
        } catch {
            throw UsageError("merge: \(error)")
        }
        result.mergedRows = store.metrics().mergedRows
    }

    private func rawBytes(_ store: Store) -> Int {
        store.metrics().tables.first { $0.name == LiveGeneration.rawTable }?.byteCount ?? 0
    }

    /// Early in a day, so that its events are of one partition.
    private static let start: Milliseconds = 1_767_571_200_000 + 3_600_000
}

/// The CPU time that the process has used.
private func processorNanoseconds() -> UInt64 {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
