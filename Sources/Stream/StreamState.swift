package import Base
package import EventLog
package import Events
package import Store

/// The stream as a state machine: blocks in, generations out.
///
/// No threads, no clock but for durations, no I/O; so the same blocks always give the same tables.
package struct StreamState: ~Copyable {
    private let catalog: Catalog
    private let retention: Retention
    /// The ids of the dedup window.
    package private(set) var ledger: DedupLedger
    /// Up to which event time minutes have closed.
    package private(set) var watermark: Watermark
    private(set) var windows: RollupWindows
    private(set) var tail = RawTail()
    /// The flush that the current generation will become.
    package private(set) var flushNumber: UInt64
    /// All blocks before it were taken.
    package private(set) var position: LogPosition
    /// Where the current generation began.
    private(set) var generationStart: LogPosition
    /// What has been counted; figures of queue, flushes and threads are added outside.
    package private(set) var metrics = StreamMetrics()

    private var accepted: [UInt32] = []
    private var onTime: [UInt32] = []
    private var late: [UInt32] = []
    private var minutes: [Int32] = []

    /// The state before the first block of a new log.
    package init(options: StreamOptions, catalog: Catalog) {
        self.catalog = catalog
        retention = options.retention
        ledger = DedupLedger(window: options.dedupWindow, idsMax: options.dedupIdsMax)
        watermark = Watermark(lateness: options.lateness)
        windows = RollupWindows(catalog: catalog)
        flushNumber = 1
        position = .start
        generationStart = .start
    }

    /// Goes on after a commit; the ledger is rebuilt by `replay`, before or after this.
    mutating func resume(after commit: CommitPoint, watermark: Watermark) {
        self.watermark = watermark
        flushNumber = commit.flushNumber + 1
        position = commit.position
        generationStart = commit.position
        updateMetrics()
    }

    /// What the current generation holds, in bytes.
    var liveBytes: Int { tail.byteCount + windows.byteCount }

    /// Whether blocks were taken since the generation began, be it only duplicates.
    var hasAdvanced: Bool { position != generationStart }

    /// Takes the ids of a block that is in the store already.
    mutating func replay(_ eventIds: StringTable, assigned: Bitmap, at mark: LogMark) {
        accepted.removeAll(keepingCapacity: true)
        ledger.beginBlock(at: mark)
        ledger.admit(eventIds, assigned: assigned, into: &accepted)
    }

    /// Takes the next block of the log.
    package mutating func take(_ block: EventBlock, at mark: LogMark) {
        let started = Clock.monotonicNanoseconds()
        accepted.removeAll(keepingCapacity: true)
        onTime.removeAll(keepingCapacity: true)
        late.removeAll(keepingCapacity: true)
        ledger.beginBlock(at: mark)
        ledger.admit(block.eventIds, assigned: block.assigned, into: &accepted)
        let deduplicated = Clock.monotonicNanoseconds()
        while minutes.count < block.count { minutes.append(0) }
        watermark.beginBlock(logTime: mark.logTime)
        watermark.classify(
            accepted, timestamps: block.timestamps, minutes: &minutes, onTime: &onTime,
            late: &late)
        let classified = Clock.monotonicNanoseconds()
        let hour = floorDivide(mark.logTime, CivilTime.millisecondsPerHour)
        let kept = keptRows(block.timestamps)
        windows.add(
            block, minutes: minutes, onTime: onTime, late: kept.rollupLate,
            receivedHour: Int32(truncatingIfNeeded: hour))
        tail.append(
            block, accepted: kept.raw, late: kept.rawLate, logTime: watermark.logTime)
        position = mark.position.next
        metrics.stages.dedup &+= deduplicated - started
        metrics.stages.watermark &+= classified - deduplicated
        metrics.stages.rollups &+= Clock.monotonicNanoseconds() - classified
        count(block)
    }

    /// The accepted rows of which a table still keeps the time; only late events can be too old.
    ///
    /// Which these are depends on the log alone, as the watermark does.
    private mutating func keptRows(
        _ timestamps: [Milliseconds]
    ) -> (raw: [UInt32], rawLate: [UInt32], rollupLate: [UInt32]) {
        if late.isEmpty || !retention.isSet { return (accepted, late, late) }
        let raw = retention.rawLimit(watermark: watermark.time) ?? .min
        let rollup = retention.rollupLimit(watermark: watermark.time) ?? .min
        let oldest = late.reduce(Milliseconds.max) { min($0, timestamps[Int($1)]) }
        if oldest >= max(raw, rollup) { return (accepted, late, late) }
        let last = min(raw, rollup)
        metrics.expiredCount += UInt64(late.count { timestamps[Int($0)] < last })
        let isLate = Set(late)
        return (
            accepted.filter { timestamps[Int($0)] >= raw || !isLate.contains($0) },
            late.filter { timestamps[Int($0)] >= raw },
            late.filter { timestamps[Int($0)] >= rollup }
        )
    }

    /// Steps over a block that cannot be read.
    mutating func skip(_ position: LogPosition) {
        metrics.lostBlockCount += 1
        self.position = position.next
        updateMetrics()
    }

    /// Goes to a position that the log says is next; what lies between holds no blocks.
    mutating func advance(to position: LogPosition) {
        if position.sequence > self.position.sequence { self.position = position }
        updateMetrics()
    }

    /// The current generation as of now, for readers.
    package func liveGeneration() -> LiveGeneration {
        LiveGeneration(
            flushNumber: flushNumber, position: position, watermark: watermark.time,
            parts: windows.parts(), counts: windows.counts(),
            raw: tail.rowCount > 0 ? RawTailPart(tail) : nil)
    }

    /// Ends the generation and begins the next, which is empty.
    package mutating func freeze() -> FrozenGeneration {
        let frozen = FrozenGeneration(
            live: liveGeneration(), tail: tail,
            replayPosition: ledger.replayPosition ?? position,
            state: StreamCheckpoint(watermark: watermark, epochs: ledger.epochs).encode(),
            byteCount: liveBytes)
        tail = RawTail()
        windows = RollupWindows(catalog: catalog)
        flushNumber += 1
        generationStart = position
        updateMetrics()
        return frozen
    }

    private mutating func count(_ block: EventBlock) {
        metrics.blockCount += 1
        metrics.acceptedCount += UInt64(accepted.count)
        metrics.duplicateCount += UInt64(block.count - accepted.count)
        metrics.lateCount += UInt64(late.count)
        metrics.skewedCount += UInt64(block.skewedCount)
        updateMetrics()
    }

    private mutating func updateMetrics() {
        metrics.position = position
        metrics.logTime = watermark.logTime
        metrics.watermark = watermark.isSet ? watermark.time : nil
        metrics.liveBytes = liveBytes
        metrics.liveRows = tail.rowCount
        metrics.groupCount = windows.groupCount
        metrics.dedupIds = ledger.idCount
        metrics.dedupBytes = ledger.byteCount
        metrics.dedupSpan = ledger.span
    }
}

/// A generation that takes no more events: what a flush writes.
package struct FrozenGeneration: Sendable {
    /// Its rollups as readers see them until the commit.
    package let live: LiveGeneration
    let tail: RawTail
    let replayPosition: LogPosition
    let state: [UInt8]
    let byteCount: Int

    /// Builds the raw part and joins it with the rollups.
    package func batch() -> FlushBatch {
        var parts = live.parts
        if tail.rowCount > 0 { parts.insert(RawPartBuilder.build(tail), at: 0) }
        return FlushBatch(
            flushNumber: live.flushNumber, position: live.position,
            replayPosition: replayPosition, watermark: live.watermark, state: state, parts: parts,
            counts: live.counts)
    }
}

extension LogPosition {
    /// The position behind the block at this one.
    var next: LogPosition { LogPosition(sequence + 1) }
}
