package import Base
package import EventLog
package import Events
package import Store

/// The stream: takes the blocks of the log in order, keeps the windows current, publishes them and
/// flushes them into the store.
///
/// Made in three steps: `init` rebuilds the state that the last commit names (it reads the log),
/// `start` begins with what lies in the log behind that commit, and the server is ready once
/// `waitUntilProcessed` has said so of the log's end.
package final class StreamWorker: Sendable {
    /// What the silent replay found.
    package let recovery: StreamRecoveryReport

    /// Rebuilds the dedup window and the watermark of `lastCommit` (nil for a new store).
    package init(
        options: StreamOptions, catalog: Catalog, log: any EventLog, sink: any StreamSink,
        lastCommit: CommitPoint?
    ) {
        recovery = StreamRecoveryReport()
    }

    /// Starts the threads; the first blocks are those of the log since the last commit.
    package func start() {}

    /// Hands over a block that was just written to the log. Never blocks; called in log order.
    package func offer(_ block: EventBlock, at mark: LogMark) {}

    /// Waits until all blocks before `position` are in published windows; false after `timeout`.
    package func waitUntilProcessed(_ position: LogPosition, timeout: Milliseconds) -> Bool { true }

    /// Flushes all that was offered up to now and waits for the commit; false after `timeout`.
    package func flush(timeout: Milliseconds) -> Bool { true }

    /// Ends the threads. What is not flushed stays in the log.
    package func stop() {}

    /// The counters and gauges of now.
    package var metrics: StreamMetrics { StreamMetrics() }
}
