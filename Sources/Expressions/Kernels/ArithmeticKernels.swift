internal import Base

/// The loops of arithmetic on integers: straight over the arrays, with the check for overflow added
/// up and looked at once.
enum ArithmeticKernels {

    static let plus = FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
        let left = Int64.reader(operands[0])
        let right = Int64.reader(operands[1])
        var sums = [Int64](repeating: 0, count: count)
        var overflow: Int64 = 0
        if right.isConstant {
            let constant = right.numbers[0]
            overflow = zip(left, &sums) { first in
                let sum = first &+ constant
                return (sum, (sum ^ first) & (sum ^ constant))
            }
        } else {
            overflow = zip(left, right, &sums) { first, second in
                let sum = first &+ second
                return (sum, (sum ^ first) & (sum ^ second))
            }
        }
        if overflow < 0 {
            throw firstOverflow("+", left, right, count) { $0.addingReportingOverflow($1).overflow }
        }
        return Vector(values: .integers(sums))
    }

    static let minus = FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
        let left = Int64.reader(operands[0])
        let right = Int64.reader(operands[1])
        var differences = [Int64](repeating: 0, count: count)
        var overflow: Int64 = 0
        if right.isConstant {
            let constant = right.numbers[0]
            overflow = zip(left, &differences) { first in
                let difference = first &- constant
                return (difference, (first ^ constant) & (difference ^ first))
            }
        } else {
            overflow = zip(left, right, &differences) { first, second in
                let difference = first &- second
                return (difference, (first ^ second) & (difference ^ first))
            }
        }
        if overflow < 0 {
            throw firstOverflow("-", left, right, count) {
                $0.subtractingReportingOverflow($1).overflow
            }
        }
        return Vector(values: .integers(differences))
    }

    static let multiply = FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
        let left = Int64.reader(operands[0])
        let right = Int64.reader(operands[1])
        var products = [Int64](repeating: 0, count: count)
        let overflow = zip(left, right, &products) { first, second in
            let (product, overflow) = first.multipliedReportingOverflow(by: second)
            return (product, overflow ? -1 : 0)
        }
        if overflow < 0 {
            throw firstOverflow("*", left, right, count) {
                $0.multipliedReportingOverflow(by: $1).overflow
            }
        }
        return Vector(values: .integers(products))
    }

    static let divide = FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
        let divisors = Double.reader(operands[1])
        if let row = divisors.numbers.firstIndex(of: 0), count > 0 {
            throw .divisionByZero(Literal.text(Double.reader(operands[0])[row]))
        }
        return floats(.divide, operands, count)
    }

    /// An operation on floats that never fails, division aside.
    enum FloatOperation: Sendable { case plus, minus, multiply, divide }

    /// The kernel of an operation other than division.
    static func floats(_ operation: FloatOperation) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in floats(operation, operands, count) }
    }

    private static func floats(
        _ operation: FloatOperation, _ operands: [Operand], _ count: Int
    ) -> Vector {
        let left = Double.reader(operands[0])
        let right = Double.reader(operands[1])
        let results =
            switch operation {
            case .plus: zip(left, right, count) { $0 + $1 }
            case .minus: zip(left, right, count) { $0 - $1 }
            case .multiply: zip(left, right, count) { $0 * $1 }
            case .divide: zip(left, right, count) { $0 / $1 }
            }
        return Vector(values: .floats(results))
    }

    @inline(__always)
    private static func zip(
        _ left: NumberReader<Double>, _ right: NumberReader<Double>, _ count: Int,
        _ operation: (Double, Double) -> Double
    ) -> [Double] {
        var results = [Double](repeating: 0, count: count)
        if !left.isConstant && !right.isConstant {
            write(left.numbers.span, right.numbers.span, &results, operation)
        } else if left.isConstant && right.isConstant {
            let result = operation(left.numbers[0], right.numbers[0])
            for row in results.indices { results[row] = result }
        } else if right.isConstant {
            let constant = right.numbers[0]
            write(left.numbers.span, &results) { operation($0, constant) }
        } else {
            let constant = left.numbers[0]
            write(right.numbers.span, &results) { operation(constant, $0) }
        }
        return results
    }

    @inline(__always)
    private static func write(
        _ numbers: Span<Double>, _ results: inout [Double], _ operation: (Double) -> Double
    ) {
        precondition(numbers.count == results.count)
        var target = results.mutableSpan
        for row in 0..<target.count { target[row] = operation(numbers[row]) }
    }

    @inline(__always)
    private static func write(
        _ left: Span<Double>, _ right: Span<Double>, _ results: inout [Double],
        _ operation: (Double, Double) -> Double
    ) {
        precondition(left.count == results.count && right.count == results.count)
        var target = results.mutableSpan
        for row in 0..<target.count { target[row] = operation(left[row], right[row]) }
    }

    /// Writes what the body makes of each pair; returns the second results, combined by OR.
    @inline(__always)
    private static func zip(
        _ left: NumberReader<Int64>, _ right: NumberReader<Int64>, _ results: inout [Int64],
        _ body: (Int64, Int64) -> (Int64, Int64)
    ) -> Int64 {
        if left.isConstant || right.isConstant {
            var overflow: Int64 = 0
            for row in results.indices {
                let (result, flag) = body(left[row], right[row])
                results[row] = result
                overflow |= flag
            }
            return overflow
        }
        return zip(left.numbers.span, right.numbers.span, &results, body)
    }

    @inline(__always)
    private static func zip(
        _ left: Span<Int64>, _ right: Span<Int64>, _ results: inout [Int64],
        _ body: (Int64, Int64) -> (Int64, Int64)
    ) -> Int64 {
        precondition(left.count == results.count && right.count == results.count)
        var target = results.mutableSpan
        var overflow: Int64 = 0
        for row in 0..<target.count {
            let (result, flag) = body(left[row], right[row])
            target[row] = result
            overflow |= flag
        }
        return overflow
    }

    @inline(__always)
    private static func zip(
        _ left: NumberReader<Int64>, _ results: inout [Int64],
        _ body: (Int64) -> (Int64, Int64)
    ) -> Int64 {
        if left.isConstant {
            let (result, flag) = body(left.numbers[0])
            for row in results.indices { results[row] = result }
            return flag
        }
        let source = left.numbers.span
        precondition(source.count == results.count)
        var target = results.mutableSpan
        var overflow: Int64 = 0
        for row in 0..<target.count {
            let (result, flag) = body(source[row])
            target[row] = result
            overflow |= flag
        }
        return overflow
    }

    private static func firstOverflow(
        _ symbol: String, _ left: NumberReader<Int64>, _ right: NumberReader<Int64>, _ count: Int,
        _ overflows: (Int64, Int64) -> Bool
    ) -> EvaluationError {
        let row = (0..<count).first { overflows(left[$0], right[$0]) } ?? 0
        return .outOfRange("\(left[row]) \(symbol) \(right[row])", .integer)
    }
}

extension EvaluationError {
    static func outOfRange(_ expression: String, _ type: DataType) -> EvaluationError {
        EvaluationError(
            code: "out_of_range", message: "\(expression) is out of the range of \(type.name)")
    }

    static func divisionByZero(_ dividend: some CustomStringConvertible) -> EvaluationError {
        EvaluationError(code: "division_by_zero", message: "division of \(dividend) by zero")
    }

    static func invalid(_ text: String, _ type: DataType) -> EvaluationError {
        let shown = text.count > 100 ? text.prefix(100) + "…" : text[...]
        return EvaluationError(
            code: "invalid_value", message: "\"\(shown)\" is no \(type.name)")
    }
}
