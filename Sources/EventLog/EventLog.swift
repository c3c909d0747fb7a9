package import Base

/// The durable sequence of event blocks: what was acknowledged is in here.
///
/// `EmbeddedLog` keeps it in segment files of the data directory; a log that is spread over
/// brokers can stand behind the same calls, which is why positions are vectors and appending ends
/// in callbacks. The log knows payloads, not events.
package protocol EventLog: AnyObject, Sendable {
    /// Where the next payload will stand; all before it are written, not all are synced.
    var end: LogPosition { get }

    /// How many payload bytes were handed over and are not written yet.
    var pendingBytes: Int { get }

    /// Hands a payload over; never blocks. Payloads keep the order in which they came.
    func append(_ append: LogAppend)

    /// Returns when everything before `position` survives a power cut.
    func sync(through position: LogPosition) throws(EventLogError)

    /// Reads the entries from `position` on, in order, up to about `byteCount` payload bytes and at
    /// least one entry; empty at the end of the log. May be called while others append.
    func read(from position: LogPosition, byteCount: Int) throws(EventLogError) -> [LogEntry]

    /// The first position behind the damage that reading at `position` met, to go on with.
    func positionBehindDamage(at position: LogPosition) throws(EventLogError) -> LogPosition

    /// Tells that nothing before `position` will be read again; frees what exceeds `log.keep`.
    func release(below position: LogPosition)

    /// Writes and syncs what was handed over, then ends. Later appends fail.
    func close()
}

extension EventLog {
    /// The next position: all that a log can tell that knows no more about its damage.
    package func positionBehindDamage(
        at position: LogPosition
    ) throws(EventLogError) -> LogPosition {
        LogPosition(position.sequence + 1)
    }
}

/// A payload on its way into the log.
package struct LogAppend: Sendable {
    /// The bytes, which the log does not interpret.
    package var payload: [UInt8]
    /// When it was received, from which its log time follows.
    package var receivedAt: Milliseconds
    /// Whether someone waits for the sync; else it follows within `syncInterval`.
    package var isDurable: Bool
    /// Called once, on the log's thread, in log order: when the payload is written (or cannot be).
    ///
    /// Must be short.
    package var written: @Sendable (Result<LogMark, EventLogError>) -> Void
    /// Called once after `written` for a durable payload: when it is synced (or cannot be; so also
    /// where it could not be written).
    package var synced: (@Sendable (Result<LogMark, EventLogError>) -> Void)?

    /// Makes one of its parts.
    package init(
        payload: [UInt8], receivedAt: Milliseconds, isDurable: Bool,
        written: @escaping @Sendable (Result<LogMark, EventLogError>) -> Void,
        synced: (@Sendable (Result<LogMark, EventLogError>) -> Void)? = nil
    ) {
        self.payload = payload
        self.receivedAt = receivedAt
        self.isDurable = isDurable
        self.written = written
        self.synced = synced
    }
}

/// Where an entry stands, and its log time: the receipt times of the entries, made monotone.
package struct LogMark: Sendable, Equatable {
    /// Where the entry stands.
    package var position: LogPosition
    /// The receipt times up to this entry, made monotone.
    package var logTime: Milliseconds

    /// Makes one of its parts.
    package init(position: LogPosition, logTime: Milliseconds) {
        self.position = position
        self.logTime = logTime
    }
}

/// An entry as it was read back.
package struct LogEntry: Sendable, Equatable {
    /// Where the entry stands, and its log time.
    package var mark: LogMark
    /// The bytes, which the log does not interpret.
    package var payload: [UInt8]

    /// Makes one of its parts.
    package init(mark: LogMark, payload: [UInt8]) {
        self.mark = mark
        self.payload = payload
    }
}
