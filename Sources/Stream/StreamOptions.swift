package import Base
package import Store

/// What of the stream can be configured; the defaults are those of the design.
package struct StreamOptions: Sendable {
    /// How far behind the greatest event time (or log time) a minute closes.
    package var lateness: Milliseconds = 60_000
    /// How long an id is remembered, in log time.
    package var dedupWindow: Milliseconds = 3_600_000
    /// How many ids are remembered at most; 10 bytes of memory each.
    package var dedupIdsMax = 16 << 20
    /// Blocks that wait for the worker, in bytes; beyond it the worker reads them from the log.
    package var queueBytesMax = 96 << 20
    /// Accepted events that are not in a part yet, in bytes.
    ///
    /// A flush starts at half of it, so that the other half takes what arrives while the flush
    /// runs; at all of it the worker waits.
    package var liveTailBytesMax = 128 << 20
    /// Rows at which a flush starts.
    package var flushRowsMax = 1_000_000
    /// How long events wait for a flush at most.
    package var flushInterval: Milliseconds = 10_000
    /// How long the worker waits between two publications while it is busy.
    package var publishInterval: Milliseconds = 250
    /// How long tables keep their rows: what none keeps is not taken into any.
    package var retention = Retention()
    /// The pause after a commit that failed; doubled with each failure up to 32 times this.
    package var commitRetryInterval: Milliseconds = 100
    /// Bytes that are read from the log at once, in recovery and when the stream lags.
    package var logReadBytes = 4 << 20
    /// The pause after a failed read of the log.
    package var logRetryInterval: Milliseconds = 100

    package init() {}
}
