internal import Base
internal import EventLog
internal import Store

/// Writes frozen generations into the store, one at a time, on its own thread: so that the stream
/// goes on with the next generation meanwhile.
///
/// A commit that fails (a full disk) is tried again with growing pauses until it succeeds or the
/// worker stops; nothing is lost by stopping, as the log has it all.
final class FlushWorker: Sendable {
    /// What is seen of it from outside.
    struct Status: Sendable {
        /// All blocks before it are in the store.
        var committed: LogPosition
        /// What the running flush holds, in bytes; 0 where none runs.
        var byteCount = 0
        var flushCount: UInt64 = 0
        var failureCount: UInt64 = 0
        var failure: String?
        var nanoseconds: UInt64 = 0
        var nanosecondsLast: UInt64 = 0
        var buildNanoseconds: UInt64 = 0
    }

    private struct State {
        var job: FrozenGeneration?
        var isStopping = false
        var status: Status
    }

    /// Pauses double up to this many times.
    private static let backOffMax: UInt64 = 5

    private let sink: any StreamSink
    private let log: any EventLog
    private let retryInterval: Milliseconds
    /// Called after each commit and each failure.
    private let changed: @Sendable () -> Void
    private let state: Monitor<State>

    init(
        sink: any StreamSink, log: any EventLog, retryInterval: Milliseconds,
        committed: LogPosition, changed: @escaping @Sendable () -> Void
    ) {
        self.sink = sink
        self.log = log
        self.retryInterval = retryInterval
        self.changed = changed
        state = Monitor(State(status: Status(committed: committed)))
    }

    var status: Status { state.withLock { $0.status } }

    /// Whether no flush runs, so that the next can begin.
    var isIdle: Bool { state.withLock { $0.job == nil } }

    /// Hands a generation over; only while idle.
    func begin(_ generation: FrozenGeneration) {
        state.update { state in
            invariant(state.job == nil, "two flushes at once")
            state.job = generation
            state.status.byteCount = generation.byteCount
        }
    }

    /// Waits until all blocks before `position` are in the store; false at `deadline`.
    func waitForCommit(of position: LogPosition, until deadline: UInt64) -> Bool {
        let isCommitted = state.wait(until: deadline) { state in
            state.status.committed.sequence >= position.sequence ? true : nil
        }
        return isCommitted ?? false
    }

    /// Makes `run` return; a commit that runs ends first.
    func stop() { state.update { $0.isStopping = true } }

    /// The body of the thread.
    func run() {
        while let generation = nextJob() {
            flush(generation)
            changed()
        }
    }

    private func nextJob() -> FrozenGeneration? {
        let job = state.wait { state -> FrozenGeneration?? in
            if state.isStopping { return .some(nil) }
            return state.job.map { .some($0) }
        }
        return job ?? nil
    }

    private func flush(_ generation: FrozenGeneration) {
        let started = Clock.monotonicNanoseconds()
        let batch = generation.batch()
        let built = Clock.monotonicNanoseconds()
        var backOff: UInt64 = 0
        while !commit(batch) {
            changed()
            if waitToRetry(backOff) { return }
            backOff = min(backOff + 1, Self.backOffMax)
        }
        finish(batch, started: started, built: built)
    }

    /// Tries the commit of what was handed over, once and on this thread: for a stream that is
    /// driven.
    ///
    /// False if there is nothing, or if it failed.
    func attempt() -> Bool {
        guard let generation = state.withLock({ $0.job }) else { return false }
        let started = Clock.monotonicNanoseconds()
        let batch = generation.batch()
        let built = Clock.monotonicNanoseconds()
        let isCommitted = commit(batch)
        if isCommitted { finish(batch, started: started, built: built) }
        changed()
        return isCommitted
    }

    private func finish(_ batch: FlushBatch, started: UInt64, built: UInt64) {
        let ended = Clock.monotonicNanoseconds()
        log.release(below: batch.replayPosition)
        state.update { state in
            state.job = nil
            state.status.committed = batch.position
            state.status.byteCount = 0
            state.status.flushCount += 1
            state.status.failure = nil
            state.status.nanoseconds += ended - started
            state.status.nanosecondsLast = ended - started
            state.status.buildNanoseconds += built - started
        }
    }

    private func commit(_ batch: FlushBatch) -> Bool {
        do {
            try sink.commit(batch)
            return true
        } catch {
            state.update { state in
                state.status.failureCount += 1
                state.status.failure = "\(error)"
            }
            return false
        }
    }

    /// Waits before the next attempt; true if the worker is to stop instead.
    private func waitToRetry(_ backOff: UInt64) -> Bool {
        let pause = UInt64(max(1, retryInterval)) * 1_000_000 << backOff
        let isStopping = state.wait(until: Clock.monotonicNanoseconds() + pause) { state in
            state.isStopping ? true : nil
        }
        return isStopping ?? false
    }
}
