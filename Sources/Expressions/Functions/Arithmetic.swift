internal import Base

/// The operators on numbers.
///
/// Those of times are in `TimeArithmetic`.
enum ArithmeticFunctions {
    static let definitions = [
        plus, minus, multiply, divide, integerDivide, modulo, negate, tryDivide,
        bits("bitAnd", "&", "The bits that both have.", "6 & 3", "2") { $0 & $1 },
        bits("bitOr", "|", "The bits that one has.", "6 | 3", "7") { $0 | $1 },
        bits("bitXor", nil, "The bits that just one has.", "bitXor(6, 3)", "5") { $0 ^ $1 },
        shift(
            "bitShiftLeft", "<<", "The bits moved up; those past the highest are lost.",
            "1 << 4", "16"
        ) { $0 << $1 },
        shift("bitShiftRight", ">>", "The bits moved down, the sign kept.", "-16 >> 2", "-4") {
            $0 >> $1
        },
        FunctionDefinition(
            "bitNot", [], .arithmetic, "The bits that it has not.", example: "bitNot(5)", "-6",
            overloads: [Overload([.integer], .integer, kernel: .map { (bits: Int64) in ~bits })]),
        FunctionDefinition(
            "bitCount", ["bit_count"], .arithmetic, "How many bits are set.",
            example: "bitCount(7)", "3",
            overloads: [
                Overload(
                    [.integer], .integer,
                    kernel: .map { (bits: Int64) in
                        Int64(bits.nonzeroBitCount)
                    })
            ]),
    ]

    private static let plus = FunctionDefinition(
        "plus", ["+", "add"], .arithmetic,
        "The sum; a time and an interval make a later time, a date and a number a later date.",
        example: "timestamp '2026-01-31 10:00:00' + interval 1 month", "2026-02-28T10:00:00Z",
        signatures: plusSignatures
    ) { (arguments, context) throws(BindingError) in
        if let sum = try TimeArithmetic.plus(arguments, context) { return sum }
        return try Overload.bind(
            "plus", plusOverloads, arguments, context, signatures: plusSignatures)
    }

    private static let minus = FunctionDefinition(
        "minus", ["-", "subtract"], .arithmetic,
        "The difference; of two times in milliseconds, of two dates in days.",
        example: "timestamp '2026-01-01 00:00:01' - timestamp '2026-01-01 00:00:00'", "1000",
        signatures: minusSignatures
    ) { (arguments, context) throws(BindingError) in
        if let difference = try TimeArithmetic.minus(arguments, context) { return difference }
        return try Overload.bind(
            "minus", minusOverloads, arguments, context, signatures: minusSignatures)
    }

    private static let plusSignatures =
        signatures("plus") + [
            "plus(DateTime64(3), Interval) → DateTime64(3)", "plus(Date, Interval) → Date",
            "plus(Date, Int64) → Date",
        ]

    private static let minusSignatures =
        signatures("minus") + [
            "minus(DateTime64(3), Interval) → DateTime64(3)", "minus(Date, Interval) → Date",
            "minus(Date, Int64) → Date", "minus(DateTime64(3), DateTime64(3)) → Int64",
            "minus(Date, Date) → Int64",
        ]

    private static let plusOverloads = [
        Overload([.integer, .integer], .integer, kernel: ArithmeticKernels.plus),
        Overload([.float, .float], .float, kernel: ArithmeticKernels.floats(.plus)),
    ]

    private static let minusOverloads = [
        Overload([.integer, .integer], .integer, kernel: ArithmeticKernels.minus),
        Overload([.float, .float], .float, kernel: ArithmeticKernels.floats(.minus)),
    ]

    private static let multiply = FunctionDefinition(
        "multiply", ["*"], .arithmetic, "The product.", example: "6 * 7", "42",
        overloads: [
            Overload([.integer, .integer], .integer, kernel: ArithmeticKernels.multiply),
            Overload([.float, .float], .float, kernel: ArithmeticKernels.floats(.multiply)),
        ])

    private static let divide = FunctionDefinition(
        "divide", ["/"], .arithmetic,
        "The quotient as a float, of integers too; division by zero is an error.",
        example: "7 / 2", "3.5",
        overloads: [
            Overload([.float, .float], .float, kernel: ArithmeticKernels.divide)
        ])

    private static let tryDivide = FunctionDefinition(
        "try_divide", ["divideOrNull"], .arithmetic,
        "The quotient as a float; NULL where the divisor is zero.",
        example: "try_divide(1, 0)", "NULL",
        nulls: .special("NULL if an argument is NULL or the divisor is zero."),
        overloads: [
            Overload(
                [.float, .float], .float,
                kernel: .optional { (a: Double, b: Double) in b == 0 ? nil : a / b })
        ])

    private static let integerDivide = FunctionDefinition(
        "intDiv", ["//"], .arithmetic, "The quotient of integers, rounded towards zero.",
        example: "intDiv(-7, 2)", "-3",
        overloads: [
            Overload(
                [.integer, .integer], .integer,
                kernel: .attempt { (a: Int64, b: Int64) throws(EvaluationError) -> Int64 in
                    if b == 0 { throw .divisionByZero(a) }
                    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
                    if overflow { throw .outOfRange("\(a) / \(b)", .integer) }
                    return quotient
                })
        ])

    private static let modulo = FunctionDefinition(
        "modulo", ["%", "mod"], .arithmetic,
        "The remainder of the division, with the sign of the dividend.",
        example: "-7 % 3", "-1",
        overloads: [
            Overload(
                [.integer, .integer], .integer,
                kernel: .attempt { (a: Int64, b: Int64) throws(EvaluationError) -> Int64 in
                    if b == 0 { throw .divisionByZero(a) }
                    return b == -1 ? 0 : a % b
                }),
            Overload(
                [.float, .float], .float,
                kernel: .attempt { (a: Double, b: Double) throws(EvaluationError) -> Double in
                    if b == 0 { throw .divisionByZero(Literal.text(a)) }
                    return a.truncatingRemainder(dividingBy: b)
                }),
        ])

    private static let negate = FunctionDefinition(
        "negate", [], .arithmetic, "The number with the other sign.", example: "-(2 + 3)", "-5",
        signatures: ["negate(Int64) → Int64", "negate(Float64) → Float64"]
    ) { (arguments, context) throws(BindingError) in
        if arguments.count == 1,
            case .constant(.interval(let months, let milliseconds), _) = arguments[0]
        {
            return .constant(
                .interval(months: 0 &- months, milliseconds: 0 &- milliseconds), .interval)
        }
        return try Overload.bind("negate", negateOverloads, arguments, context)
    }

    private static let negateOverloads = [
        Overload(
            [.integer], .integer,
            kernel: .attempt { (number: Int64) throws(EvaluationError) -> Int64 in
                if number == .min { throw .outOfRange("-(\(number))", .integer) }
                return -number
            }),
        Overload([.float], .float, kernel: .map { (number: Double) in -number }),
    ]

    private static func signatures(_ name: String) -> [String] {
        ["\(name)(Int64, Int64) → Int64", "\(name)(Float64, Float64) → Float64"]
    }

    private static func bits(
        _ name: String, _ symbol: String?, _ summary: String, _ example: String, _ result: String,
        _ function: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, symbol.map { [$0] } ?? [], .arithmetic, summary, example: example,
            result,
            overloads: [
                Overload([.integer, .integer], .integer, kernel: .map(function))
            ])
    }

    /// Shifts by less than zero or more than 63 are errors, for systems differ in what they do.
    private static func shift(
        _ name: String, _ symbol: String, _ summary: String, _ example: String, _ result: String,
        _ function: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, [symbol], .arithmetic, summary, example: example, result,
            overloads: [
                Overload(
                    [.integer, .integer], .integer,
                    kernel: .attempt { (a: Int64, b: Int64) throws(EvaluationError) -> Int64 in
                        guard (0...63).contains(b) else {
                            throw EvaluationError(
                                code: "out_of_range", message: "a shift by \(b) bits")
                        }
                        return function(a, b)
                    })
            ])
    }
}
