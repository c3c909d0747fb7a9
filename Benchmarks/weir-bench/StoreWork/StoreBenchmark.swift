internal import Base
internal import CLinux
internal import Disk
internal import EventLog
internal import Events
internal import Glibc
internal import Store
internal import Stream

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

    private static let batchEvents = 1_000
    private static let rate = 100_000

    private struct Parts {
        let store: Store
        let log: EmbeddedLog
        let stream: StreamWorker
    }

    func run() throws(UsageError) -> Result {
        let parts = try open()
        defer {
            parts.stream.stop()
            parts.log.close()
            parts.store.close()
        }
        var result = Result()
        var generator = EventGenerator(Catalogue(), seed: seed)
        var sent = 0
        while sent < eventCount {
            let count = min(flushEvents, eventCount - sent)
            try send(count, after: sent, &generator, to: parts)
            sent += count
            var isFlushed = false
            result.flush.measure { isFlushed = parts.stream.flush(timeout: 600_000) }
            guard isFlushed else { throw UsageError("the flush did not end in ten minutes") }
        }
        result.eventCount = generator.truth.eventCount
        result.flushedBytes = rawBytes(parts.store)
        try merge(parts.store, &result)
        result.mergedBytes = rawBytes(parts.store)
        let raw = parts.store.metrics().tables.first { $0.name == LiveGeneration.rawTable }
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

    private func open() throws(UsageError) -> Parts {
        let disk = LinuxDisk()
        let catalog = withRollups ? Catalog.builtIn : Catalog(metrics: [], rollups: [])
        var storeOptions = StoreOptions()
        storeOptions.mergesInBackground = false
        var options = StreamOptions()
        // Nothing is flushed but where it is timed.
        options.flushInterval = 1_000_000_000
        options.flushRowsMax = .max
        options.liveTailBytesMax = 16 << 30
        do {
            let store = try Store.open(
                directory: directory, disk: disk, options: storeOptions
            ) { _ in }
            guard store.recovery.isNew else { throw UsageError("\(directory) is not empty") }
            let log = try EmbeddedLog.open(disk: disk, directory: "\(directory)/log")
            let stream = StreamWorker(
                options: options, catalog: catalog, log: log, sink: store, lastCommit: nil)
            stream.start()
            return Parts(store: store, log: log, stream: stream)
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError("\(directory): \(error)")
        }
    }

    /// Sends events as the server would, and waits until the stream has taken them.
    private func send(
        _ count: Int, after sent: Int, _ generator: inout EventGenerator, to parts: Parts
    ) throws(UsageError) {
        var builder = EventBlockBuilder(limits: EventLimits())
        var buffer = ByteBuffer(capacity: 1 << 20)
        var left = count
        while left > 0 {
            let batch = min(Self.batchEvents, left)
            let now = Self.start + Milliseconds((sent + count - left) * 1_000 / Self.rate)
            buffer.removeAll()
            for _ in 0..<batch {
                generator.append(at: now, to: &buffer)
                buffer.append(UInt8(ascii: "\n"))
            }
            let body = buffer.copy(0..<buffer.count)
            guard let outcome = try? builder.append(body, form: .ndjson, receivedAt: now),
                outcome.rejected.isEmpty, let block = builder.finish(receivedAt: now)
            else { throw UsageError("generated events were rejected") }
            parts.log.append(
                LogAppend(
                    payload: block.encode(), receivedAt: now, isDurable: false,
                    written: { [stream = parts.stream] result in
                        if case .success(let mark) = result { stream.offer(block, at: mark) }
                    }))
            left -= batch
        }
        while parts.log.pendingBytes > 0 { Clock.sleep(nanoseconds: 1_000_000) }
        guard parts.stream.waitUntilPublished(parts.log.end, timeout: 600_000) else {
            throw UsageError("the stream did not take the events in ten minutes")
        }
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
