package import Base

/// Placeholder until the real evaluator is merged: columns, constants, `=` and connectives.
package struct Evaluator: Sendable {
    /// An evaluator.
    package init() {}

    /// The values of an expression.
    package mutating func evaluate(
        _ expression: Expression, _ batch: Batch
    ) throws(EvaluationError) -> Vector {
        switch expression {
        case .column(let index, _): return batch.columns[index]
        case .constant(let value, let type):
            return Self.constant(value, type, batch.rowCount)
        case .call(let call):
            var operands: [Operand] = []
            for argument in call.arguments {
                if case .constant(let value, _) = argument {
                    operands.append(.constant(value))
                } else {
                    operands.append(.vector(try evaluate(argument, batch)))
                }
            }
            return try call.kernel.body(operands, batch.rowCount)
        default:
            throw EvaluationError(code: "unsupported", message: "\(expression)")
        }
    }

    /// The rows for which a condition is true.
    package mutating func selection(
        _ condition: Expression, _ batch: Batch
    ) throws(EvaluationError) -> Bitmap {
        switch condition {
        case .and(let parts):
            var all = Bitmap(repeating: true, count: batch.rowCount)
            for part in parts { all.formIntersection(try selection(part, batch)) }
            return all
        case .oneOf(let operand, let values, _):
            let vector = try evaluate(operand, batch)
            let literals = values.compactMap { value -> Literal? in
                switch value {
                case .string(let text): .string(text)
                case .integer(let number), .timestamp(let number): .integer(number)
                default: nil
                }
            }
            return Predicate.oneOf(literals).selection(of: vector)
        case .isNull(let operand):
            return Predicate.isNull.selection(of: try evaluate(operand, batch))
        default:
            let vector = try evaluate(condition, batch)
            guard case .booleans(let bits) = vector.values else {
                throw EvaluationError(code: "unsupported", message: "\(condition)")
            }
            var rows = bits
            if let validity = vector.validity { rows.formIntersection(validity) }
            return rows
        }
    }

    private static func constant(_ value: Value, _ type: DataType, _ count: Int) -> Vector {
        switch value {
        case .integer(let number), .timestamp(let number), .date(let number):
            return Vector(
                type: type.valueType, values: .integers([Int64](repeating: number, count: count)))
        case .float(let number):
            return Vector(type: .float, values: .floats([Double](repeating: number, count: count)))
        case .boolean(let truth):
            return Vector(
                type: .boolean, values: .booleans(Bitmap(repeating: truth, count: count)))
        case .string(let text):
            return Vector(
                type: .string,
                values: .codes(
                    [UInt32](repeating: 1, count: count), dictionary: StringTable([text])))
        default:
            return Vector(
                type: .string,
                values: .codes([UInt32](repeating: 0, count: count), dictionary: StringTable()))
        }
    }
}
