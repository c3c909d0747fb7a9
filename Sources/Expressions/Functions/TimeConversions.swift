internal import Base

/// Times from numbers and texts, and numbers from times.
enum TimeConversions {
    static let definitions = [
        FunctionDefinition(
            "epoch", ["toUnixTimestamp", "unix_timestamp"], .time,
            "Whole seconds since 1970 in UTC.",
            example: "epoch(timestamp '2026-01-10 14:30:00')", "1768055400",
            overloads: [
                Overload(
                    [.timestamp], .integer,
                    kernel: .map { (time: Int64) in floorDivide(time, 1_000) })
            ]),
        FunctionDefinition(
            "epoch_ms", ["toUnixTimestamp64Milli", "fromUnixTimestamp64Milli"], .time,
            "Milliseconds since 1970 in UTC of a time, or the time of such a number.",
            example: "epoch_ms(1768055400000)", "2026-01-10T14:30:00Z",
            overloads: [
                Overload([.timestamp], .integer, kernel: .map { (time: Int64) in time }),
                Overload(
                    [.integer], .timestamp,
                    kernel: .attempt { (number: Int64) throws(EvaluationError) -> Int64 in
                        try TimeRange.check(number)
                    }),
            ]),
        FunctionDefinition(
            "to_timestamp", ["fromUnixTimestamp", "from_unixtime"], .time,
            "The time of a number of seconds since 1970 in UTC.",
            example: "to_timestamp(1768055400)", "2026-01-10T14:30:00Z",
            overloads: [fromSeconds, fromFractions]),
        FunctionDefinition(
            "toDateTime", ["toDateTime64", "parseDateTimeBestEffort"], .time,
            "The time of a text, a date or a number of seconds since 1970; a text without offset "
                + "is read on the clock of the zone.",
            example: "toDateTime('2026-01-10 14:30:00', 'Europe/Vienna')", "2026-01-10T13:30:00Z",
            overloads: [
                Overload([.timestamp], .timestamp, kernel: .map { (time: Int64) in time }),
                fromSeconds,
                Overload([.string, .zone], .timestamp) {
                    (arguments, context) throws(BindingError) in
                    let zone = try context.zone(arguments.at(1))
                    return .attempt { (text: TextSlice) throws(EvaluationError) -> Int64 in
                        try time(text, zone)
                    }
                },
            ]),
        FunctionDefinition(
            "make_timestamp", ["makeDateTime"], .time,
            "The time of year, month, day, hour, minute and second, in UTC.",
            example: "make_timestamp(2026, 1, 10, 14, 30, 0)", "2026-01-10T14:30:00Z",
            overloads: [
                Overload(
                    [.integer, .integer, .integer, .integer, .integer, .float], .timestamp,
                    kernel: makeTime)
            ]),
        FunctionDefinition(
            "make_date", ["makeDate"], .time, "The date of year, month and day.",
            example: "make_date(2026, 1, 10)", "2026-01-10",
            overloads: [
                Overload(
                    [.integer, .integer, .integer], .date,
                    kernel: .attempt {
                        (year: Int64, month: Int64, day: Int64) throws(EvaluationError) -> Int64 in
                        try Self.day(year, month, day)
                    })
            ]),
    ]

    private static let fromSeconds = Overload(
        [.integer], .timestamp,
        kernel: .attempt { (seconds: Int64) throws(EvaluationError) -> Int64 in
            let (time, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
            if overflow { throw .outOfRange("\(seconds) seconds since 1970", .timestamp) }
            return try TimeRange.check(time)
        })

    private static let fromFractions = Overload(
        [.float], .timestamp,
        kernel: .attempt { (seconds: Double) throws(EvaluationError) -> Int64 in
            try TimeRange.check(try Casts.integer(seconds * 1_000, .toNearestOrEven))
        })

    private static func time(
        _ text: TextSlice, _ zone: TimeZoneRules?
    ) throws(EvaluationError) -> Milliseconds {
        let parsed = unsafe Casts.trimmed(text).withUnsafeBytes { unsafe CivilTime.parse($0) }
        switch parsed {
        case .instant(let time) where TimeRange.contains(time): return time
        case .local(let time) where TimeRange.contains(time):
            return zone?.firstInstant(local: time) ?? time
        default: throw .invalid(String(decoding: text, as: UTF8.self), .timestamp)
        }
    }

    private static func day(
        _ year: Int64, _ month: Int64, _ day: Int64
    ) throws(EvaluationError) -> Int64 {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilTime.dayCount(year: Int(year), month: Int(month))
        else {
            throw EvaluationError(
                code: "invalid_value", message: "there is no date \(year)-\(month)-\(day)")
        }
        return Int64(CivilTime.dayNumber(year: Int(year), month: Int(month), day: Int(day)))
    }

    private static let makeTime = FunctionKernel {
        (operands, count) throws(EvaluationError) -> Vector in
        let fields = operands.dropLast().map { Int64.reader($0) }
        let seconds = Double.reader(operands[5])
        var times: [Int64] = []
        times.reserveCapacity(count)
        for row in 0..<count {
            let (hour, minute, second) = (fields[3][row], fields[4][row], seconds[row])
            let day = try day(fields[0][row], fields[1][row], fields[2][row])
            guard (0...23).contains(hour), (0...59).contains(minute), second >= 0, second < 60
            else {
                throw EvaluationError(
                    code: "invalid_value",
                    message: "there is no time \(hour):\(minute):\(Literal.text(second))")
            }
            times.append(
                day * CivilTime.millisecondsPerDay + hour * CivilTime.millisecondsPerHour
                    + minute * CivilTime.millisecondsPerMinute + Int64(second * 1_000))
        }
        return Vector(values: .integers(times))
    }
}
