internal import Base
internal import Disk

/// What the log's thread shares with those who append, read and wait.
final class LogShared: Sendable {
    /// What the writer has to do next.
    enum Work {
        case appends([LogAppend])
        case sync
        case close
        /// The time that the writer asked for has come.
        case deadline
    }

    private struct State {
        var pending: [LogAppend] = []
        var pendingBytes = 0
        /// The end of the log, and of what is synced.
        var end: UInt64
        var synced: UInt64
        /// Up to where someone waits for a sync.
        var syncWanted: UInt64 = 0
        var failedSyncs = 0
        var syncError: DiskError?
        var isClosing = false
        var isFinished = false
    }

    let segments: SegmentList
    let metrics = Locked(LogMetrics())
    private let monitor: Monitor<State>

    init(_ segments: SegmentList, end: UInt64) {
        self.segments = segments
        monitor = Monitor(State(end: end, synced: end))
    }

    var end: UInt64 { monitor.withLock { $0.end } }
    var pendingBytes: Int { monitor.withLock { $0.pendingBytes } }

    // MARK: Callers

    /// Hands a payload over; false if the log is closed.
    func append(_ append: LogAppend) -> Bool {
        monitor.update { state in
            if state.isClosing { return false }
            state.pending.append(append)
            state.pendingBytes += append.payload.count
            return true
        }
    }

    /// A sync that was asked for: up to where, and how many had failed before.
    struct WantedSync {
        var target: UInt64
        var failedBefore: Int
    }

    func wantSync(through sequence: UInt64) -> WantedSync {
        monitor.update { state in
            let target = min(sequence, state.end)
            state.syncWanted = max(state.syncWanted, target)
            return WantedSync(target: target, failedBefore: state.failedSyncs)
        }
    }

    func waitForSync(_ wanted: WantedSync) throws(EventLogError) {
        let result: Result<Void, EventLogError>? = monitor.wait { state in
            if state.synced >= wanted.target { return .success(()) }
            if state.failedSyncs != wanted.failedBefore, let error = state.syncError {
                return .failure(.disk(error))
            }
            return state.isFinished ? .failure(.closed) : nil
        }
        try result?.get()
    }

    func close() { monitor.update { $0.isClosing = true } }

    // MARK: The writer

    /// Waits for work, until the deadline if there is one.
    func next(until deadline: UInt64?) -> Work {
        let work: Work? = monitor.wait(until: deadline) { state in
            if !state.pending.isEmpty {
                defer { state.pending = [] }
                return .appends(state.pending)
            }
            if state.syncWanted > state.synced { return .sync }
            return state.isClosing ? .close : nil
        }
        return work ?? .deadline
    }

    /// Tells the end of the log after payloads of so many bytes were written or refused.
    func commit(end: UInt64, payloadBytes: Int) {
        monitor.withLock { state in
            state.end = end
            state.pendingBytes -= payloadBytes
        }
    }

    func finishSync(through sequence: UInt64) { monitor.update { $0.synced = sequence } }

    func failSync(_ error: DiskError) {
        monitor.update { state in
            state.failedSyncs += 1
            state.syncError = error
            state.syncWanted = state.synced
        }
    }

    func finish() { monitor.update { $0.isFinished = true } }
}
