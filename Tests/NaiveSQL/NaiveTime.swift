internal import Base
internal import Expressions

/// Functions of times, from the fields of the local clock.
extension NaiveEvaluator {
    func time(_ name: String, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        switch name {
        case "date_trunc":
            return .timestamp(start(arguments[0].string, arguments[1].int, zone(arguments, 2)))
        case "time_bucket", "toStartOfInterval": return bucket(name, arguments)
        case "date_part":
            return .integer(field(arguments[0].string, arguments[1].int, zone(arguments, 2)))
        case "date_diff":
            let unit = unit(arguments[0].string)
            let rules =
                ["hour", "minute", "second", "millisecond"].contains(unit)
                ? nil : zone(arguments, 3)
            return .integer(
                index(unit, arguments[2].int, rules) - index(unit, arguments[1].int, rules))
        case "date_add", "date_sub":
            let sign: Int64 = name == "date_add" ? 1 : -1
            if arguments[1].int.magnitude >= 1 << 52 { throw .naive("out_of_range") }
            let value = CalendarUnit(name: arguments[0].string)?.interval(sign * arguments[1].int)
            guard let value else { throw .naive("out_of_range") }
            return .timestamp(try add(value, to: arguments[2].int))
        case "plus", "minus": return try plus(name == "plus" ? 1 : -1, arguments)
        case "epoch": return .integer(floorDivide(arguments[0].int, 1_000))
        case "epoch_ms", "to_timestamp", "toDateTime", "make_timestamp", "make_date":
            return try conversion(name, arguments)
        case "strftime", "formatDateTime":
            return .string(
                formatted(name, arguments[0].int, arguments[1].string, zone(arguments, 2)))
        default: break
        }
        let minutes = [
            "toStartOfFiveMinutes": 5, "toStartOfTenMinutes": 10, "toStartOfFifteenMinutes": 15,
        ]
        if let width = minutes[name] {
            let rules = zone(arguments, 1)
            return .timestamp(cut(arguments[0].int, rules, Int64(width) * 60_000, 0))
        }
        if name.hasPrefix("toStartOf") {
            let unit = name.dropFirst("toStartOf".count).lowercased()
            return .timestamp(start(unit, arguments[0].int, zone(arguments, 1)))
        }
        let parts = [
            "toYear": "year", "toQuarter": "quarter", "toMonth": "month", "toISOWeek": "week",
            "toDayOfMonth": "day", "toDayOfYear": "doy", "toDayOfWeek": "isodow",
            "dayofweek": "dow", "toHour": "hour", "toMinute": "minute", "toSecond": "second",
            "toMillisecond": "millisecond",
        ]
        guard let part = parts[name] else { return nil }
        return .integer(field(part, arguments[0].int, zone(arguments, 1)))
    }

    private func zone(_ arguments: [Value], _ index: Int) -> TimeZoneRules? {
        guard index < arguments.count else { return nil }
        do { return try zones(arguments[index].string) } catch { fatalError("\(error)") }
    }

    private func unit(_ name: String) -> String {
        let word = name.lowercased()
        return word.hasSuffix("s") ? String(word.dropLast()) : word
    }

    private func local(_ time: Milliseconds, _ rules: TimeZoneRules?) -> CivilTime {
        CivilTime(time + (rules?.offset(at: time) ?? 0))
    }

    /// A local time as if it were UTC.
    private func instant(_ time: CivilTime) -> Milliseconds {
        let day = Int64(CivilTime.dayNumber(year: time.year, month: time.month, day: time.day))
        return day * 86_400_000 + Int64(time.hour) * 3_600_000 + Int64(time.minute) * 60_000
            + Int64(time.second) * 1_000 + Int64(time.millisecond)
    }

    /// The start of a calendar unit: the lower fields of the local clock at their least.
    private func start(
        _ name: String, _ time: Milliseconds, _ rules: TimeZoneRules?
    ) -> Milliseconds {
        var fields = local(time, rules)
        let unit = unit(name)
        switch unit {
        case "millisecond": return time
        case "second": return time - floorRest(time, 1_000)
        case "minute": return time - floorRest(time, 60_000)
        case "hour": return cut(time, rules, 3_600_000, 0)
        default: break
        }
        (fields.hour, fields.minute, fields.second, fields.millisecond) = (0, 0, 0, 0)
        if ["month", "quarter", "year"].contains(unit) { fields.day = 1 }
        if unit == "quarter" {
            fields.month = [1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10][fields.month - 1]
        }
        if unit == "year" { fields.month = 1 }
        var day = instant(fields)
        if unit == "week" { day -= Int64(weekday(day / 86_400_000) - 1) * 86_400_000 }
        return rules?.firstInstant(local: day) ?? day
    }

    /// Spans shorter than a day: whole ones of the local clock, cut where the offset changes.
    private func cut(
        _ time: Milliseconds, _ rules: TimeZoneRules?, _ width: Int64, _ origin: Int64
    ) -> Milliseconds {
        guard let rules, 60_000 % width != 0 else { return time - floorRest(time - origin, width) }
        let span = rules.span(at: time)
        let start = time - floorRest(time + span.offset - origin, width)
        if width % 86_400_000 == 0 { return rules.firstInstant(local: start + span.offset) }
        return max(start, span.start)
    }

    private func floorRest(_ number: Int64, _ width: Int64) -> Int64 {
        let rest = number % width
        return rest < 0 ? rest + width : rest
    }

    private func bucket(_ name: String, _ arguments: [Value]) -> Value {
        let isBucket = name == "time_bucket"
        let time = arguments[isBucket ? 1 : 0].int
        guard case .interval(let months, let width) = arguments[isBucket ? 0 : 1] else {
            fatalError("a bucket without an interval")
        }
        var origin: Milliseconds?
        if isBucket, arguments.count > 2 { origin = arguments[2].int }
        let rules = isBucket ? nil : zone(arguments, 2)
        if months > 0 {
            let first = CivilTime(origin ?? (isBucket ? 946_684_800_000 : 0))
            let firstMonth = Int64(first.year * 12 + first.month - 1)
            let fields = local(time, rules)
            var month = Int64(fields.year * 12 + fields.month - 1)
            month -= floorRest(month - firstMonth, months)
            let day = CivilTime.dayNumber(
                year: Int(floorDivide(month, 12)), month: Int(floorRest(month, 12)) + 1, day: 1)
            let start = Int64(day) * 86_400_000
            return .timestamp(rules?.firstInstant(local: start) ?? start)
        }
        // 2000-01-03 and 1970-01-05 are Mondays.
        let monday: Int64 = width % 604_800_000 == 0 ? 345_600_000 : 0
        return .timestamp(cut(time, rules, width, origin ?? (isBucket ? 946_857_600_000 : monday)))
    }

    /// From 1 for Monday, by counting from a Monday.
    private func weekday(_ day: Int64) -> Int { Int(floorRest(day - 4, 7)) + 1 }

    private func field(_ name: String, _ time: Milliseconds, _ rules: TimeZoneRules?) -> Int64 {
        let fields = local(time, rules)
        let day = Int64(
            CivilTime.dayNumber(year: fields.year, month: fields.month, day: fields.day))
        let yearStart = Int64(CivilTime.dayNumber(year: fields.year, month: 1, day: 1))
        let name = unit(name)
        switch name {
        case "year": return Int64(fields.year)
        case "quarter": return Int64((fields.month - 1) / 3 + 1)
        case "month": return Int64(fields.month)
        case "day": return Int64(fields.day)
        case "doy": return day - yearStart + 1
        case "isodow": return Int64(weekday(day))
        case "dow": return Int64(weekday(day)) % 7
        case "week", "isoyear":
            // Week 1 begins on the Monday on or before the 4th of January.
            var year = fields.year + 1
            while firstWeek(year) > day { year -= 1 }
            return name == "isoyear" ? Int64(year) : (day - firstWeek(year)) / 7 + 1
        case "hour": return Int64(fields.hour)
        case "minute": return Int64(fields.minute)
        case "second": return Int64(fields.second)
        case "millisecond": return Int64(fields.second * 1_000 + fields.millisecond)
        case "epoch": return floorDivide(time, 1_000)
        default: fatalError("the oracle does not know the field \(name)")
        }
    }

    private func firstWeek(_ year: Int) -> Int64 {
        let day = Int64(CivilTime.dayNumber(year: year, month: 1, day: 4))
        return day - Int64(weekday(day)) + 1
    }

    private func index(_ unit: String, _ time: Milliseconds, _ rules: TimeZoneRules?) -> Int64 {
        let fields = local(time, rules)
        let local = instant(fields)
        switch unit {
        case "year": return Int64(fields.year)
        case "quarter": return Int64(fields.year * 4 + (fields.month - 1) / 3)
        case "month": return Int64(fields.year * 12 + fields.month)
        case "week": return floorDivide(floorDivide(local, 86_400_000) - 4, 7)
        case "day": return floorDivide(local, 86_400_000)
        case "hour": return floorDivide(local, 3_600_000)
        case "minute": return floorDivide(local, 60_000)
        case "second": return floorDivide(local, 1_000)
        default: return local
        }
    }

    // MARK: Sums

    private func plus(_ sign: Int64, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        switch (arguments[0], arguments[1]) {
        case (.timestamp(let time), .interval(let months, let milliseconds)):
            return .timestamp(
                try add(
                    .interval(months: sign * months, milliseconds: sign * milliseconds), to: time))
        case (.date(let day), .interval(let months, let milliseconds)):
            let time = try add(
                .interval(months: sign * months, milliseconds: sign * milliseconds),
                to: day * 86_400_000)
            return .date(floorDivide(time, 86_400_000))
        case (.date(let day), .integer(let days)):
            if days.magnitude >= 10_000_000 { throw .naive("out_of_range") }
            let time = try inRange((day + sign * days) * 86_400_000)
            return .date(floorDivide(time, 86_400_000))
        default: return nil
        }
    }

    private func add(_ interval: Value, to time: Milliseconds) throws(EvaluationError) -> Int64 {
        guard case .interval(let months, let milliseconds) = interval else { return time }
        if months.magnitude >= 1_000_000 || milliseconds.magnitude >= 1 << 60 {
            throw .naive("out_of_range")
        }
        var fields = CivilTime(time)
        let month = Int64(fields.year * 12 + fields.month - 1) + months
        fields.year = Int(floorDivide(month, 12))
        fields.month = Int(floorRest(month, 12)) + 1
        fields.day = min(fields.day, CivilTime.dayCount(year: fields.year, month: fields.month))
        let shifted = months == 0 ? time : try inRange(instant(fields))
        return try inRange(shifted + milliseconds)
    }

    private func inRange(_ time: Milliseconds) throws(EvaluationError) -> Milliseconds {
        // The bounds first, for a calendar of years beyond them may not be asked.
        if time.magnitude > 1 << 60 || !(0...9_999).contains(CivilTime(time).year) {
            throw .naive("out_of_range")
        }
        return time
    }

    // MARK: Conversions

    private func conversion(
        _ name: String, _ arguments: [Value]
    ) throws(EvaluationError) -> Value? {
        switch (name, arguments[0]) {
        case ("epoch_ms", .timestamp(let time)): return .integer(time)
        case ("epoch_ms", .integer(let time)): return .timestamp(try inRange(time))
        case ("toDateTime", .timestamp): return arguments[0]
        case ("to_timestamp", .integer(let seconds)), ("toDateTime", .integer(let seconds)):
            if seconds.magnitude > 1 << 50 { throw .naive("out_of_range") }
            return .timestamp(try inRange(seconds * 1_000))
        case ("to_timestamp", .float(let seconds)):
            guard let time = Int64(exactly: (seconds * 1_000).rounded(.toNearestOrEven)) else {
                throw .naive("out_of_range")
            }
            return .timestamp(try inRange(time))
        case ("toDateTime", .string(let text)):
            let trimmed = text.split { " \t\n\u{B}\u{C}\r".contains($0) }.joined(separator: " ")
            switch CivilTime.parse(trimmed) {
            case .instant(let time) where (0...9_999).contains(CivilTime(time).year):
                return .timestamp(time)
            case .local(let time):
                return .timestamp(zone(arguments, 1)?.firstInstant(local: time) ?? time)
            default: throw .naive("invalid_value")
            }
        default: break
        }
        let numbers = arguments.prefix(5).map(\.int)
        guard (0...9_999).contains(numbers[0]), (1...12).contains(numbers[1]), numbers[2] > 0,
            numbers[2] <= CivilTime.dayCount(year: Int(numbers[0]), month: Int(numbers[1]))
        else { throw .naive("invalid_value") }
        let day = Int64(
            CivilTime.dayNumber(
                year: Int(numbers[0]), month: Int(numbers[1]), day: Int(numbers[2])))
        if name == "make_date" { return .date(day) }
        let seconds = arguments[5].double
        guard (0..<24).contains(numbers[3]), (0..<60).contains(numbers[4]), seconds >= 0,
            seconds < 60
        else { throw .naive("invalid_value") }
        let minutes = (day * 24 + numbers[3]) * 60 + numbers[4]
        return .timestamp(minutes * 60_000 + Int64(seconds * 1_000))
    }
}
