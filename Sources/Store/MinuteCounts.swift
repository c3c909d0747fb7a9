package import Base

/// How many events the minutes of one base rollup have got, corrections included.
///
/// Immutable, and shared day by day with the counts that it was made of. At most `daysMax` days are
/// told apart, the newest; the events of all others are `elsewhere`, and count as if they were in
/// every range. A day that has gone there never comes back, so the sum over a range never falls.
package struct MinuteCounts: Sendable, Equatable {
    /// As far back as events are taken by default (`ingest.maxAge`), and more.
    ///
    /// A day takes 5.6 KiB.
    package static let daysMax = 512
    static let minutesPerDay = 1_440

    /// The counts of a UTC day.
    final class Day: Sendable, Equatable {
        /// Days since 1970.
        let number: Int64
        let minutes: [UInt32]
        let total: UInt64

        init(number: Int64, minutes: [UInt32]) {
            invariant(minutes.count == MinuteCounts.minutesPerDay)
            self.number = number
            self.minutes = minutes
            total = minutes.reduce(0) { $0 + UInt64($1) }
        }

        static func == (left: Day, right: Day) -> Bool {
            left.number == right.number && left.minutes == right.minutes
        }
    }

    /// Ascending.
    private(set) var days: [Day] = []
    /// Events that no day has.
    private(set) var elsewhere: UInt64 = 0

    init() {}

    init(days: [Day], elsewhere: UInt64) {
        self.days = days
        self.elsewhere = elsewhere
        keepNewestDays()
    }

    /// The memory of the days, in bytes.
    package var byteCount: Int { days.count * (Self.minutesPerDay * 4 + 64) }

    /// The events in the minutes of a range, which begins and ends with whole minutes; and those
    /// elsewhere.
    ///
    /// Costs a look-up, the days in between, and the minutes of the first and last day.
    package func sum(over range: Range<Milliseconds>) -> UInt64 {
        let lower = floorDivide(range.lowerBound, CivilTime.millisecondsPerMinute)
        let upper = floorDivide(
            range.upperBound + CivilTime.millisecondsPerMinute - 1,
            CivilTime.millisecondsPerMinute)
        let perDay = Int64(Self.minutesPerDay)
        var sum = elsewhere
        for day in days[firstIndex(notBefore: floorDivide(lower, perDay))...] {
            let start = day.number * perDay
            if start >= upper { break }
            if start >= lower, start + perDay <= upper {
                sum += day.total
            } else {
                let from = Int(max(lower - start, 0))
                let end = Int(min(upper - start, perDay))
                for count in day.minutes[from..<end] { sum += UInt64(count) }
            }
        }
        return sum
    }

    /// These counts and others added up.
    func adding(_ other: MinuteCounts) -> MinuteCounts {
        var result = MinuteCounts()
        result.elsewhere = elsewhere + other.elsewhere
        result.days.reserveCapacity(days.count + other.days.count)
        var mine = days[...]
        var theirs = other.days[...]
        while let left = mine.first, let right = theirs.first {
            if left.number < right.number {
                result.days.append(mine.removeFirst())
            } else if right.number < left.number {
                result.days.append(theirs.removeFirst())
            } else {
                result.append(mine.removeFirst(), plus: theirs.removeFirst())
            }
        }
        result.days += mine
        result.days += theirs
        result.keepNewestDays()
        return result
    }

    private mutating func append(_ left: Day, plus right: Day) {
        var minutes = left.minutes
        for (minute, count) in right.minutes.enumerated() where count != 0 {
            elsewhere += Self.add(UInt64(count), to: &minutes[minute])
        }
        days.append(Day(number: left.number, minutes: minutes))
    }

    private mutating func keepNewestDays() {
        guard days.count > Self.daysMax else { return }
        let excess = days.count - Self.daysMax
        for day in days.prefix(excess) { elsewhere += day.total }
        days.removeFirst(excess)
    }

    private func firstIndex(notBefore number: Int64) -> Int {
        var lower = 0
        var upper = days.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if days[middle].number < number { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }

    /// Adds to a minute's count; what it has no room for is returned.
    static func add(_ events: UInt64, to count: inout UInt32) -> UInt64 {
        let sum = UInt64(count) + events
        count = UInt32(clamping: sum)
        return sum - UInt64(count)
    }
}

/// Counts events into minutes.
///
/// Which days it keeps depends on the set of days alone, and not on the order of the events.
package struct MinuteCounter: Sendable {
    private var pages: [Int64: Int] = [:]
    /// Page after page.
    private var minutes: [UInt32] = []
    private var elsewhere: UInt64 = 0
    /// Days up to this one have gone elsewhere.
    private var lastDayGone = Int64.min

    /// A counter that has counted nothing.
    package init() {}

    /// The memory of the days, in bytes.
    package var byteCount: Int { minutes.count * 4 }

    /// Adds an event for each of some rows, of which `minutes` has the minutes since 1970.
    package mutating func add(minutes ofRow: [Int32], rows: [UInt32]) {
        var place = Place()
        for row in rows {
            let minute = Int64(ofRow[Int(row)])
            if !place.covers(minute) { place = self.place(of: minute) }
            add(1, minute, at: place)
        }
    }

    /// Adds rows: when each was, and how many events it stands for.
    mutating func add(times: [Milliseconds], events: [Int64]) {
        var place = Place()
        for (time, count) in zip(times, events) {
            let minute = floorDivide(time, CivilTime.millisecondsPerMinute)
            if !place.covers(minute) { place = self.place(of: minute) }
            add(UInt64(max(0, count)), minute, at: place)
        }
    }

    /// Where the minutes of a day are counted; rows of one day mostly follow each other.
    private struct Place {
        var dayStart = Int64.min / 2
        /// Nil for a day that is not kept.
        var pageStart: Int?

        func covers(_ minute: Int64) -> Bool {
            minute &- dayStart >= 0 && minute &- dayStart < Int64(MinuteCounts.minutesPerDay)
        }
    }

    private mutating func place(of minute: Int64) -> Place {
        let day = floorDivide(minute, Int64(MinuteCounts.minutesPerDay))
        return Place(
            dayStart: day * Int64(MinuteCounts.minutesPerDay), pageStart: startOfPage(day))
    }

    private mutating func add(_ events: UInt64, _ minute: Int64, at place: Place) {
        if let pageStart = place.pageStart {
            let slot = pageStart &+ Int(truncatingIfNeeded: minute &- place.dayStart)
            elsewhere &+= MinuteCounts.add(events, to: &minutes[slot])
        } else {
            elsewhere &+= events
        }
    }

    /// What was counted.
    package func counts() -> MinuteCounts {
        let days = pages.sorted { $0.key < $1.key }.map { number, page in
            let start = page * MinuteCounts.minutesPerDay
            let end = start + MinuteCounts.minutesPerDay
            return MinuteCounts.Day(number: number, minutes: Array(minutes[start..<end]))
        }
        return MinuteCounts(days: days, elsewhere: elsewhere)
    }

    /// Where the minutes of a day start; nil for a day that is not kept.
    private mutating func startOfPage(_ day: Int64) -> Int? {
        if day <= lastDayGone { return nil }
        if let page = pages[day] { return page * MinuteCounts.minutesPerDay }
        guard pages.count == MinuteCounts.daysMax, let oldest = pages.keys.min() else {
            let start = minutes.count
            pages[day] = start / MinuteCounts.minutesPerDay
            minutes.append(contentsOf: repeatElement(0, count: MinuteCounts.minutesPerDay))
            return start
        }
        if day < oldest {
            lastDayGone = day
            return nil
        }
        return replace(oldest, by: day)
    }

    private mutating func replace(_ oldest: Int64, by day: Int64) -> Int? {
        guard let page = pages.removeValue(forKey: oldest) else { return nil }
        lastDayGone = oldest
        pages[day] = page
        let start = page * MinuteCounts.minutesPerDay
        for slot in start..<start + MinuteCounts.minutesPerDay {
            elsewhere += UInt64(minutes[slot])
            minutes[slot] = 0
        }
        return start
    }
}
