internal import Base
internal import Glibc

/// Functions of numbers.
enum MathematicalFunctions {
    static let definitions = [abs, sign] + rounding + powers + angles + kinds

    private static let abs = FunctionDefinition(
        "abs", [], .mathematics, "The number without its sign.", example: "abs(-2.5)", "2.5",
        overloads: [
            Overload(
                [.integer], .integer,
                kernel: .attempt { (number: Int64) throws(EvaluationError) -> Int64 in
                    if number == .min { throw .outOfRange("abs(\(number))", .integer) }
                    return number < 0 ? -number : number
                }),
            Overload([.float], .float, kernel: .map { (number: Double) in number.magnitude }),
        ])

    private static let sign = FunctionDefinition(
        "sign", [], .mathematics, "-1, 0 or 1, as the number is below, at or above zero.",
        example: "sign(-7)", "-1",
        overloads: [
            Overload([.integer], .integer, kernel: .map { (number: Int64) in number.signum() }),
            Overload(
                [.float], .integer,
                kernel: .map { (number: Double) -> Int64 in
                    number > 0 ? 1 : (number < 0 ? -1 : 0)
                }),
        ])

    // MARK: Rounding

    private static let rounding = [
        FunctionDefinition(
            "round", [], .mathematics,
            "The nearest integer, or number with so many decimals; halves go away from zero.",
            example: "round(2.675, 1)", "2.7",
            overloads: [
                Overload([.integer], .integer, kernel: .map { (number: Int64) in number }),
                rounded(.toNearestOrAwayFromZero),
                Overload(
                    [.integer, .integer], .integer,
                    kernel: .attempt {
                        (number: Int64, decimals: Int64) throws(EvaluationError) -> Int64 in
                        try round(number, decimals)
                    }),
                Overload(
                    [.float, .integer], .float,
                    kernel: .map { (number: Double, decimals: Int64) in round(number, decimals) }),
            ]),
        rounder(
            "floor", [], "The greatest integer that is not greater.", .down, "floor(-2.5)", "-3"),
        rounder("ceil", ["ceiling"], "The least integer that is not less.", .up, "ceil(2.1)", "3"),
        rounder(
            "trunc", ["truncate"], "The number without its decimals.", .towardZero, "trunc(-2.9)",
            "-2"),
    ]

    private static func rounder(
        _ name: String, _ aliases: [String], _ summary: String, _ rule: FloatingPointRoundingRule,
        _ example: String, _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .mathematics, summary, example: example, result,
            overloads: [
                Overload([.integer], .integer, kernel: .map { (number: Int64) in number }),
                rounded(rule),
            ])
    }

    private static func rounded(_ rule: FloatingPointRoundingRule) -> Overload {
        Overload([.float], .float, kernel: .map { (number: Double) in number.rounded(rule) })
    }

    private static func round(_ number: Double, _ decimals: Int64) -> Double {
        // Beyond these a number has no decimals, or is zero.
        if decimals > 308 || !number.isFinite { return number }
        if decimals < -308 { return 0 }
        let scale = pow(10, Double(decimals.magnitude))
        if decimals < 0 { return (number / scale).rounded(.toNearestOrAwayFromZero) * scale }
        let scaled = number * scale
        return scaled.isFinite ? scaled.rounded(.toNearestOrAwayFromZero) / scale : number
    }

    private static func round(
        _ number: Int64, _ decimals: Int64
    ) throws(EvaluationError) -> Int64 {
        if decimals >= 0 { return number }
        // The next power of ten is no integer of this size; the nearest multiple is zero or it.
        if decimals == -19, number.magnitude >= 5_000_000_000_000_000_000 {
            throw .outOfRange("round(\(number), \(decimals))", .integer)
        }
        if decimals < -18 { return 0 }
        let scale = (0..<(-decimals)).reduce(Int64(1)) { scale, _ in scale * 10 }
        let rest = number % scale
        let isUp = rest.magnitude >= (scale.magnitude + 1) / 2
        let (result, overflow) = (number - rest).addingReportingOverflow(
            isUp ? rest.signum() * scale : 0)
        if overflow { throw .outOfRange("round(\(number), \(decimals))", .integer) }
        return result
    }

    // MARK: Powers

    private static let powers = [
        partial(
            "sqrt", [], "The square root; of a number below zero an error.", "sqrt(2.25)", "1.5"
        ) { $0 < 0 ? nil : $0.squareRoot() },
        total("cbrt", [], "The cube root.", "cbrt(8)", "2") { Glibc.cbrt($0) },
        total("exp", [], "e to that power.", "exp(0)", "1") { Glibc.exp($0) },
        partial(
            "ln", [], "The natural logarithm; of zero and below an error.", "ln(1)", "0"
        ) { $0 <= 0 ? nil : Glibc.log($0) },
        partial(
            "log10", ["log"], "The logarithm to base 10; of zero and below an error.",
            "log10(1000)", "3"
        ) { $0 <= 0 ? nil : Glibc.log10($0) },
        partial(
            "log2", [], "The logarithm to base 2; of zero and below an error.", "log2(8)", "3"
        ) { $0 <= 0 ? nil : Glibc.log2($0) },
        FunctionDefinition(
            "power", ["pow"], .mathematics,
            "The first number to the power of the second; an error where there is none.",
            example: "power(2, 10)", "1024",
            overloads: [
                Overload(
                    [.float, .float], .float,
                    kernel: .attempt {
                        (base: Double, exponent: Double) throws(EvaluationError) -> Double in
                        let power = pow(base, exponent)
                        guard !power.isNaN || base.isNaN || exponent.isNaN else {
                            throw .outOfRange(
                                "power(\(Literal.text(base)), \(Literal.text(exponent)))", .float)
                        }
                        return power
                    })
            ]),
    ]

    private static func total(
        _ name: String, _ aliases: [String], _ summary: String, _ example: String,
        _ result: String, _ function: @escaping @Sendable (Double) -> Double
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .mathematics, summary, example: example, result,
            overloads: [Overload([.float], .float, kernel: .map(function))])
    }

    /// A function that is not defined for all numbers.
    private static func partial(
        _ name: String, _ aliases: [String], _ summary: String, _ example: String,
        _ result: String, _ function: @escaping @Sendable (Double) -> Double?
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .mathematics, summary, example: example, result,
            overloads: [
                Overload(
                    [.float], .float,
                    kernel: .attempt { (number: Double) throws(EvaluationError) -> Double in
                        guard let result = function(number) else {
                            throw .outOfRange("\(name)(\(Literal.text(number)))", .float)
                        }
                        return result
                    })
            ])
    }

    // MARK: Angles

    private static let angles = [
        FunctionDefinition(
            "pi", [], .mathematics, "The ratio of a circle's circumference to its diameter.",
            example: "round(pi(), 4)", "3.1416", nulls: .special("Never NULL."),
            overloads: [
                Overload(
                    [], .float,
                    kernel: FunctionKernel(canFail: false) { _, count in
                        Vector(values: .floats([Double](repeating: .pi, count: count)))
                    })
            ]),
        total("sin", [], "The sine of an angle in radians.", "sin(0)", "0") { Glibc.sin($0) },
        total("cos", [], "The cosine of an angle in radians.", "cos(0)", "1") { Glibc.cos($0) },
        total("tan", [], "The tangent of an angle in radians.", "tan(0)", "0") { Glibc.tan($0) },
        partial("asin", [], "The angle of a sine, in radians.", "asin(0)", "0") {
            $0.magnitude > 1 ? nil : Glibc.asin($0)
        },
        partial("acos", [], "The angle of a cosine, in radians.", "acos(1)", "0") {
            $0.magnitude > 1 ? nil : Glibc.acos($0)
        },
        total("atan", [], "The angle of a tangent, in radians.", "atan(0)", "0") {
            Glibc.atan($0)
        },
        total("degrees", [], "An angle in radians as degrees.", "degrees(pi())", "180") {
            $0 * 180 / .pi
        },
        total("radians", [], "An angle in degrees as radians.", "round(radians(180), 4)", "3.1416")
        { $0 / 180 * .pi },
    ]

    // MARK: Kinds

    private static let kinds = [
        kind("isNaN", ["isnan"], "Whether it is not a number.", "isNaN(1.0)", "false") {
            $0.isNaN
        },
        kind(
            "isInfinite", ["isinf"], "Whether it is infinite, with either sign.",
            "isInfinite(exp(1000))", "true"
        ) { $0.isInfinite },
        kind(
            "isFinite", ["isfinite"], "Whether it is neither infinite nor NaN.", "isFinite(1.0)",
            "true"
        ) { $0.isFinite },
    ]

    private static func kind(
        _ name: String, _ aliases: [String], _ summary: String, _ example: String,
        _ result: String, _ function: @escaping @Sendable (Double) -> Bool
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases.filter { $0 != name.lowercased() }, .mathematics, summary,
            example: example, result,
            overloads: [Overload([.float], .boolean, kernel: .map(function))])
    }
}
