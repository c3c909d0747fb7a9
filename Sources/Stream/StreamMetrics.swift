package import Base

/// What the stream has done since it started, for `/metrics`, and where it stands.
package struct StreamMetrics: Sendable, Equatable {
    /// Events that were counted: neither duplicates nor lost.
    package var acceptedCount: UInt64 = 0
    package var duplicateCount: UInt64 = 0
    /// Accepted events whose minute had closed before.
    package var lateCount: UInt64 = 0
    /// Events whose timestamp was clamped to receipt.
    package var skewedCount: UInt64 = 0
    package var blockCount: UInt64 = 0
    /// Blocks that were read from the log because the queue was full, or in recovery.
    package var logReadBlockCount: UInt64 = 0
    /// Blocks of the log that could not be read or decoded.
    package var lostBlockCount: UInt64 = 0

    /// All blocks before it have been taken.
    package var position = LogPosition.start
    package var logTime: Milliseconds = .min
    /// Nil before the first event.
    package var watermark: Milliseconds?
    /// From receipt to publication of the newest block that was published.
    package var freshness: Milliseconds = 0

    package var queueBytes = 0
    /// Accepted events that no commit holds yet, those of a running flush included.
    package var liveBytes = 0
    package var liveRows = 0
    package var groupCount = 0

    package var dedupIds = 0
    package var dedupBytes = 0
    /// The log time that the dedup window covers.
    package var dedupSpan: Milliseconds = 0

    package var flushCount: UInt64 = 0
    package var commitFailureCount: UInt64 = 0
    /// What the last commit failed with; nil after one that succeeded.
    package var commitFailure: String?
    package var flushNanoseconds: UInt64 = 0
    package var flushNanosecondsLast: UInt64 = 0
    package var publishCount: UInt64 = 0

    /// Time by stage, summed over all blocks.
    package var stages = StageTimes()

    package init() {}

    /// How far the watermark lies behind log time.
    package var watermarkLag: Milliseconds { watermark.map { max(0, logTime - $0) } ?? 0 }
}

/// Nanoseconds that each stage of the worker took so far; divide by the events for the cost of one.
package struct StageTimes: Sendable, Equatable {
    package var dedup: UInt64 = 0
    package var watermark: UInt64 = 0
    package var rollups: UInt64 = 0
    package var publish: UInt64 = 0
    package var logRead: UInt64 = 0
    package var rawBuild: UInt64 = 0

    package init() {}
}
