internal import Base
internal import EventLog
internal import Events
internal import Store

/// What the stream's thread does, step by step: take one block, publish if it is time, flush if it
/// is time.
///
/// When to publish and to flush follows the monotonic clock; what the tables hold does not.
struct StreamLoop {
    /// Publishing takes at most about this share of the time: one part in eight.
    private static let publishPause: UInt64 = 8

    let options: StreamOptions
    let log: any EventLog
    let sink: any StreamSink
    let decoder: any PayloadDecoder
    let queue: StreamQueue
    let flusher: FlushWorker

    /// Set when windows were published: all blocks before it can be seen.
    var published: LogPosition?

    /// The part of the log that is being read instead of the queue.
    private var reader: LogReader?
    /// Whether blocks were taken since the last publication.
    private var isDirty = false
    private var publishedAt: UInt64 = 0
    private var publishCost: UInt64 = 0
    /// When the current generation took its first block; 0 while it has none.
    private var generationBegan: UInt64 = 0
    /// The receipt of the newest block that was taken.
    private var receivedAt: Milliseconds = 0
    private var freshness: Milliseconds = 0
    private var publishCount: UInt64 = 0
    private var publishNanoseconds: UInt64 = 0
    private var logReadNanoseconds: UInt64 = 0
    private var logReadBlockCount: UInt64 = 0

    init(
        options: StreamOptions, log: any EventLog, sink: any StreamSink,
        decoder: any PayloadDecoder,
        queue: StreamQueue, flusher: FlushWorker
    ) {
        self.options = options
        self.log = log
        self.sink = sink
        self.decoder = decoder
        self.queue = queue
        self.flusher = flusher
    }

    /// One round; waits if there is nothing to do, or with `waits` false returns that.
    ///
    /// `flushTarget`: blocks up to there shall be flushed.
    @discardableResult
    mutating func step(
        _ state: inout StreamState, flushTarget: LogPosition, waits: Bool = true
    ) -> Bool {
        let now = Clock.monotonicNanoseconds()
        let isFull = state.liveBytes + flusher.status.byteCount >= options.liveTailBytesMax
        if flushIsDue(state, now, flushTarget), flusher.isIdle {
            freeze(&state)
            return true
        }
        let isBusy: Bool
        if reader == nil {
            isBusy = takeFromQueue(
                &state, takes: !isFull, until: waits ? deadline(state) : 0)
        } else if isFull {
            isBusy = false
            _ = queue.next(takes: false, until: waits ? deadline(state) : 0)
        } else {
            isBusy = takeFromLog(&state)
        }
        if publishIsDue(Clock.monotonicNanoseconds()) { publish(state) }
        return isBusy
    }

    /// Publishes what was taken, whatever the time.
    mutating func settle(_ state: borrowing StreamState) {
        if isDirty { publish(state) }
    }

    /// The state's counters with those of the loop.
    func metrics(of state: borrowing StreamState) -> StreamMetrics {
        var metrics = state.metrics
        metrics.freshness = freshness
        metrics.publishCount = publishCount
        metrics.logReadBlockCount = logReadBlockCount
        metrics.stages.publish = publishNanoseconds
        metrics.stages.logRead = logReadNanoseconds
        return metrics
    }

    private mutating func takeFromQueue(
        _ state: inout StreamState, takes: Bool, until deadline: UInt64?
    ) -> Bool {
        switch queue.next(takes: takes, until: deadline) {
        case .block(let block, let mark): take(block, at: mark, &state)
        case .logRange(let start, let end):
            state.advance(to: start)
            reader = LogReader(log, from: start, to: end, byteCount: options.logReadBytes)
        case nil: return false
        }
        return true
    }

    /// False if the log could not be read now.
    private mutating func takeFromLog(_ state: inout StreamState) -> Bool {
        let started = Clock.monotonicNanoseconds()
        let next = reader?.read() ?? .end
        switch next {
        case .entry(let entry):
            do throws(CorruptionError) {
                let block = try decoder.decode(entry.payload)
                logReadNanoseconds += Clock.monotonicNanoseconds() - started
                logReadBlockCount += 1
                take(block, at: entry.mark, &state)
            } catch {
                skip(entry.mark.position, &state)
            }
        case .lost(let position, _): skip(position, &state)
        case .end:
            // Positions at the end of the range may hold no block.
            if let end = reader?.end, end.sequence > state.position.sequence {
                state.advance(to: end)
                noteProgress()
            }
            reader = nil
        case .failed:
            let pause =
                Clock.monotonicNanoseconds() + nanoseconds(options.logRetryInterval)
            _ = queue.next(takes: false, until: pause)
            return false
        }
        return true
    }

    private mutating func take(_ block: EventBlock, at mark: LogMark, _ state: inout StreamState) {
        state.take(block, at: mark)
        receivedAt = block.receivedAt
        noteProgress()
    }

    private mutating func skip(_ position: LogPosition, _ state: inout StreamState) {
        state.skip(position)
        noteProgress()
    }

    private mutating func noteProgress() {
        isDirty = true
        if generationBegan == 0 { generationBegan = Clock.monotonicNanoseconds() }
    }

    private func publishIsDue(_ now: UInt64) -> Bool {
        if !isDirty { return false }
        let elapsed = now - publishedAt
        if elapsed >= nanoseconds(options.publishInterval) { return true }
        // At once when nothing waits, unless publishing would then take most of the time.
        return reader == nil && queue.isEmpty && elapsed >= publishCost * Self.publishPause
    }

    private mutating func publish(_ state: borrowing StreamState) {
        let started = Clock.monotonicNanoseconds()
        sink.publish(state.liveGeneration())
        notePublished(state.position, started)
    }

    private mutating func notePublished(_ position: LogPosition, _ started: UInt64) {
        publishedAt = Clock.monotonicNanoseconds()
        publishCost = publishedAt - started
        publishNanoseconds += publishCost
        publishCount += 1
        isDirty = false
        published = position
        if receivedAt != 0 { freshness = max(0, Clock.now() - receivedAt) }
    }

    private func flushIsDue(
        _ state: borrowing StreamState, _ now: UInt64, _ target: LogPosition
    ) -> Bool {
        guard state.hasAdvanced else { return false }
        if state.position.sequence >= target.sequence,
            state.generationStart.sequence < target.sequence
        {
            return true
        }
        return now - generationBegan >= nanoseconds(options.flushInterval)
            || state.liveBytes * 2 >= options.liveTailBytesMax
            || state.tail.rowCount >= options.flushRowsMax
    }

    /// Ends the generation: readers get its final form first, so no count ever falls, and the
    /// flush thread gets it to write.
    private mutating func freeze(_ state: inout StreamState) {
        let started = Clock.monotonicNanoseconds()
        let frozen = state.freeze()
        sink.publish(frozen.live)
        notePublished(state.position, started)
        generationBegan = 0
        flusher.begin(frozen)
    }

    /// When the thread must look again although nothing came.
    private func deadline(_ state: borrowing StreamState) -> UInt64? {
        var deadline: UInt64?
        if state.hasAdvanced, flusher.isIdle {
            deadline = generationBegan + nanoseconds(options.flushInterval)
        }
        if isDirty {
            let pause = min(
                publishCost * Self.publishPause, nanoseconds(options.publishInterval))
            deadline = min(deadline ?? .max, publishedAt + pause)
        }
        return deadline
    }

    private func nanoseconds(_ time: Milliseconds) -> UInt64 { UInt64(max(0, time)) * 1_000_000 }
}
