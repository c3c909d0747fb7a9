internal import Base
internal import EventLog

/// Reads a range of the log entry by entry, in batches, and steps over what cannot be read.
///
/// Used where blocks are not in memory: in recovery and when the stream lags.
struct LogReader {
    /// What comes next of the range.
    enum Next {
        case entry(LogEntry)
        /// The block at the position cannot be read.
        case lost(LogPosition, reason: String)
        /// The range is done.
        case end
        /// The disk failed; the same call may succeed later.
        case failed(EventLogError)
    }

    private let log: any EventLog
    private let byteCount: Int
    private var next: LogPosition
    let end: LogPosition
    private var entries: [LogEntry] = []
    private var index = 0

    init(_ log: any EventLog, from start: LogPosition, to end: LogPosition, byteCount: Int) {
        self.log = log
        self.byteCount = byteCount
        next = start
        self.end = end
    }

    /// The next entry of the range, in order.
    mutating func read() -> Next {
        while true {
            if index < entries.count {
                let entry = entries[index]
                index += 1
                if entry.mark.position.sequence >= end.sequence { return finish() }
                next = entry.mark.position.next
                return .entry(entry)
            }
            if next.sequence >= end.sequence { return .end }
            do throws(EventLogError) {
                entries = try log.read(from: next, byteCount: byteCount)
                index = 0
                if entries.isEmpty {
                    return loseRest("the log ends at \(next), before \(end)")
                }
            } catch {
                switch error {
                case .disk, .closed: return .failed(error)
                case .corrupt(let corruption): return lose("\(corruption)")
                case .released(let kept):
                    // The error may name the first position that is kept; go on there.
                    if kept.sequence > next.sequence + 1 {
                        let reason = "the log no longer holds \(next) to \(kept)"
                        next = LogPosition(kept.sequence - 1)
                        return lose(reason)
                    }
                    return lose("the log no longer holds \(next)")
                }
            }
        }
    }

    private mutating func lose(_ reason: String) -> Next {
        let position = next
        next = next.next
        return .lost(position, reason: reason)
    }

    private mutating func loseRest(_ reason: String) -> Next {
        next = LogPosition(end.sequence - 1)
        return lose(reason)
    }

    private mutating func finish() -> Next {
        next = end
        entries = []
        index = 0
        return .end
    }
}
