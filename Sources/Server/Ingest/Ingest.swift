internal import Base
package import EventLog
package import Events
internal import Synchronization

/// Takes request bodies from the HTTP loops and brings them, as blocks, into the log and then to
/// the stream; never makes a client wait for the disk unless it asked for that.
///
/// 1. A loop decodes its body into its own `IngestRing` and is done.
/// 2. The ingest writer takes what all rings hold about every millisecond, encodes each block and
///    hands it to the log.
/// 3. When the log has written a block, the same block goes to the stream; when it is synced, the
///    durable requests in it are answered.
package final class Ingest: Sendable {
    /// Where blocks go once they are in the log: `(block, mark)`; must not block.
    package typealias BlockSink = @Sendable (EventBlock, LogMark) -> Void

    /// What became of a request, for its answer.
    package enum Result: Sendable {
        /// With the outcome of each event; a durable request is answered through its closure.
        case accepted(BodyOutcome)
        case malformed(BodyError)
        /// No room, or the disk is too full to write; the reason is for the client.
        case overloaded(reason: String)
        case closing
    }

    private let counters = IngestCounters()
    private let rings: [IngestRing]
    private let options: IngestOptions
    private let log: any EventLog
    private let sink: BlockSink
    private let waits = DurableWaits()
    private let wakeUp = Monitor(WakeUp())
    private let isSignalled = Atomic<Bool>(false)
    private let isClosing = Atomic<Bool>(false)
    private let pauseReason = Locked<String?>(nil)
    private let thread: Locked<WorkerThread?> = Locked(nil)

    private struct WakeUp {
        var isSignalled = false
        var isClosing = false
    }

    /// Makes the rings; nothing is written before `start`.
    package init(options: IngestOptions, log: any EventLog, sink: @escaping BlockSink) {
        invariant(options.loops > 0, "ingest without loops")
        self.options = options
        self.log = log
        self.sink = sink
        rings = (0..<options.loops).map { _ in
            IngestRing(
                options: options, limits: options.limits,
                byteLimit: options.bufferBytes / options.loops)
        }
    }

    /// Starts the writer; `close` ends it.
    package func start() {
        thread.withLock { $0 = WorkerThread(name: "weir-ingest") { self.run() } }
    }

    /// Takes a body on the thread of the loop `loop`.
    ///
    /// With `durable` the closure is called once, later and on another thread, if any event was
    /// accepted.
    package func accept(
        _ request: borrowing IngestRequest, loop: Int,
        durable: (@Sendable (DurableOutcome) -> Void)?
    ) -> Result {
        if isClosing.load(ordering: .relaxed) { return .closing }
        if durable != nil, let reason = pauseReason.withLock({ $0 }) {
            return .overloaded(reason: reason)
        }
        let start = Clock.monotonicNanoseconds()
        let receipt = durable.map {
            DurableReceipt(deadline: start + options.confirmNanoseconds, answer: $0)
        }
        let admission = rings[loop].add(request, receipt: receipt)
        counters.decodeNanoseconds.wrappingAdd(
            Clock.monotonicNanoseconds() - start, ordering: .relaxed)
        switch admission {
        case .malformed(let error):
            counters.add(1, to: counters.rejected)
            return .malformed(error)
        case .full:
            return .overloaded(reason: "the ingest buffer is full")
        case .added(let outcome, let droppedEvents):
            counters.add(outcome.acceptedCount, to: counters.accepted)
            counters.add(outcome.rejected.count, to: counters.rejected)
            counters.add(droppedEvents, to: counters.dropped)
            if outcome.acceptedCount > 0 { signal() }
            return .accepted(outcome)
        }
    }

    /// Stops writing while there is a reason, as when the disk is nearly full.
    ///
    /// Meanwhile `queued` events are dropped and counted, durable ones refused.
    package func setPause(_ reason: String?) { pauseReason.withLock { $0 = reason } }

    /// Takes no more bodies, hands what there is to the log, and ends the writer.
    package func close() {
        isClosing.store(true, ordering: .relaxed)
        wakeUp.update { $0.isClosing = true }
        thread.withLock { $0.take()?.join() }
    }

    /// How many bytes the rings hold.
    package var ringBytes: Int { rings.reduce(0) { $0 + $1.byteCount } }

    /// What was counted since the start.
    package var figures: IngestFigures { counters.figures }

    private func signal() {
        if !isSignalled.exchange(true, ordering: .acquiringAndReleasing) {
            wakeUp.update { $0.isSignalled = true }
        }
    }
}

extension Ingest {
    /// A millisecond: requests within it share a block.
    private static let gatherNanoseconds: UInt64 = 1_000_000
    /// How often late receipts are looked for while nothing arrives.
    private static let idleNanoseconds: UInt64 = 500_000_000

    private func run() {
        var encoder = EventBlockEncoder()
        var lastDrain: UInt64 = 0
        while true {
            let isClosing = waitForWork()
            let sinceDrain = Clock.monotonicNanoseconds() - lastDrain
            if !isClosing, sinceDrain < Self.gatherNanoseconds {
                Clock.sleep(nanoseconds: Self.gatherNanoseconds - sinceDrain)
            }
            waitForLog()
            lastDrain = Clock.monotonicNanoseconds()
            isSignalled.store(false, ordering: .sequentiallyConsistent)
            drain(&encoder)
            waits.expire(at: lastDrain)
            if isClosing { return }
        }
    }

    /// Returns whether ingest is closing.
    private func waitForWork() -> Bool {
        let deadline = Clock.monotonicNanoseconds() + Self.idleNanoseconds
        let closing = wakeUp.wait(until: deadline) { state -> Bool? in
            guard state.isSignalled || state.isClosing else { return nil }
            state.isSignalled = false
            return state.isClosing
        }
        return closing ?? false
    }

    /// Waits while the log has much to write: a slow disk then fills the rings, which know what
    /// may be dropped.
    private func waitForLog() {
        while log.pendingBytes > options.logBacklogBytes {
            Clock.sleep(nanoseconds: Self.gatherNanoseconds)
            waits.expire(at: Clock.monotonicNanoseconds())
        }
    }

    private func drain(_ encoder: inout EventBlockEncoder) {
        let now = Clock.now()
        for ring in rings {
            for sealed in ring.takeAll(receivedAt: now) { hand(sealed, &encoder) }
        }
    }

    /// Encodes a block and hands it to the log.
    private func hand(_ sealed: IngestRing.SealedBlock, _ encoder: inout EventBlockEncoder) {
        if let reason = pauseReason.withLock({ $0 }) {
            return discard(sealed, reason: reason)
        }
        let start = Clock.monotonicNanoseconds()
        let block = sealed.block
        let payload = encoder.encode(block)
        counters.encodeNanoseconds.wrappingAdd(
            Clock.monotonicNanoseconds() - start, ordering: .relaxed)
        counters.add(1, to: counters.blocks)
        counters.add(payload.count, to: counters.payloadBytes)
        waits.add(sealed.receipts)
        var append = LogAppend(
            payload: payload, receivedAt: block.receivedAt, isDurable: !sealed.receipts.isEmpty,
            written: { result in self.wrote(sealed, result) })
        if append.isDurable {
            append.synced = { result in Self.acknowledge(sealed.receipts, result) }
        }
        log.append(append)
    }

    /// Passes a block on that is in the log.
    ///
    /// On the log's thread, in log order.
    private func wrote(
        _ sealed: IngestRing.SealedBlock, _ result: Swift.Result<LogMark, EventLogError>
    ) {
        switch result {
        case .success(let mark): sink(sealed.block, mark)
        case .failure(let error): discard(sealed, reason: "\(error)")
        }
    }

    /// Answers durable requests as failed and counts queued events as dropped.
    private func discard(_ sealed: IngestRing.SealedBlock, reason: String) {
        counters.add(sealed.queuedCount, to: counters.dropped)
        for receipt in sealed.receipts { receipt.complete(.logUnavailable(reason: reason)) }
    }

    private static func acknowledge(
        _ receipts: [DurableReceipt], _ result: Swift.Result<LogMark, EventLogError>
    ) {
        for receipt in receipts {
            switch result {
            case .success: receipt.complete(.durable)
            // It is written and counts, but a power cut may lose it.
            case .failure: receipt.complete(.notConfirmed)
            }
        }
    }
}
