package import Base

/// Up to which event time the minutes have closed.
///
/// min(log time, greatest event time seen) − lateness; it never moves back. Both are in the log, so
/// a replay closes the same minutes at the same events.
package struct Watermark: Sendable, Equatable {
    /// Before any event: far back, and yet nothing overflows.
    private static let never = Milliseconds.min / 4

    /// How long after its end a minute stays open.
    package let lateness: Milliseconds
    /// The greatest log time of the blocks so far.
    package private(set) var logTime: Milliseconds
    /// The greatest event time so far.
    package private(set) var eventTimeMax: Milliseconds
    /// The watermark itself.
    package private(set) var time: Milliseconds

    /// The watermark before any event: nothing has closed.
    package init(lateness: Milliseconds) {
        self.lateness = lateness
        logTime = Self.never
        eventTimeMax = Self.never
        time = Self.never
    }

    /// The watermark as it was saved.
    package init(
        lateness: Milliseconds, time: Milliseconds, logTime: Milliseconds,
        eventTimeMax: Milliseconds
    ) {
        self.lateness = lateness
        self.logTime = logTime
        self.eventTimeMax = eventTimeMax
        self.time = time
    }

    /// Whether an event has been seen.
    package var isSet: Bool { eventTimeMax != Self.never }

    /// Takes the log time of the next block, which may close minutes.
    package mutating func beginBlock(logTime: Milliseconds) {
        self.logTime = max(self.logTime, logTime)
        advance()
    }

    /// Splits the accepted rows of a block, in their order, into those whose minute is open and
    /// those that are late; `minutes` (one entry a row of the block) gets the minute of each.
    package mutating func classify(
        _ rows: [UInt32], timestamps: [Milliseconds], minutes: inout [Int32],
        onTime: inout [UInt32], late: inout [UInt32]
    ) {
        var eventTimeMax = self.eventTimeMax
        var time = self.time
        for row in rows {
            let timestamp = timestamps[Int(row)]
            let minute = minuteNumber(timestamp)
            minutes[Int(row)] = Int32(truncatingIfNeeded: minute)
            if timestamp > eventTimeMax {
                eventTimeMax = timestamp
                time = max(time, min(logTime, eventTimeMax) &- lateness)
            }
            if (minute &+ 1) &* CivilTime.millisecondsPerMinute <= time {
                late.append(row)
            } else {
                onTime.append(row)
            }
        }
        self.eventTimeMax = eventTimeMax
        self.time = time
    }

    private mutating func advance() {
        if isSet { time = max(time, min(logTime, eventTimeMax) - lateness) }
    }
}

/// The minutes since the epoch, rounded down.
func minuteNumber(_ timestamp: Milliseconds) -> Int64 {
    timestamp >= 0 ? timestamp / 60_000 : (timestamp &- 59_999) / 60_000
}
