package import Base
package import Disk

/// How an `EmbeddedLog` behaves.
package struct LogOptions: Sendable {
    /// The size of a segment file; a payload that does not fit gets a larger one of its own.
    package var segmentBytes = 64 << 20
    /// How long a payload that nobody waits for may stay un-synced, in milliseconds.
    package var syncInterval: Milliseconds = 50
    /// The time of `log.keep`: a released segment goes once all in it is older, by log time.
    package var keepMilliseconds: Milliseconds = CivilTime.millisecondsPerHour
    /// The bytes of `log.keep`: a released segment goes once it and all behind it are larger, if
    /// its time has not come before.
    package var keepBytes = 8 << 30
    /// How long to wait after a failure before trying again without being asked, in milliseconds.
    package var retryInterval: Milliseconds = 100
    /// Where the salts of the segments come from; random, except in tests.
    package var saltSeed: UInt64?
    /// Whether the log works only within `EmbeddedLog.work`, on the caller's thread, instead of on
    /// one of its own: so that a test can repeat every step.
    package var isDriven = false

    /// The defaults.
    package init() {}
}

/// The counters of an `EmbeddedLog` at one moment.
package struct LogMetrics: Sendable, Equatable {
    /// The upper bounds of the sync buckets, in seconds; one more bucket takes what is longer.
    package static let syncSecondsBounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
    ]

    /// Payloads that were written.
    package internal(set) var appends = 0
    /// Their bytes, headers included.
    package internal(set) var appendedBytes = 0
    /// Payloads that could not be written.
    package internal(set) var failedAppends = 0
    /// Syncs that succeeded.
    package internal(set) var syncs = 0
    /// Syncs that failed.
    package internal(set) var failedSyncs = 0
    /// How many of the syncs took so long, by `syncSecondsBounds`; not cumulative.
    package internal(set) var syncBuckets = [Int](
        repeating: 0, count: LogMetrics.syncSecondsBounds.count + 1)
    /// The time of all syncs, in seconds.
    package internal(set) var syncSeconds = 0.0
    /// The segment files.
    package internal(set) var segmentCount = 0
    /// What the segments take on the disk.
    package internal(set) var diskBytes = 0
    /// What failed last; nil once an operation of the same kind has succeeded since.
    package internal(set) var currentError: DiskError?

    mutating func countSync(nanoseconds: UInt64) {
        let seconds = Double(nanoseconds) / 1e9
        syncs += 1
        syncSeconds += seconds
        let bucket = Self.syncSecondsBounds.firstIndex { seconds <= $0 }
        syncBuckets[bucket ?? Self.syncSecondsBounds.count] += 1
    }
}

/// Damage that was found when the log was opened: frames that were durable once.
package struct LogDamage: Sendable, Equatable {
    /// Where the damage begins, and what was found there.
    package var error: CorruptionError
    /// The sequences that are lost.
    package var lost: Range<UInt64>
}
