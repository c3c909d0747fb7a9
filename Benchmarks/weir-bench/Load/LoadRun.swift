internal import Base

/// Generators and senders in pairs of threads, from the first request to the last answer.
struct LoadRun {
    var address: Address
    var form: RequestForm
    var seconds: Double
    var eventLimit: Int
    var connectionCount: Int
    var threadCount: Int
    var rate: Int
    var seed: UInt64

    /// What was sent, and how it went.
    struct Outcome: Sendable {
        var sent = SendResult()
        var truth = GroundTruth()
        var generatorNanoseconds: UInt64 = 0
        var seconds = 0.0
    }

    /// Requests that a chunk holds: about 300 KB of them.
    private var chunkRequestCount: Int { max(1, 1_000 / form.batchSize) }
    private static let chunkCount = 24
    private static let headStart: UInt64 = 50_000_000

    func run(_ catalogue: Catalogue) throws(UsageError) -> Outcome {
        let outcome = Locked(Outcome())
        let shared = Shared(outcome: outcome)
        var pairs: [(ChunkQueue, Sender)] = []
        let interval = rate > 0 ? UInt64(1_000_000_000 * threadCount / rate) : 0
        for index in 0..<threadCount {
            let queue = ChunkQueue(capacity: Self.chunkCount)
            let extra = index < connectionCount % threadCount ? 1 : 0
            let share = connectionCount / threadCount + extra
            guard
                let sender = Sender(queue, address, connectionCount: share, interval: interval)
            else {
                throw UsageError(failure: "cannot open \(share) connections to \(address.text)")
            }
            pairs.append((queue, sender))
        }
        // An open loop waits until the first chunks are ready.
        let begun = Clock.monotonicNanoseconds() + (rate > 0 ? Self.headStart : 0)
        start(pairs, catalogue, begun: begun, shared)
        return shared.outcome.withLock { outcome in
            outcome.seconds = Double(Clock.monotonicNanoseconds() - begun) / 1e9
            return outcome
        }
    }

    /// The result that all threads add theirs to.
    private final class Shared: Sendable {
        let outcome: Locked<Outcome>
        init(outcome: consuming sending Locked<Outcome>) { self.outcome = outcome }
    }

    private func start(
        _ pairs: [(ChunkQueue, Sender)], _ catalogue: Catalogue, begun: UInt64, _ shared: Shared
    ) {
        // Threads cannot lie in an array (they must be joined), so pairs nest.
        guard let (queue, sender) = pairs.first else { return }
        let index = threadCount - pairs.count
        let deadline = begun + UInt64(seconds * 1e9)
        let due = begun + UInt64(rate > 0 ? 1_000_000_000 * index / rate : 0)
        let generator = WorkerThread(name: "generate-\(index)") {
            generate(catalogue, index, queue, deadline: deadline, shared)
        }
        let sending = WorkerThread(name: "send-\(index)") {
            var sender = sender
            let result = sender.run(startingAt: due)
            shared.outcome.withLock { $0.sent.merge(result) }
        }
        start(Array(pairs.dropFirst()), catalogue, begun: begun, shared)
        generator.join()
        sending.join()
    }

    /// Fills chunks until the time is over or all that was asked for is made.
    private func generate(
        _ catalogue: Catalogue, _ index: Int, _ queue: ChunkQueue, deadline: UInt64,
        _ shared: Shared
    ) {
        var generator = EventGenerator(
            catalogue, seed: seed, stream: index, streamCount: threadCount)
        let writer = RequestWriter(form)
        let requestLimit =
            rate > 0 ? Int(Double(rate) * seconds) / threadCount : Int.max
        let lineLimit = eventLimit / threadCount
        var requestCount = 0
        while requestCount < requestLimit, generator.truth.lineCount < lineLimit {
            let chunk = queue.takeFree()
            if rate == 0, Clock.monotonicNanoseconds() >= deadline { break }
            let now = Clock.now()
            for _ in 0..<min(chunkRequestCount, requestLimit - requestCount) {
                let left = lineLimit - generator.truth.lineCount
                guard left > 0 else { break }
                writer.append(
                    eventCount: min(form.batchSize, left), at: now, from: &generator, to: chunk)
                requestCount += 1
            }
            queue.put(chunk)
        }
        queue.finish()
        let truth = generator.truth
        let nanoseconds = threadCPU()
        shared.outcome.withLock { outcome in
            outcome.truth.merge(truth)
            outcome.generatorNanoseconds += nanoseconds
        }
    }
}

extension SendResult {
    /// Adds the result of another sender of the same run.
    mutating func merge(_ other: SendResult) {
        latencies.merge(other.latencies)
        requestCount += other.requestCount
        eventCount += other.eventCount
        failures.merge(other.failures, uniquingKeysWith: +)
        failedEventCount += other.failedEventCount
        byteCount += other.byteCount
        waitingMax = max(waitingMax, other.waitingMax)
        cpuNanoseconds += other.cpuNanoseconds
    }
}
