package import Base

/// The buckets that instants are grouped into: spans of a unit by the clocks of a zone.
///
/// - Minutes are those of UTC.
/// - Hours are those of the local clock, cut where its offset changes: an hour that comes twice is
///   two buckets, and one that a change of half an hour cuts starts at the change.
/// - Days, weeks and months follow the local date and start at its first instant, so days are of 23
///   or 25 hours at times. Where clocks go back over midnight, the first day goes on after the
///   second has begun; both are one bucket each.
package struct TimeBuckets: Sendable {
    let unit: TimeUnit
    /// Nil for UTC.
    let zone: TimeZoneRules?

    /// Buckets of a unit in a zone; nil is UTC.
    package init(unit: TimeUnit, zone: TimeZoneRules?) {
        self.unit = unit
        self.zone = unit == .minute ? nil : zone
    }

    /// The start of the bucket that the instant lies in.
    package func start(of instant: Milliseconds) -> Milliseconds {
        guard let zone else { return unit.truncate(instant) }
        return window(around: instant, zone).bucket
    }

    /// The start of the next bucket, given the start of one.
    package func next(after start: Milliseconds) -> Milliseconds {
        guard let zone else { return unit.next(after: start) }
        let window = window(around: start, zone)
        if unit == .hour { return window.end }
        return zone.firstInstant(local: unit.next(after: start + zone.offset(at: start)))
    }

    /// Replaces each instant by the start of its bucket.
    package func truncate(all instants: inout [Milliseconds]) {
        guard let zone else { return unit.truncate(all: &instants) }
        // Neighbours mostly lie in the same bucket.
        var window = Window(start: 0, end: 0, bucket: 0)
        for index in instants.indices {
            let instant = instants[index]
            if instant < window.start || instant >= window.end {
                window = self.window(around: instant, zone)
            }
            instants[index] = window.bucket
        }
    }

    /// Instants around one that lie in the same bucket under the same offset.
    private struct Window {
        var start: Milliseconds
        var end: Milliseconds
        var bucket: Milliseconds
    }

    private func window(around instant: Milliseconds, _ zone: TimeZoneRules) -> Window {
        let span = zone.span(at: instant)
        let local = instant + span.offset
        let localStart = unit.truncate(local)
        let start = max(span.start, localStart - span.offset)
        let end = min(span.end, unit.next(after: local) - span.offset)
        return Window(
            start: start, end: end,
            bucket: unit == .hour ? start : zone.firstInstant(local: localStart))
    }
}
