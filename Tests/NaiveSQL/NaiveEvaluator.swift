internal import Base
package import Expressions

/// Scalar expressions row by row, in the plainest words: the oracle of the evaluator of vectors.
///
/// It shares with what it checks the tree and the values, the calendar and the zones, but no kernel
/// and no text of a function.
package struct NaiveEvaluator: Sendable {
    let zones: ZoneLookup

    /// An evaluator of expressions that were bound with these zones.
    package init(zones: @escaping ZoneLookup) { self.zones = zones }

    /// The value of an expression for a row, which has a value for each column.
    package func value(
        _ expression: Expression, _ row: [Value]
    ) throws(EvaluationError) -> Value {
        switch expression {
        case .constant(let value, _): return value
        case .column(let index, _): return row[index]
        case .call(let call): return try value(call, row)
        case .and(let operands):
            var hasNull = false
            for operand in operands {
                let truth = try value(operand, row)
                if truth == .boolean(false) { return truth }
                hasNull = hasNull || truth == .null
            }
            return hasNull ? .null : .boolean(true)
        case .or(let operands):
            var hasNull = false
            for operand in operands {
                let truth = try value(operand, row)
                if truth == .boolean(true) { return truth }
                hasNull = hasNull || truth == .null
            }
            return hasNull ? .null : .boolean(false)
        case .not(let operand):
            guard case .boolean(let truth) = try value(operand, row) else { return .null }
            return .boolean(!truth)
        case .isNull(let operand): return .boolean(try value(operand, row) == .null)
        case .oneOf(let operand, let list, let listHasNull):
            let wanted = try value(operand, row)
            if wanted == .null { return .null }
            if list.contains(where: { order(wanted, $0) == 0 }) { return .boolean(true) }
            return listHasNull ? .null : .boolean(false)
        case .conditional(let branches, let otherwise, _):
            for branch in branches where try isTrue(branch.condition, row) {
                return try value(branch.value, row)
            }
            return try value(otherwise, row)
        }
    }

    /// Whether a condition is true; NULL counts as false, so what is NULL decides an AND.
    package func isTrue(
        _ condition: Expression, _ row: [Value]
    ) throws(EvaluationError) -> Bool {
        switch condition {
        case .and(let operands):
            for operand in operands where try !isTrue(operand, row) { return false }
            return true
        case .or(let operands):
            for operand in operands where try isTrue(operand, row) { return true }
            return false
        default: return try value(condition, row) == .boolean(true)
        }
    }

    /// Those that look at NULL themselves.
    private static let takeNull: Set = [
        "isDistinctFrom", "isNotDistinctFrom", "greatest", "least", "concat_ws",
    ]

    private func value(_ call: FunctionCall, _ row: [Value]) throws(EvaluationError) -> Value {
        var arguments: [Value] = []
        for argument in call.arguments { arguments.append(try value(argument, row)) }
        if !Self.takeNull.contains(call.name), arguments.contains(.null) { return .null }
        let name = call.name
        if let value = comparison(name, arguments) { return value }
        if let value = try cast(call, arguments) { return value }
        if let value = try arithmetic(name, arguments) { return value }
        if let value = try mathematics(name, arguments) { return value }
        if let value = try text(name, arguments) { return value }
        if let value = try pattern(name, arguments) { return value }
        if let value = try time(name, arguments) { return value }
        if let value = other(name, arguments) { return value }
        fatalError("the oracle does not know \(name)")
    }

    // MARK: Comparisons

    private func comparison(_ name: String, _ arguments: [Value]) -> Value? {
        guard arguments.count >= 1, let left = arguments.first, let right = arguments.last else {
            return nil
        }
        switch name {
        case "equals": return .boolean(order(left, right) == 0)
        case "notEquals": return .boolean(order(left, right) != 0)
        case "less": return .boolean(order(left, right) < 0)
        case "lessOrEquals": return .boolean(order(left, right) <= 0)
        case "greater": return .boolean(order(left, right) > 0)
        case "greaterOrEquals": return .boolean(order(left, right) >= 0)
        case "isDistinctFrom", "isNotDistinctFrom":
            let areNull = [left, right].filter { $0 == .null }.count
            let isDistinct = areNull == 0 ? order(left, right) != 0 : areNull == 1
            return .boolean(isDistinct == (name == "isDistinctFrom"))
        case "greatest", "least":
            let values = arguments.filter { $0 != .null }
            let sign = name == "least" ? 1 : -1
            return values.min { order($0, $1) * sign < 0 } ?? .null
        default: return nil
        }
    }

    /// Below zero if the left value of a type is less, zero if they are equal.
    package func order(_ left: Value, _ right: Value) -> Int {
        switch (left, right) {
        case (.boolean(let first), .boolean(let second)): return (first ? 1 : 0) - (second ? 1 : 0)
        case (.integer(let first), .integer(let second)),
            (.timestamp(let first), .timestamp(let second)),
            (.date(let first), .date(let second)):
            return first < second ? -1 : (first == second ? 0 : 1)
        case (.float(let first), .float(let second)):
            if first.isNaN || second.isNaN { return (first.isNaN ? 1 : 0) - (second.isNaN ? 1 : 0) }
            return first < second ? -1 : (first == second ? 0 : 1)
        case (.string(let first), .string(let second)):
            let (first, second) = (Array(first.utf8), Array(second.utf8))
            if first == second { return 0 }
            return first.lexicographicallyPrecedes(second) ? -1 : 1
        default: fatalError("\(left) is compared with \(right)")
        }
    }
}

extension Value {
    var int: Int64 {
        switch self {
        case .integer(let number), .timestamp(let number), .date(let number): number
        default: fatalError("\(self) is no integer")
        }
    }

    var double: Double {
        if case .float(let number) = self { return number }
        fatalError("\(self) is no float")
    }

    var string: String {
        if case .string(let text) = self { return text }
        fatalError("\(self) is no text")
    }
}

extension EvaluationError {
    static func naive(_ code: String) -> EvaluationError {
        EvaluationError(code: code, message: "")
    }
}
