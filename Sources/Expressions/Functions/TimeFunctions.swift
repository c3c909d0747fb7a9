internal import Base

/// Functions of dates and times.
///
/// Times are instants; what depends on a calendar takes the name of
/// a zone as its last argument, and is in UTC without one.
enum TimeFunctions {
    static let definitions =
        [now, today, yesterday, dateTrunc, timeBucket, startOfInterval, datePart]
        + startsOfUnits + startsOfMinutes + parts + TimeDifferences.definitions
        + TimeConversions.definitions + TimeTexts.definitions

    private static let now = FunctionDefinition(
        "now", ["current_timestamp", "now64"], .time,
        "The instant at which the query began, the same in all of it.", example: "now()",
        "2026-01-10T14:30:00Z", nulls: .special("Never NULL."),
        signatures: ["now() → DateTime64(3)"]
    ) { (arguments, context) throws(BindingError) in
        guard arguments.isEmpty else {
            throw wrongArguments("now", arguments, ["now() → DateTime64(3)"])
        }
        return .constant(.timestamp(context.now), .timestamp)
    }

    private static let today = day("today", ["current_date", "curdate"], 0, "2026-01-10")
    private static let yesterday = day("yesterday", [], -1, "2026-01-09")

    private static func day(
        _ name: String, _ aliases: [String], _ shift: Int64, _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .time,
            "The date \(shift == 0 ? "at" : "before that at") which the query began.",
            example: "\(name)()", result, nulls: .special("Never NULL."),
            overloads: [
                Overload([.zone], .date) { (arguments, context) throws(BindingError) in
                    let zone = try context.zone(arguments.first)
                    let local = context.now + (zone?.offset(at: context.now) ?? 0)
                    let day = floorDivide(local, CivilTime.millisecondsPerDay) + shift
                    return FunctionKernel(canFail: false) { _, count in
                        Vector(values: .integers([Int64](repeating: day, count: count)))
                    }
                }
            ])
    }

    private static let dateTrunc = FunctionDefinition(
        "date_trunc", ["dateTrunc"], .time,
        "The start of the millisecond, second, minute, hour, day, week (from Monday), month, "
            + "quarter or year that a time lies in.",
        example: "date_trunc('week', timestamp '2026-01-10 14:30:00')", "2026-01-05T00:00:00Z",
        overloads: [
            Overload([.constantString, .timestamp, .zone], .timestamp) {
                (arguments, context) throws(BindingError) in
                let unit = try calendarUnit(arguments[0])
                return floor(TimeFloor(unit, zone: try context.zone(arguments.at(2))), at: 1)
            }
        ])

    private static let timeBucket = FunctionDefinition(
        "time_bucket", [], .time,
        "The start of the span of that length that a time lies in; spans are counted from the "
            + "origin, which is Monday 2000-01-03, or 2000-01-01 for months and years.",
        example: "time_bucket(interval 15 minute, timestamp '2026-01-10 14:37:00')",
        "2026-01-10T14:30:00Z",
        overloads: [
            Overload(
                [.interval, .timestamp, Parameter(type: .timestamp, isConstant: true).optional],
                .timestamp
            ) {
                (arguments, _) throws(BindingError) in
                var origin: Milliseconds?
                if case .timestamp(let time)? = arguments.at(2)?.constant { origin = time }
                return floor(try bucket("time_bucket", arguments[0], origin, nil), at: 1)
            }
        ])

    private static let startOfInterval = FunctionDefinition(
        "toStartOfInterval", ["date_bin"], .time,
        "The start of the span of that length that a time lies in; spans are counted from 1970 on "
            + "the clock of the zone, whole weeks from a Monday.",
        example: "toStartOfInterval(timestamp '2026-01-10 14:37:00', interval 5 minute)",
        "2026-01-10T14:35:00Z",
        overloads: [
            Overload([.timestamp, .interval, .zone], .timestamp) {
                (arguments, context) throws(BindingError) in
                let zone = try context.zone(arguments.at(2))
                var origin: Milliseconds = 0
                if case .interval(_, let width)? = arguments[1].constant,
                    width % (7 * CivilTime.millisecondsPerDay) == 0
                {
                    origin = TimeFloor.firstMonday
                }
                return floor(try bucket("toStartOfInterval", arguments[1], origin, zone), at: 0)
            }
        ])

    /// The spans of an interval; a nil origin is that of `time_bucket`.
    private static func bucket(
        _ name: String, _ argument: Expression, _ origin: Milliseconds?, _ zone: TimeZoneRules?
    ) throws(BindingError) -> TimeFloor {
        guard let interval = Interval(argument), interval.months >= 0, interval.milliseconds >= 0,
            (interval.months == 0) != (interval.milliseconds == 0)
        else {
            throw BindingError(
                code: "invalid_value",
                message: "\(name) takes an interval above zero, of months and years or of all else")
        }
        guard interval.months < 120_000, interval.milliseconds < 1 << 48 else {
            throw BindingError(
                code: "invalid_value", message: "the interval of \(name) is too long")
        }
        if interval.months > 0 {
            let time = CivilTime(origin ?? 946_684_800_000)
            let month = Int64(time.year * 12 + time.month - 1)
            return TimeFloor(.months(interval.months, origin: month), zone: zone)
        }
        // Reduced to one span, for it may lie far away.
        let start = (origin ?? 946_857_600_000) % interval.milliseconds
        return TimeFloor(.milliseconds(interval.milliseconds, origin: start), zone: zone)
    }

    private static let startsOfUnits = [
        startOf("toStartOfSecond", [], .second, "2026-05-10T14:37:25Z"),
        startOf("toStartOfMinute", [], .minute, "2026-05-10T14:37:00Z"),
        startOf("toStartOfHour", [], .hour, "2026-05-10T14:00:00Z"),
        startOf("toStartOfDay", [], .day, "2026-05-10T00:00:00Z"),
        startOf("toStartOfWeek", ["toMonday"], .week, "2026-05-04T00:00:00Z"),
        startOf("toStartOfMonth", [], .month, "2026-05-01T00:00:00Z"),
        startOf("toStartOfQuarter", [], .quarter, "2026-04-01T00:00:00Z"),
        startOf("toStartOfYear", [], .year, "2026-01-01T00:00:00Z"),
    ]

    private static func startOf(
        _ name: String, _ aliases: [String], _ unit: CalendarUnit, _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .time, "The start of the \(unit.rawValue) that a time lies in.",
            example: "\(name)(timestamp '2026-05-10 14:37:25.5')", result,
            overloads: [
                Overload([.timestamp, .zone], .timestamp) {
                    (arguments, context) throws(BindingError) in
                    floor(TimeFloor(unit, zone: try context.zone(arguments.at(1))), at: 0)
                }
            ])
    }

    private static let startsOfMinutes = [
        startOfMinutes("toStartOfFiveMinutes", ["toStartOfFiveMinute"], 5, "14:35"),
        startOfMinutes("toStartOfTenMinutes", [], 10, "14:30"),
        startOfMinutes("toStartOfFifteenMinutes", [], 15, "14:30"),
    ]

    private static func startOfMinutes(
        _ name: String, _ aliases: [String], _ minutes: Int64, _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .time, "The start of the \(minutes) minutes that a time lies in.",
            example: "\(name)(timestamp '2026-05-10 14:37:25')", "2026-05-10T\(result):00Z",
            overloads: [
                Overload([.timestamp, .zone], .timestamp) {
                    (arguments, context) throws(BindingError) in
                    let width = minutes * CivilTime.millisecondsPerMinute
                    let zone = try context.zone(arguments.at(1))
                    return floor(TimeFloor(.milliseconds(width, origin: 0), zone: zone), at: 0)
                }
            ])
    }

    /// The kernel that replaces the times of one argument.
    private static func floor(_ floor: TimeFloor, at index: Int) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in
            times(operands[index], count) { floor.starts($0) }
        }
    }

    private static let datePart = FunctionDefinition(
        "date_part", ["datePart"], .time,
        "A number of a time: year, quarter, month, week and isoyear (of ISO 8601), day, doy (of "
            + "the year), dow (0 for Sunday), isodow (7 for Sunday), hour, minute, second, "
            + "millisecond (of the minute) or epoch (seconds since 1970).",
        example: "extract(doy FROM timestamp '2026-02-01 00:00:00')", "32",
        overloads: [
            Overload([.constantString, .timestamp, .zone], .integer) {
                (arguments, context) throws(BindingError) in
                let name = arguments[0].constantText ?? ""
                guard let field = TimeField(name: name) else {
                    throw BindingError(
                        code: "invalid_value",
                        message: "\"\(name.prefix(100))\" is no part of a time",
                        closest: closest(to: name, in: TimeField.allCases.map(\.rawValue)))
                }
                return part(field, try context.zone(arguments.at(2)), at: 1)
            }
        ])

    private static let parts = [
        part("toYear", ["year"], .year, "The year.", "2026"),
        part("toQuarter", ["quarter"], .quarter, "The quarter, from 1 to 4.", "2"),
        part("toMonth", ["month"], .month, "The month, from 1 to 12.", "5"),
        part("toISOWeek", ["week", "weekofyear"], .week, "The week of ISO 8601.", "19"),
        part("toDayOfMonth", ["day", "dayofmonth"], .day, "The day of the month.", "10"),
        part("toDayOfYear", ["dayofyear"], .doy, "The day of the year, from 1.", "130"),
        part("toDayOfWeek", ["isodow"], .isodow, "From 1 for Monday to 7 for Sunday.", "7"),
        part("dayofweek", ["weekday"], .dow, "From 0 for Sunday to 6 for Saturday.", "0"),
        part("toHour", ["hour"], .hour, "The hour, from 0 to 23.", "14"),
        part("toMinute", ["minute"], .minute, "The minute, from 0 to 59.", "37"),
        part("toSecond", ["second"], .second, "The second, from 0 to 59.", "25"),
        part(
            "toMillisecond", ["millisecond"], .millisecond,
            "The milliseconds since the minute began.", "25500"),
    ]

    private static func part(
        _ name: String, _ aliases: [String], _ field: TimeField, _ summary: String,
        _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .time, summary,
            example: "\(name)(timestamp '2026-05-10 14:37:25.5')", result,
            overloads: [
                Overload([.timestamp, .zone], .integer) {
                    (arguments, context) throws(BindingError) in
                    part(field, try context.zone(arguments.at(1)), at: 0)
                }
            ])
    }

    /// The kernel that reads a field off the times of one argument.
    private static func part(
        _ field: TimeField, _ zone: TimeZoneRules?, at index: Int
    ) -> FunctionKernel {
        let zone = field == .epoch ? nil : zone
        return FunctionKernel(canFail: false) { operands, count in
            times(operands[index], count) { instants in
                TimeKernels.local(instants, zone).map { field.value($0) }
            }
        }
    }

    /// The integers that a function makes of the times of an operand.
    static func times(
        _ operand: Operand, _ count: Int, _ function: ([Int64]) -> [Int64]
    ) -> Vector {
        let reader = Int64.reader(operand)
        guard reader.isConstant else { return Vector(values: .integers(function(reader.numbers))) }
        let result = function(reader.numbers)[0]
        return Vector(values: .integers([Int64](repeating: result, count: count)))
    }

    /// The unit that a constant names.
    static func calendarUnit(_ argument: Expression) throws(BindingError) -> CalendarUnit {
        let name = argument.constantText ?? ""
        guard let unit = CalendarUnit(name: name) else {
            throw BindingError(
                code: "invalid_value", message: "\"\(name.prefix(100))\" is no unit of time",
                closest: closest(to: name, in: CalendarUnit.allCases.map(\.rawValue)))
        }
        return unit
    }
}

extension BindingContext {
    /// The zone that a constant names; nil for UTC, and where there is no argument.
    func zone(_ argument: Expression?) throws(BindingError) -> TimeZoneRules? {
        guard let name = argument?.constantText else { return nil }
        return try zones(name)
    }
}

extension [Expression] {
    /// The argument of that number, if it was given.
    func at(_ index: Int) -> Expression? { index < count ? self[index] : nil }
}
