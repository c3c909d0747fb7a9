internal import Base
internal import Expressions
internal import Glibc

/// Arithmetic, mathematics and casts.
extension NaiveEvaluator {
    func arithmetic(_ name: String, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        switch (name, arguments.first, arguments.last) {
        case ("plus", .integer(let a), .integer(let b)):
            return try checked(a.addingReportingOverflow(b))
        case ("minus", .integer(let a), .integer(let b)),
            ("minus", .timestamp(let a), .timestamp(let b)), ("minus", .date(let a), .date(let b)):
            return try checked(a.subtractingReportingOverflow(b))
        case ("multiply", .integer(let a), .integer(let b)):
            return try checked(a.multipliedReportingOverflow(by: b))
        case ("plus", .float(let a), .float(let b)): return .float(a + b)
        case ("minus", .float(let a), .float(let b)): return .float(a - b)
        case ("multiply", .float(let a), .float(let b)): return .float(a * b)
        case ("divide", .float(let a), .float(let b)):
            if b == 0 { throw .naive("division_by_zero") }
            return .float(a / b)
        case ("try_divide", .float(let a), .float(let b)): return b == 0 ? .null : .float(a / b)
        case ("intDiv", .integer(let a), .integer(let b)):
            if b == 0 { throw .naive("division_by_zero") }
            return try checked(a.dividedReportingOverflow(by: b))
        case ("modulo", .integer(let a), .integer(let b)):
            if b == 0 { throw .naive("division_by_zero") }
            return .integer(a.remainderReportingOverflow(dividingBy: b).partialValue)
        case ("modulo", .float(let a), .float(let b)):
            if b == 0 { throw .naive("division_by_zero") }
            return .float(fmod(a, b))
        case ("negate", .integer(let a), _):
            return try checked(Int64(0).subtractingReportingOverflow(a))
        case ("negate", .float(let a), _): return .float(-a)
        case ("bitAnd", .integer(let a), .integer(let b)): return .integer(a & b)
        case ("bitOr", .integer(let a), .integer(let b)): return .integer(a | b)
        case ("bitXor", .integer(let a), .integer(let b)): return .integer(a ^ b)
        case ("bitNot", .integer(let a), _): return .integer(-1 - a)
        case ("bitCount", .integer(let a), _):
            return .integer(Int64((0..<64).filter { a >> Int64($0) & 1 == 1 }.count))
        case ("bitShiftLeft", .integer(let a), .integer(let b)):
            if b < 0 || b > 63 { throw .naive("out_of_range") }
            return .integer((0..<b).reduce(a) { bits, _ in bits &* 2 })
        case ("bitShiftRight", .integer(let a), .integer(let b)):
            if b < 0 || b > 63 { throw .naive("out_of_range") }
            return .integer((0..<b).reduce(a) { bits, _ in floorDivide(bits, 2) })
        default: return nil
        }
    }

    private func checked(
        _ result: (partialValue: Int64, overflow: Bool)
    ) throws(EvaluationError) -> Value {
        if result.overflow { throw .naive("out_of_range") }
        return .integer(result.partialValue)
    }

    func mathematics(_ name: String, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        switch (name, arguments.first) {
        case ("abs", .integer(let number)):
            if number == .min { throw .naive("out_of_range") }
            return .integer(abs(number))
        case ("abs", .float(let number)): return .float(fabs(number))
        case ("sign", .integer(let number)):
            return .integer(number == 0 ? 0 : (number > 0 ? 1 : -1))
        case ("sign", .float(let number)):
            return .integer(number > 0 ? 1 : (number < 0 ? -1 : 0))
        case ("round", .integer(let number)):
            return arguments.count == 1
                ? .integer(number) : .integer(try rounded(number, arguments[1].int))
        case ("round", .float(let number)):
            return .float(rounded(number, arguments.count == 1 ? 0 : arguments[1].int))
        case ("floor", .integer), ("ceil", .integer), ("trunc", .integer): return arguments[0]
        case ("floor", .float(let number)): return .float(Glibc.floor(number))
        case ("ceil", .float(let number)): return .float(Glibc.ceil(number))
        case ("trunc", .float(let number)): return .float(Glibc.trunc(number))
        case ("isNaN", .float(let number)): return .boolean(number != number)
        case ("isInfinite", .float(let number)): return .boolean(fabs(number) == .infinity)
        case ("isFinite", .float(let number)): return .boolean(number - number == 0)
        case ("pi", _): return .float(3.141592653589793)
        default: return try powers(name, arguments)
        }
    }

    private func powers(_ name: String, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        guard case .float(let number)? = arguments.first else { return nil }
        switch name {
        case "sqrt", "ln", "log10", "log2":
            if number < 0 || number == 0 && name != "sqrt" { throw .naive("out_of_range") }
            let result =
                switch name {
                case "sqrt": sqrt(number)
                case "ln": log(number)
                case "log10": log10(number)
                default: log2(number)
                }
            return .float(result)
        case "asin", "acos":
            if number > 1 || number < -1 { throw .naive("out_of_range") }
            return .float(name == "asin" ? asin(number) : acos(number))
        case "cbrt": return .float(cbrt(number))
        case "exp": return .float(exp(number))
        case "sin": return .float(sin(number))
        case "cos": return .float(cos(number))
        case "tan": return .float(tan(number))
        case "atan": return .float(atan(number))
        case "degrees": return .float(number * 180 / Double.pi)
        case "radians": return .float(number / 180 * Double.pi)
        case "power":
            let exponent = arguments[1].double
            let result = pow(number, exponent)
            if result.isNaN, !number.isNaN, !exponent.isNaN { throw .naive("out_of_range") }
            return .float(result)
        default: return nil
        }
    }

    private func rounded(_ number: Double, _ decimals: Int64) -> Double {
        guard number.isFinite, decimals <= 308 else { return number }
        if decimals == 0 { return Glibc.round(number) }
        if decimals < -308 { return 0 }
        if decimals < 0 {
            let scale = pow(10.0, Double(-decimals))
            return Glibc.round(number / scale) * scale
        }
        let scale = pow(10.0, Double(decimals))
        return (number * scale).isFinite ? Glibc.round(number * scale) / scale : number
    }

    /// By the digits of the decimal text.
    private func rounded(_ number: Int64, _ decimals: Int64) throws(EvaluationError) -> Int64 {
        if decimals >= 0 { return number }
        var digits = String(number.magnitude).compactMap(\.wholeNumberValue)
        let cut = decimals < -20 ? 20 : Int(-decimals)
        while digits.count <= cut { digits.insert(0, at: 0) }
        let isUp = digits[digits.count - cut] >= 5
        var whole = digits.dropLast(cut).reduce(UInt64(0)) { $0 * 10 + UInt64($1) }
        if isUp { whole += 1 }
        if whole == 0 { return 0 }
        let text = (number < 0 ? "-" : "") + String(whole) + String(repeating: "0", count: cut)
        guard let result = Int64(text) else { throw .naive("out_of_range") }
        return result
    }
}
