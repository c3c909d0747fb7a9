/// Dates of the proleptic Gregorian calendar in UTC, and their RFC 3339 text.
///
/// Day numbers count from 1970-01-01. The conversions are those of Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms": shift the year to start in March, so that the
/// leap day is its last, and count in eras of 400 years.
package struct CivilTime: Sendable, Equatable {
    /// The year of the Gregorian calendar; negative ones count from year 0 backwards.
    package var year: Int
    /// From 1 to 12.
    package var month: Int
    /// The day of the month, from 1.
    package var day: Int
    /// From 0 to 23.
    package var hour: Int
    /// From 0 to 59.
    package var minute: Int
    /// From 0 to 59: UTC as Unix counts it has no leap seconds.
    package var second: Int
    /// From 0 to 999.
    package var millisecond: Int

    /// The length of every minute.
    package static let millisecondsPerMinute: Milliseconds = 60_000
    /// The length of every hour.
    package static let millisecondsPerHour: Milliseconds = 3_600_000
    /// The length of every UTC day.
    package static let millisecondsPerDay: Milliseconds = 86_400_000

    /// The civil time of an instant.
    package init(_ instant: Milliseconds) {
        let dayNumber = floorDivide(instant, Self.millisecondsPerDay)
        let rest = Int(instant - dayNumber * Self.millisecondsPerDay)
        (year, month, day) = Self.date(dayNumber: Int(dayNumber))
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1_000 % 60
        millisecond = rest % 1_000
    }

    /// The number of the day, counted from 1970-01-01; month and day must be in range.
    package static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date of a day number.
    package static func date(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = dayNumber + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// How many days the month has.
    package static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// RFC 3339 in UTC; milliseconds only where they are not zero (`2026-01-10T14:30:00.123Z`).
    package var text: String {
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        return millisecond == 0
            ? "\(date)T\(time)Z" : "\(date)T\(time).\(padded(millisecond, 3))Z"
    }

    /// RFC 3339 in the local time of an offset, as in `2026-03-08T00:00:00-05:00`.
    ///
    /// Offsets with seconds, of the time before standard time, are not in RFC 3339; those instants
    /// are written in UTC, with `Z`.
    package static func text(_ instant: Milliseconds, offset: Milliseconds) -> String {
        guard offset % millisecondsPerMinute == 0 else { return CivilTime(instant).text }
        let minutes = Int(offset.magnitude / 60_000)
        let sign = offset < 0 ? "-" : "+"
        return CivilTime(instant + offset).text.dropLast()
            + "\(sign)\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }
}

/// Division that rounds towards negative infinity; the divisor is positive.
@inlinable
package func floorDivide<Number: BinaryInteger>(_ number: Number, _ divisor: Number) -> Number {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
