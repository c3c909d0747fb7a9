package import Base
package import EventLog
package import Events
package import Store

/// The stream: takes the blocks of the log in order, keeps the windows current, publishes them and
/// flushes them into the store.
///
/// Made in three steps: `init` rebuilds the state that the last commit names (it reads the log),
/// `start` begins with what lies in the log behind that commit, and the server is ready once
/// `waitUntilPublished` has said so of the log's end.
package final class StreamWorker: Sendable {
    /// What is shared with those who wait.
    private struct Shared {
        /// All blocks before it are in published windows or in the store.
        var published: LogPosition
        /// A flush is wanted up to here.
        var flushTarget: LogPosition
        var isStopping = false
        var metrics = StreamMetrics()
    }

    /// What the stream's thread alone touches.
    private struct Body: ~Copyable {
        var state: StreamState
        var loop: StreamLoop
    }

    private struct Threads: ~Copyable {
        var stream: WorkerThread?
        var flush: WorkerThread?
    }

    /// What the silent replay found.
    package let recovery: StreamRecoveryReport
    /// The end of the log when the stream was made: the server is ready once this is published.
    package let recoveryEnd: LogPosition

    private let options: StreamOptions
    private let log: any EventLog
    private let sink: any StreamSink
    private let decoder: any PayloadDecoder
    private let queue: StreamQueue
    private let flusher: FlushWorker
    private let shared: Monitor<Shared>
    /// Locked by the stream's thread for all its life.
    private let body: Locked<Body>
    private let threads = Locked(Threads(stream: nil, flush: nil))

    /// Rebuilds the dedup window and the watermark of `lastCommit` (nil for a new store).
    ///
    /// No block may be appended to the log before this has returned.
    package init(
        options: StreamOptions, catalog: Catalog, log: any EventLog, sink: any StreamSink,
        lastCommit: CommitPoint?, decoder: any PayloadDecoder = EventPayloadDecoder()
    ) {
        self.options = options
        self.log = log
        self.sink = sink
        self.decoder = decoder
        var recovery = StreamRecovery(log: log, decoder: decoder, options: options)
        var state = StreamState(options: options, catalog: catalog)
        if let lastCommit { recovery.restore(&state, to: lastCommit) }
        self.recovery = recovery.report
        let start = state.position
        recoveryEnd = log.end.sequence > start.sequence ? log.end : start
        let queue = StreamQueue(byteLimit: options.queueBytesMax, start: start)
        queue.pushLogRange(to: recoveryEnd)
        self.queue = queue
        flusher = FlushWorker(
            sink: sink, log: log, retryInterval: options.commitRetryInterval, committed: start,
            changed: { queue.wake() })
        shared = Monitor(
            Shared(published: start, flushTarget: start, metrics: state.metrics))
        let loop = StreamLoop(
            options: options, log: log, sink: sink, decoder: decoder, queue: queue,
            flusher: flusher)
        body = Locked(Body(state: state, loop: loop))
    }

    /// Starts the threads; the first blocks are those of the log since the last commit.
    package func start() {
        threads.withLock { threads in
            invariant(threads.stream == nil, "the stream was started twice")
            threads.flush = WorkerThread(name: "weir-flush") { [flusher] in flusher.run() }
            threads.stream = WorkerThread(name: "weir-stream") { [self] in
                body.withLock { run(&$0) }
            }
        }
    }

    /// Hands over a block that was just written to the log.
    ///
    /// Never blocks; called in log order.
    package func offer(_ block: EventBlock, at mark: LogMark) { queue.push(block, at: mark) }

    /// Waits until all blocks before `position` are in published windows; false after `timeout`.
    package func waitUntilPublished(_ position: LogPosition, timeout: Milliseconds) -> Bool {
        let isPublished = shared.wait(until: deadline(timeout)) { shared in
            shared.published.sequence >= position.sequence ? true : nil
        }
        return isPublished ?? false
    }

    /// Flushes all that was offered up to now and waits for the commit; false after `timeout`.
    package func flush(timeout: Milliseconds) -> Bool {
        let target = queue.end
        wantFlush()
        return flusher.waitForCommit(of: target, until: deadline(timeout))
    }

    /// Ends the threads; call `flush` before, or what is not flushed is read from the log at the
    /// next start.
    package func stop() {
        shared.update { $0.isStopping = true }
        queue.wake()
        flusher.stop()
        threads.withLock { threads in
            threads.stream.take()?.join()
            threads.flush.take()?.join()
        }
    }

    /// Takes and publishes all that was offered, on the calling thread: for a stream that is
    /// driven, step by step, instead of started, so that a test can repeat every step.
    ///
    /// What is to be flushed is then ready for `commit`.
    package func work() {
        let target = shared.withLock { $0.flushTarget }
        body.withLock { body in
            while body.loop.step(&body.state, flushTarget: target, waits: false) {}
            body.loop.settle(body.state)
            report(&body)
        }
    }

    /// Asks for a flush of all that was offered up to now, without waiting for it.
    package func wantFlush() {
        let target = queue.end
        shared.update { shared in
            if target.sequence > shared.flushTarget.sequence { shared.flushTarget = target }
        }
        queue.wake()
    }

    /// Whether a flush is ready for `commit`, or runs.
    package var hasFlush: Bool { !flusher.isIdle }

    /// Commits what `work` has made ready, on the calling thread and once; see `work`.
    ///
    /// False if nothing is ready, or if the commit failed and is to be tried again.
    package func commit() -> Bool { flusher.attempt() }

    /// The counters and gauges of now.
    package var metrics: StreamMetrics {
        var metrics = shared.withLock { $0.metrics }
        let status = flusher.status
        metrics.queueBytes = queue.byteCount
        metrics.liveBytes += status.byteCount
        metrics.flushCount = status.flushCount
        metrics.commitFailureCount = status.failureCount
        metrics.commitFailure = status.failure
        metrics.flushNanoseconds = status.nanoseconds
        metrics.flushNanosecondsLast = status.nanosecondsLast
        metrics.stages.rawBuild = status.buildNanoseconds
        return metrics
    }

    private func deadline(_ timeout: Milliseconds) -> UInt64 {
        Clock.monotonicNanoseconds() + UInt64(max(0, timeout)) * 1_000_000
    }

    /// The body of the stream's thread.
    private func run(_ body: inout Body) {
        while true {
            let (target, isStopping) = shared.withLock { ($0.flushTarget, $0.isStopping) }
            if isStopping { return }
            body.loop.step(&body.state, flushTarget: target)
            report(&body)
        }
    }

    /// Tells those who wait what the loop has done.
    private func report(_ body: inout Body) {
        let metrics = body.loop.metrics(of: body.state)
        let published = body.loop.published
        shared.withLock { $0.metrics = metrics }
        guard let published else { return }
        shared.update { $0.published = published }
        body.loop.published = nil
    }
}
