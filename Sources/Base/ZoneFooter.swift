/// What holds past the table of a TZif file: one offset for ever, or two that take turns.
enum ZoneFooter: Sendable, Equatable {
    case fixed(Milliseconds)
    case yearly(YearlyZoneRule)

    /// Reads the `TZ` form of POSIX with the extensions of RFC 8536, as in
    /// `EST5EDT,M3.2.0,M11.1.0` or `<-02>2<-01>,M3.5.0/-1,M10.5.0/0`; nil if it is none.
    init?(posix text: ArraySlice<UInt8>) {
        var scanner = PosixZoneScanner(rest: text)
        // West of Greenwich is positive in this form.
        guard scanner.name(), let west = scanner.time(hoursMax: 24) else { return nil }
        let standard = -west
        if scanner.rest.isEmpty {
            self = .fixed(standard)
            return
        }
        guard scanner.name() else { return nil }
        var summer = standard + CivilTime.millisecondsPerHour
        if scanner.rest.first != UInt8(ascii: ",") {
            guard let west = scanner.time(hoursMax: 24) else { return nil }
            summer = -west
        }
        guard let start = scanner.date(), let end = scanner.date(), scanner.rest.isEmpty else {
            return nil
        }
        self = .yearly(
            YearlyZoneRule(standard: standard, summer: summer, start: start, end: end))
    }
}

/// Two offsets that take turns every year.
struct YearlyZoneRule: Sendable, Equatable {
    /// A day of the year and the local time on it.
    struct Date: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// The weekday (0 is Sunday) for the `week`th time in the month; 5 is the last.
            case weekday(Int, week: Int, month: Int)
            /// From 1, without the leap day.
            case withoutLeapDay(Int)
            /// From 0, the leap day counts.
            case withLeapDay(Int)
        }

        var day: Day
        /// After midnight; may be negative or more than a day.
        var time: Milliseconds

        /// The local time in a year.
        func local(year: Int) -> Milliseconds {
            Milliseconds(dayNumber(year: year)) * CivilTime.millisecondsPerDay + time
        }

        private func dayNumber(year: Int) -> Int {
            let newYear = CivilTime.dayNumber(year: year, month: 1, day: 1)
            switch day {
            case .withLeapDay(let number): return newYear + number
            case .withoutLeapDay(let number):
                let isPastLeapDay =
                    number >= 60 && CivilTime.dayCount(year: year, month: 2) == 29
                return newYear + number - 1 + (isPastLeapDay ? 1 : 0)
            case .weekday(let weekday, let week, let month):
                let first = CivilTime.dayNumber(year: year, month: month, day: 1)
                // 1970-01-01 was a Thursday.
                let firstWeekday = (first + 4) - floorDivide(first + 4, 7) * 7
                var day = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                if day >= CivilTime.dayCount(year: year, month: month) { day -= 7 }
                return first + day
            }
        }
    }

    var standard: Milliseconds
    var summer: Milliseconds
    /// When summer time starts, in standard time.
    var start: Date
    /// When it ends, in summer time.
    var end: Date

    /// The changes of a year, the earlier first.
    func changes(year: Int) -> [ZoneChange] {
        let toSummer = ZoneChange(start: start.local(year: year) - standard, offset: summer)
        let toStandard = ZoneChange(start: end.local(year: year) - summer, offset: standard)
        return toSummer.start <= toStandard.start
            ? [toSummer, toStandard] : [toStandard, toSummer]
    }
}

/// Reads the pieces of a POSIX zone from left to right.
private struct PosixZoneScanner {
    var rest: ArraySlice<UInt8>

    /// A name: letters, or anything between angle brackets.
    mutating func name() -> Bool {
        if take("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[(end + 1)...]
            return true
        }
        let letters = rest.prefix { Self.isLetter($0) }
        rest = rest[letters.endIndex...]
        return letters.count >= 3
    }

    /// `[+-]h[:m[:s]]`.
    mutating func time(hoursMax: Int) -> Milliseconds? {
        let sign: Milliseconds = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard var seconds = number(max: hoursMax).map({ $0 * 3_600 }) else { return nil }
        if take(":") {
            guard let minutes = number(max: 59) else { return nil }
            seconds += minutes * 60
            if take(":") {
                guard let rest = number(max: 59) else { return nil }
                seconds += rest
            }
        }
        return sign * Milliseconds(seconds) * 1_000
    }

    /// `,` and a day, then `/` and a time, or two o'clock.
    mutating func date() -> YearlyZoneRule.Date? {
        guard take(","), let day = day() else { return nil }
        if !take("/") { return .init(day: day, time: 2 * CivilTime.millisecondsPerHour) }
        return time(hoursMax: 167).map { .init(day: day, time: $0) }
    }

    private mutating func day() -> YearlyZoneRule.Date.Day? {
        if take("M") {
            guard let month = number(max: 12), month >= 1, take("."),
                let week = number(max: 5), week >= 1, take("."), let weekday = number(max: 6)
            else { return nil }
            return .weekday(weekday, week: week, month: month)
        }
        if take("J") {
            guard let day = number(max: 365), day >= 1 else { return nil }
            return .withoutLeapDay(day)
        }
        return number(max: 365).map { .withLeapDay($0) }
    }

    private mutating func number(max: Int) -> Int? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return number <= max ? number : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
