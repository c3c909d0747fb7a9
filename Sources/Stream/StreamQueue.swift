package import EventLog
package import Events

/// Blocks on their way from the log's thread to the worker.
///
/// Bounded by bytes and never full: beyond the budget only the position is kept, and the worker
/// reads the block from the log again. Positions must ascend.
package final class StreamQueue: Sendable {
    package init(byteLimit: Int) {}

    /// Hands a block over that was written to the log; never blocks.
    package func push(_ block: EventBlock, at mark: LogMark) {}
}
