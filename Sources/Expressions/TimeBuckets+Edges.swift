package import Base

extension TimeBuckets {
    /// The greatest span that divides a day and every instant strictly within the range at which a
    /// bucket begins, counted from 1970 in UTC.
    ///
    /// Rows that were added up over spans of that length, or over a divisor of it, fall into whole
    /// buckets. A day where no bucket begins within the range. O(changes of the offset in it).
    package func edgeDivisor(within range: Range<Milliseconds>) -> Milliseconds {
        var divisor = CivilTime.millisecondsPerDay
        var position = range.lowerBound
        while position < range.upperBound, divisor > 1 {
            // The change of the offset may begin a bucket, or go on with the one before it.
            if position > range.lowerBound, start(of: position) != start(of: position - 1) {
                divisor = greatestCommonDivisor(divisor, position)
            }
            let span = zone?.span(at: position)
            let offset = span?.offset ?? 0
            let end = min(span?.end ?? .max, range.upperBound)
            let first = unit.next(after: position + offset) - offset
            if first < end {
                divisor = greatestCommonDivisor(divisor, first)
                let second = unit.next(after: first + offset) - offset
                if second < end { divisor = greatestCommonDivisor(divisor, second - first) }
            }
            position = end
        }
        return divisor
    }
}

private func greatestCommonDivisor(_ left: Milliseconds, _ right: Milliseconds) -> Milliseconds {
    var (larger, smaller) = (left, abs(right))
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger
}

extension TimeBuckets {
    /// An instant from which on there are only buckets that start after the given start of one.
    ///
    /// The start of the next one; but where clocks go back over midnight, a day goes on after the
    /// next has begun, so the instant lies more than a day later there.
    package func horizon(of start: Milliseconds) -> Milliseconds {
        let next = next(after: start)
        let isInOrder = zone == nil || unit == .minute || unit == .hour
        return isInOrder ? next : next + 26 * CivilTime.millisecondsPerHour
    }
}
