internal import Base
internal import Expressions
internal import Query

/// The expressions of the query set, with kernels of their own.
extension Expression {
    /// Whether a column of text is equal to a text.
    static func equal(_ column: Int, _ text: String) -> Expression {
        call("=", [.column(column, .string), .constant(.string(text), .string)], .boolean) {
            operands, _ in
            guard case .vector(let vector) = operands[0] else { fatalError("no vector") }
            let bits = Predicate.oneOf([.string(text)]).selection(of: vector)
            return Vector(type: .boolean, values: .booleans(bits), validity: vector.validity)
        }
    }

    /// Whether a column of text contains a text.
    static func contains(_ column: Int, _ text: String) -> Expression {
        call("contains", [.column(column, .string), .constant(.string(text), .string)], .boolean) {
            operands, _ in
            guard case .vector(let vector) = operands[0] else { fatalError("no vector") }
            let bits = Predicate.contains(text).selection(of: vector)
            return Vector(type: .boolean, values: .booleans(bits), validity: vector.validity)
        }
    }

    /// The start of the span of time that a column's instants lie in.
    static func truncated(_ column: Int, _ unit: TimeUnit) -> Expression {
        call(
            "date_trunc",
            [.constant(.string(unit.rawValue), .string), .column(column, .timestamp)], .timestamp
        ) { operands, _ in
            guard case .vector(let vector) = operands[1],
                case .integers(var times) = vector.values
            else { fatalError("no vector of times") }
            unit.truncate(all: &times)
            return Vector(type: .timestamp, values: .integers(times), validity: vector.validity)
        }
    }

    /// The milliseconds between two columns of instants.
    static func difference(_ column: Int, _ other: Int) -> Expression {
        call("-", [.column(column, .timestamp), .column(other, .timestamp)], .integer) {
            operands, _ in
            guard case .vector(let later) = operands[0], case .vector(let earlier) = operands[1],
                case .integers(let ends) = later.values, case .integers(let starts) = earlier.values
            else { fatalError("no vectors of times") }
            return Vector(
                type: .integer, values: .integers(zip(ends, starts).map { $0 &- $1 }),
                validity: later.validity)
        }
    }

    /// That a column of instants lies in a range.
    static func within(_ column: Int, _ range: Range<Milliseconds>) -> [Expression] {
        [
            compare(">=", column, range.lowerBound) { $0 >= $1 },
            compare("<", column, range.upperBound) { $0 < $1 },
        ]
    }

    private static func compare(
        _ name: String, _ column: Int, _ time: Milliseconds,
        _ meets: @escaping @Sendable (Milliseconds, Milliseconds) -> Bool
    ) -> Expression {
        call(name, [.column(column, .timestamp), .constant(.timestamp(time), .timestamp)], .boolean)
        { operands, _ in
            guard case .vector(let vector) = operands[0],
                case .integers(let times) = vector.values
            else { fatalError("no vector of times") }
            var bits = Bitmap(count: times.count)
            for (row, found) in times.enumerated() where meets(found, time) { bits[row] = true }
            return Vector(type: .boolean, values: .booleans(bits), validity: vector.validity)
        }
    }

    private static func call(
        _ name: String, _ arguments: [Expression], _ type: DataType,
        _ body: @escaping FunctionKernel.Body
    ) -> Expression {
        .call(
            FunctionCall(
                name: name, arguments: arguments, type: type, kernel: FunctionKernel(body: body)))
    }
}
