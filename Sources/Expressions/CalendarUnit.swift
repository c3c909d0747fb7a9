internal import Base

/// The units of time in SQL, as in `date_trunc('quarter', timestamp)`.
package enum CalendarUnit: String, Sendable, CaseIterable {
    case millisecond, second, minute, hour, day
    /// From Monday.
    case week
    case month, quarter, year

    /// How long it is: in months where the calendar says so.
    package enum Length: Sendable, Equatable {
        case milliseconds(Int64)
        case months(Int64)
    }

    /// The unit of a name, in any case, singular or plural; nil if there is none.
    package init?(name: String) {
        var word = name.lowercased()
        if let unit = CalendarUnit(rawValue: word) {
            self = unit
            return
        }
        if word == "ms" { word = "milliseconds" }
        guard word.hasSuffix("s"), let unit = CalendarUnit(rawValue: String(word.dropLast())) else {
            return nil
        }
        self = unit
    }

    /// The length of each span of this unit.
    package var length: Length {
        switch self {
        case .millisecond: .milliseconds(1)
        case .second: .milliseconds(1_000)
        case .minute: .milliseconds(CivilTime.millisecondsPerMinute)
        case .hour: .milliseconds(CivilTime.millisecondsPerHour)
        case .day: .milliseconds(CivilTime.millisecondsPerDay)
        case .week: .milliseconds(7 * CivilTime.millisecondsPerDay)
        case .month: .months(1)
        case .quarter: .months(3)
        case .year: .months(12)
        }
    }

    /// Whether its spans are of whole days.
    var isOfDays: Bool {
        switch self {
        case .millisecond, .second, .minute, .hour: false
        case .day, .week, .month, .quarter, .year: true
        }
    }

    /// An interval of so many of them; nil where that is out of range.
    package func interval(_ count: Int64) -> Value? {
        switch length {
        case .milliseconds(let width):
            let (product, overflow) = count.multipliedReportingOverflow(by: width)
            return overflow ? nil : .interval(months: 0, milliseconds: product)
        case .months(let months):
            let (product, overflow) = count.multipliedReportingOverflow(by: months)
            return overflow ? nil : .interval(months: product, milliseconds: 0)
        }
    }
}

/// A number that can be read off a clock and calendar, as in `extract(hour FROM timestamp)`.
enum TimeField: String, Sendable, CaseIterable {
    /// Within the minute, whole seconds among them, as in PostgreSQL.
    case millisecond
    case second, minute, hour, day
    /// From 0 for Sunday to 6.
    case dow
    /// From 1 for Monday to 7.
    case isodow
    /// From 1.
    case doy
    /// Of ISO 8601: the first has the year's first Thursday.
    case week
    /// The year that the week of ISO 8601 belongs to.
    case isoyear
    case month, quarter, year
    /// Seconds since 1970, whatever the zone.
    case epoch

    /// The field of a name or of one of its aliases, in any case.
    init?(name: String) {
        let word = name.lowercased()
        if let field = TimeField(rawValue: word) {
            self = field
            return
        }
        switch word {
        case "dayofweek", "weekday": self = .dow
        case "dayofmonth": self = .day
        case "dayofyear": self = .doy
        case "isodayofweek": self = .isodow
        case "weekofyear": self = .week
        default:
            guard let unit = CalendarUnit(name: word),
                let field = TimeField(rawValue: unit.rawValue)
            else { return nil }
            self = field
        }
    }

    /// The number, of a local time as if it were UTC.
    func value(_ local: Milliseconds) -> Int64 {
        let day = floorDivide(local, CivilTime.millisecondsPerDay)
        let inDay = local &- day &* CivilTime.millisecondsPerDay
        switch self {
        case .millisecond: return inDay % 60_000
        case .second: return inDay / 1_000 % 60
        case .minute: return inDay / 60_000 % 60
        case .hour: return inDay / 3_600_000
        case .epoch: return floorDivide(local, 1_000)
        case .isodow: return weekday(day)
        case .dow: return weekday(day) % 7
        case .week, .isoyear:
            // The week belongs to the year that its Thursday lies in.
            let thursday = day - weekday(day) + 4
            let year = CivilTime.date(dayNumber: Int(thursday)).year
            if self == .isoyear { return Int64(year) }
            return (thursday - Int64(CivilTime.dayNumber(year: year, month: 1, day: 1))) / 7 + 1
        case .day, .doy, .month, .quarter, .year:
            let date = CivilTime.date(dayNumber: Int(day))
            switch self {
            case .day: return Int64(date.day)
            case .month: return Int64(date.month)
            case .quarter: return Int64((date.month + 2) / 3)
            case .year: return Int64(date.year)
            default:
                return day - Int64(CivilTime.dayNumber(year: date.year, month: 1, day: 1)) + 1
            }
        }
    }

    /// From 1 for Monday; day 0 was a Thursday.
    private func weekday(_ day: Int64) -> Int64 {
        let rest = (day &+ 3) % 7
        return (rest < 0 ? rest + 7 : rest) + 1
    }
}
