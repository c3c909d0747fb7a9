/// How the local time of a zone runs: which offset from UTC is in force when.
///
/// A table of the changes of the offset, and for times past it the yearly rule that TZif files end
/// with. Local time is local time "as if it were UTC": instant plus offset.
package struct TimeZoneRules: Sendable, Equatable {
    /// The longest time in which an offset does not change, and that offset.
    package struct Span: Sendable, Equatable {
        /// `Milliseconds.min` where there is no change before.
        package var start: Milliseconds
        /// Exclusive; `Milliseconds.max` where there is no change after.
        package var end: Milliseconds
        /// To be added to UTC.
        package var offset: Milliseconds
    }

    /// No offset is that large, in either direction.
    static let offsetLimit: Milliseconds = 26 * CivilTime.millisecondsPerHour
    /// Up to here the yearly rule is written out into the table.
    private static let lastTableYear = 2_100
    /// Where a table ends before that, the rule is not written out further back.
    private static let firstRuleYear = 1_800

    /// The IANA name, as in `Europe/Vienna`.
    package let name: String
    /// When each offset comes into force, ascending; the first is `Milliseconds.min`.
    private var starts: [Milliseconds] = []
    private var offsets: [Milliseconds] = []
    /// Holds from the last change of the table on; nil where the last offset stays for ever.
    private let rule: YearlyZoneRule?

    /// Joins a table and the rule that follows it.
    ///
    /// `changes` ascends; `first` is the offset before it.
    init(
        name: String, first: Milliseconds, changes: [ZoneChange], footer: ZoneFooter?
    ) {
        self.name = name
        switch footer {
        case .yearly(let rule): self.rule = rule
        case .fixed, nil: rule = nil
        }
        starts = [.min]
        offsets = [first]
        for change in changes { append(change) }
        let tableEnd = changes.last?.start ?? .min
        switch footer {
        case nil: break
        case .fixed(let offset): append(ZoneChange(start: tableEnd, offset: offset))
        case .yearly(let rule):
            let tableYear = max(Self.firstRuleYear, CivilTime(tableEnd).year)
            for year in tableYear - 1...max(tableYear + 1, Self.lastTableYear) {
                for change in rule.changes(year: year) where change.start > tableEnd {
                    append(change)
                }
            }
        }
    }

    private mutating func append(_ change: ZoneChange) {
        // Names and summer-time flags change alone at times; that is no change here.
        if change.offset == offsets[offsets.count - 1] { return }
        if change.start == starts[starts.count - 1] {
            offsets[offsets.count - 1] = change.offset
            return
        }
        starts.append(change.start)
        offsets.append(change.offset)
    }

    /// The offset in force at an instant, to be added to UTC; O(log of the table's size).
    package func offset(at instant: Milliseconds) -> Milliseconds { span(at: instant).offset }

    /// The time around an instant in which the offset stays the same.
    package func span(at instant: Milliseconds) -> Span {
        // The last change that is not after the instant.
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= instant { low = middle } else { high = middle }
        }
        if high < starts.count {
            return Span(start: starts[low], end: starts[high], offset: offsets[low])
        }
        if let rule { return span(at: instant, rule, from: starts[low]) }
        return Span(start: starts[low], end: .max, offset: offsets[low])
    }

    private func span(
        at instant: Milliseconds, _ rule: YearlyZoneRule, from tableEnd: Milliseconds
    ) -> Span {
        let year = CivilTime(instant).year
        var span = Span(start: tableEnd, end: .max, offset: offsets[offsets.count - 1])
        for change in (year - 1...year + 1).flatMap({ rule.changes(year: $0) })
        where change.start > tableEnd && change.offset != span.offset {
            if change.start > instant {
                span.end = change.start
                break
            }
            span.start = change.start
            span.offset = change.offset
        }
        return span
    }

    /// The first instant at which local clocks show that time or a later one.
    ///
    /// Of a time that comes twice this is the first; for one that clocks leap over, the instant of
    /// the leap.
    package func firstInstant(local: Milliseconds) -> Milliseconds {
        var span = span(at: local - Self.offsetLimit)
        while true {
            let candidate = max(span.start, local - span.offset)
            if candidate < span.end { return candidate }
            span = self.span(at: span.end)
        }
    }
}

/// A change of the offset of a zone, and the offset from then on.
struct ZoneChange: Sendable, Equatable {
    var start: Milliseconds
    var offset: Milliseconds
}
