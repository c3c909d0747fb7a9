internal import Base

/// How far times lie apart, and times some units later.
enum TimeDifferences {
    static let definitions = [
        FunctionDefinition(
            "date_diff", ["dateDiff", "timestampdiff"], .time,
            "How many starts of units lie after the first time up to the second; hours and less "
                + "are those of UTC.",
            example: "date_diff('day', timestamp '2026-01-01 23:00:00', "
                + "timestamp '2026-01-02 01:00:00')", "1",
            overloads: [
                Overload([.constantString, .timestamp, .timestamp, .zone], .integer) {
                    (arguments, context) throws(BindingError) in
                    let unit = try TimeFunctions.calendarUnit(arguments[0])
                    return difference(unit, try context.zone(arguments.at(3)))
                }
            ]),
        adder("date_add", ["dateAdd", "timestampadd"], 1, "later", "2026-02-28T12:00:00Z"),
        adder("date_sub", ["dateSub", "timestampsub"], -1, "earlier", "2025-12-31T12:00:00Z"),
    ]

    private static func difference(
        _ unit: CalendarUnit, _ zone: TimeZoneRules?
    ) -> FunctionKernel {
        let zone = unit.isOfDays ? zone : nil
        return FunctionKernel(canFail: false) { operands, count in
            let first = indices(operands[1], unit, zone)
            let second = indices(operands[2], unit, zone)
            return Vector(values: .integers((0..<count).map { second[$0] &- first[$0] }))
        }
    }

    /// Which span of the unit each time lies in, counted from some time.
    private static func indices(
        _ operand: Operand, _ unit: CalendarUnit, _ zone: TimeZoneRules?
    ) -> NumberReader<Int64> {
        let reader = Int64.reader(operand)
        let local = TimeKernels.local(reader.numbers, zone)
        let numbers: [Int64] =
            switch unit.length {
            case .milliseconds(let width):
                local.map {
                    floorDivide($0 &- (unit == .week ? TimeFloor.firstMonday : 0), width)
                }
            case .months(let months):
                local.map { time in
                    let civil = CivilTime(time)
                    return floorDivide(Int64(civil.year * 12 + civil.month - 1), months)
                }
            }
        return NumberReader(numbers: numbers, isConstant: reader.isConstant)
    }

    /// `date_add('day', 3, time)`, or `date_add(time, interval 3 day)`.
    private static func adder(
        _ name: String, _ aliases: [String], _ sign: Int64, _ direction: String, _ result: String
    ) -> FunctionDefinition {
        let byUnit = Overload([.constantString, .integer, .timestamp], .timestamp) {
            (arguments, _) throws(BindingError) in
            let unit = try TimeFunctions.calendarUnit(arguments[0])
            return .attempt { (_: TextSlice, units: Int64, time: Int64) throws(EvaluationError) in
                try add(units, unit, sign, to: time)
            }
        }
        return FunctionDefinition(
            name, aliases, .time,
            "The time so many units \(direction); months end at the last day where there is no "
                + "such day.",
            example: "\(name)('month', 1, timestamp '2026-01-31 12:00:00')", result,
            signatures: [
                byUnit.signature(name), "\(name)(DateTime64(3), Interval) → DateTime64(3)",
                "\(name)(Date, Interval) → Date",
            ]
        ) { (arguments, context) throws(BindingError) in
            if arguments.count == 2 {
                return try FunctionCatalog.bind(sign > 0 ? "plus" : "minus", arguments, context)
            }
            return try Overload.bind(name, [byUnit], arguments, context)
        }
    }

    private static func add(
        _ units: Int64, _ unit: CalendarUnit, _ sign: Int64, to time: Milliseconds
    ) throws(EvaluationError) -> Milliseconds {
        guard units.magnitude < 1 << 52,
            case .interval(let months, let milliseconds)? = unit.interval(units &* sign)
        else { throw .outOfRange("\(units) \(unit.rawValue)s", .timestamp) }
        let interval = Interval(months: months, milliseconds: milliseconds)
        return try interval.added(to: [time])[0]
    }
}
