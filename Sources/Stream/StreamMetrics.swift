package import Base

/// What the stream has done since it started, for `/metrics`, and where it stands.
package struct StreamMetrics: Sendable, Equatable {
    /// Events that were taken: neither duplicates nor lost.
    package var acceptedCount: UInt64 = 0
    /// Events whose id the dedup window knew; they count nowhere else.
    package var duplicateCount: UInt64 = 0
    /// Accepted events whose minute had closed before.
    package var lateCount: UInt64 = 0
    /// Accepted events that were so old that no table keeps their time any more.
    package var expiredCount: UInt64 = 0
    /// Events whose timestamp was clamped to receipt.
    package var skewedCount: UInt64 = 0
    /// Blocks that were taken, whether from the queue or from the log.
    package var blockCount: UInt64 = 0
    /// Blocks that were read from the log because the queue was full, or in recovery.
    package var logReadBlockCount: UInt64 = 0
    /// Blocks of the log that could not be read or decoded.
    package var lostBlockCount: UInt64 = 0

    /// All blocks before it have been taken.
    package var position = LogPosition.start
    /// The log time of the newest block; the least value before the first.
    package var logTime: Milliseconds = .min
    /// Nil before the first event.
    package var watermark: Milliseconds?
    /// From receipt to publication of the newest block that was published.
    package var freshness: Milliseconds = 0

    /// The memory of the blocks that wait for the worker.
    package var queueBytes = 0
    /// Accepted events that no commit holds yet, those of a running flush included.
    package var liveBytes = 0
    /// The raw events of the current generation.
    package var liveRows = 0
    /// The rollup groups of the current generation.
    package var groupCount = 0

    /// How many ids the dedup window holds.
    package var dedupIds = 0
    /// The memory of the dedup window.
    package var dedupBytes = 0
    /// The log time that the dedup window covers.
    package var dedupSpan: Milliseconds = 0

    /// Flushes that were committed.
    package var flushCount: UInt64 = 0
    /// Attempts at a commit that failed; each is tried again.
    package var commitFailureCount: UInt64 = 0
    /// What the last commit failed with; nil after one that succeeded.
    package var commitFailure: String?
    /// How long flushes took together, failed attempts and the waits behind them included.
    package var flushNanoseconds: UInt64 = 0
    /// How long the last flush took.
    package var flushNanosecondsLast: UInt64 = 0
    /// How often a live generation was handed to the store.
    package var publishCount: UInt64 = 0

    /// Time by stage, summed over all blocks.
    package var stages = StageTimes()

    package init() {}

    /// How far the watermark lies behind log time.
    package var watermarkLag: Milliseconds { watermark.map { max(0, logTime - $0) } ?? 0 }
}

/// Nanoseconds that each stage of the worker took so far; divide by the events for the cost of one.
package struct StageTimes: Sendable, Equatable {
    /// Looking up and remembering ids.
    package var dedup: UInt64 = 0
    /// Moving the watermark, and telling late events from those on time.
    package var watermark: UInt64 = 0
    /// Counting into rollup groups, and keeping the rows for the raw table.
    package var rollups: UInt64 = 0
    /// Making live generations and handing them to the store.
    package var publish: UInt64 = 0
    /// Reading blocks back that the queue did not keep.
    package var logRead: UInt64 = 0
    /// Building the raw table's rows of a flush, on the thread of the flush.
    package var rawBuild: UInt64 = 0

    package init() {}
}
