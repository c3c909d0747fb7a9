internal import Base

/// `+` and `-` where an operand is a time, a date or an interval.
enum TimeArithmetic {
    /// The sum; nil where no operand is a time, date or interval.
    static func plus(
        _ arguments: [Expression], _ context: BindingContext
    ) throws(BindingError) -> Expression? {
        guard arguments.count == 2 else { return nil }
        let (left, right) = (arguments[0], arguments[1])
        if let sum = joined(left, right, sign: 1) { return sum }
        if isTime(left), let interval = Interval(right) {
            return try add(interval, to: left, "plus", [left, right], context)
        }
        if isTime(right), let interval = Interval(left) {
            return try add(interval, to: right, "plus", [right, left], context)
        }
        switch (left.type, right.type) {
        case (.date, .null), (.timestamp, .null): return .constant(.null, left.type)
        case (.null, .date), (.null, .timestamp): return .constant(.null, right.type)
        case (.date, .integer): return try shift("plus", left, right, 1)
        case (.integer, .date): return try shift("plus", right, left, 1)
        default: return nil
        }
    }

    /// The difference; nil where no operand is a time, date or interval.
    static func minus(
        _ arguments: [Expression], _ context: BindingContext
    ) throws(BindingError) -> Expression? {
        guard arguments.count == 2 else { return nil }
        let (left, right) = (arguments[0], arguments[1])
        if let difference = joined(left, right, sign: -1) { return difference }
        if isTime(left), let interval = Interval(right) {
            return try add(interval.negated, to: left, "minus", [left, right], context)
        }
        if left.type == .date, right.type == .integer {
            return try shift("minus", left, right, -1)
        }
        if isTime(left) || isTime(right), let type = Conversion.union(arguments),
            type == .timestamp || type == .date
        {
            let pair = [
                try Conversion.convert(left, to: type, context),
                try Conversion.convert(right, to: type, context),
            ]
            return try call("minus", pair, .integer, ArithmeticKernels.minus)
        }
        return nil
    }

    /// A time or date and an interval.
    static func add(
        _ interval: Interval, to time: Expression, _ name: String, _ arguments: [Expression],
        _ context: BindingContext
    ) throws(BindingError) -> Expression {
        // Days stay dates; what has hours makes a time of a date.
        let isDate =
            time.type == .date && interval.milliseconds % CivilTime.millisecondsPerDay == 0
        let type: DataType = isDate ? .date : .timestamp
        var operands = arguments
        for index in operands.indices where operands[index].type != .interval {
            operands[index] = try Conversion.convert(operands[index], to: type, context)
        }
        let scale = isDate ? CivilTime.millisecondsPerDay : 1
        let kernel = FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
            let reader = Int64.reader(operands[0])
            let times = (0..<count).map { reader[$0] &* scale }
            let sums = try interval.added(to: times)
            return Vector(values: .integers(scale == 1 ? sums : sums.map { $0 / scale }))
        }
        return try call(name, operands, type, kernel)
    }

    /// Two intervals as one; nil if one is none.
    private static func joined(
        _ left: Expression, _ right: Expression, sign: Int64
    ) -> Expression? {
        guard let first = Interval(left), let second = Interval(right) else { return nil }
        return .constant(
            .interval(
                months: first.months &+ sign &* second.months,
                milliseconds: first.milliseconds &+ sign &* second.milliseconds), .interval)
    }

    private static func isTime(_ expression: Expression) -> Bool {
        expression.type == .timestamp || expression.type == .date
    }

    /// A date some days later or earlier.
    private static func shift(
        _ name: String, _ date: Expression, _ days: Expression, _ sign: Int64
    ) throws(BindingError) -> Expression {
        let kernel = FunctionKernel.attempt {
            (day: Int64, days: Int64) throws(EvaluationError) -> Int64 in
            guard days.magnitude < 10_000_000 else { throw .outOfRange("\(days) days", .date) }
            let sum = day + sign * days
            guard TimeRange.contains(sum * CivilTime.millisecondsPerDay) else {
                throw .outOfRange("\(sum) days since 1970", .date)
            }
            return sum
        }
        return try call(name, [date, days], .date, kernel)
    }

    private static func call(
        _ name: String, _ arguments: [Expression], _ type: DataType, _ kernel: FunctionKernel
    ) throws(BindingError) -> Expression {
        if arguments.contains(where: { $0.constant == .null }) { return .constant(.null, type) }
        return try Folding.fold(
            .call(FunctionCall(name: name, arguments: arguments, type: type, kernel: kernel)))
    }
}

/// A constant span of time.
struct Interval: Sendable {
    var months: Int64
    var milliseconds: Int64

    /// The interval that a constant is; nil for all else.
    init?(_ expression: Expression) {
        guard case .constant(.interval(let months, let milliseconds), _) = expression else {
            return nil
        }
        self.init(months: months, milliseconds: milliseconds)
    }

    init(months: Int64, milliseconds: Int64) {
        self.months = months
        self.milliseconds = milliseconds
    }

    var negated: Interval { Interval(months: 0 &- months, milliseconds: 0 &- milliseconds) }

    /// The times that much later: first the months, then the rest.
    func added(to times: [Milliseconds]) throws(EvaluationError) -> [Milliseconds] {
        if months == 0 { return try TimeKernels.add(milliseconds, to: times) }
        var shifted = times
        for index in shifted.indices {
            shifted[index] = try TimeRange.check(MonthCount.add(months, to: shifted[index]))
        }
        return milliseconds == 0 ? shifted : try TimeKernels.add(milliseconds, to: shifted)
    }
}
