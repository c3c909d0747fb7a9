package import Base

/// The spans of time that results are grouped by, in UTC.
package enum TimeUnit: String, Sendable, CaseIterable {
    case minute
    case hour
    case day
    /// From Monday.
    case week
    case month

    /// The start of the span that the instant lies in.
    package func truncate(_ instant: Milliseconds) -> Milliseconds {
        switch self {
        case .minute, .hour, .day, .week:
            return Self.truncate(instant, width: width, origin: origin)
        case .month:
            let time = CivilTime(instant)
            return Self.monthStart(year: time.year, month: time.month)
        }
    }

    /// The start of the span after the one that the instant lies in.
    package func next(after instant: Milliseconds) -> Milliseconds {
        switch self {
        case .minute, .hour, .day, .week:
            return truncate(instant) + width
        case .month:
            let time = CivilTime(instant)
            return time.month == 12
                ? Self.monthStart(year: time.year + 1, month: 1)
                : Self.monthStart(year: time.year, month: time.month + 1)
        }
    }

    /// Replaces each instant by the start of its span.
    package func truncate(all instants: inout [Milliseconds]) {
        // Neighbours mostly lie in the same span, so a comparison takes the place of divisions.
        var start: Milliseconds = 0
        var end: Milliseconds = 0
        for index in instants.indices {
            let instant = instants[index]
            if instant < start || instant >= end {
                start = truncate(instant)
                end = next(after: instant)
            }
            instants[index] = start
        }
    }

    private var width: Milliseconds {
        switch self {
        case .minute: CivilTime.millisecondsPerMinute
        case .hour: CivilTime.millisecondsPerHour
        case .day: CivilTime.millisecondsPerDay
        case .week: 7 * CivilTime.millisecondsPerDay
        case .month: 0
        }
    }

    /// An instant where a span starts.
    ///
    /// 1970-01-01 was a Thursday, its week began three days before.
    private var origin: Milliseconds {
        self == .week ? -3 * CivilTime.millisecondsPerDay : 0
    }

    private static func truncate(
        _ instant: Milliseconds, width: Milliseconds, origin: Milliseconds
    ) -> Milliseconds {
        floorDivide(instant - origin, width) * width + origin
    }

    private static func monthStart(year: Int, month: Int) -> Milliseconds {
        Milliseconds(CivilTime.dayNumber(year: year, month: month, day: 1))
            * CivilTime.millisecondsPerDay
    }
}
