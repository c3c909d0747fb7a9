internal import Base

extension Overload {
    /// Binds a call to the overload that costs the fewest conversions; of equals, the first.
    static func bind(
        _ name: String, _ overloads: [Overload], _ arguments: [Expression],
        _ context: BindingContext, nulls: NullBehaviour = .propagates, signatures: [String]? = nil
    ) throws(BindingError) -> Expression {
        var best: (cost: Int, overload: Overload)?
        for overload in overloads {
            guard let cost = overload.cost(arguments) else { continue }
            if cost < best?.cost ?? .max { best = (cost, overload) }
        }
        guard let overload = best?.overload else {
            throw wrongArguments(
                name, arguments, signatures ?? overloads.map { $0.signature(name) })
        }
        var converted: [Expression] = []
        for (index, argument) in arguments.enumerated() {
            let parameter = overload.parameter(index)
            converted.append(try Conversion.convert(argument, to: parameter.type, context))
            if parameter.isConstant, converted[index].constant == nil {
                throw BindingError(
                    code: "wrong_arguments",
                    message: "argument \(index + 1) of \(name) must be a constant")
            }
        }
        if nulls == .propagates, converted.contains(where: { $0.constant == .null }) {
            return .constant(.null, overload.result)
        }
        let kernel = try overload.make(converted, context)
        return try Folding.fold(
            .call(
                FunctionCall(
                    name: name, arguments: converted, type: overload.result,
                    kernel: kernel)))
    }

    /// How far the arguments are from the parameters; nil if they cannot be passed.
    private func cost(_ arguments: [Expression]) -> Int? {
        let isRepeated = parameters.last?.isRepeated ?? false
        if arguments.count > parameters.count && !isRepeated { return nil }
        let required = parameters.count { !$0.isOptional }
        if arguments.count < required { return nil }
        var sum = 0
        for (index, argument) in arguments.enumerated() {
            guard let cost = Conversion.cost(argument, to: parameter(index).type) else {
                return nil
            }
            sum += cost
        }
        return sum
    }

    private func parameter(_ index: Int) -> Parameter {
        parameters[min(index, parameters.count - 1)]
    }
}

/// The error of a call that no signature fits.
func wrongArguments(
    _ name: String, _ arguments: [Expression], _ signatures: [String]
) -> BindingError {
    let given = arguments.map(\.type.name).joined(separator: ", ")
    return BindingError(
        code: "wrong_arguments",
        message: "no \(name)(\(given)); there is " + signatures.joined(separator: ", "))
}

/// Conversions that are made without being asked for.
enum Conversion {
    /// What it costs to pass an expression where a type is wanted; nil if it cannot be.
    static func cost(_ expression: Expression, to type: DataType) -> Int? {
        switch (expression.type, type) {
        case (let from, let to) where from == to: 0
        case (.null, _): 1
        case (.integer, .float), (.date, .timestamp), (.json, .string): 1
        case (.string, .timestamp), (.string, .date):
            // As in a comparison with a text that names a time.
            expression.constant == nil ? nil : 2
        default: nil
        }
    }

    /// The expression as a type that `cost` allows.
    static func convert(
        _ expression: Expression, to type: DataType, _ context: BindingContext
    ) throws(BindingError) -> Expression {
        if expression.type == type { return expression }
        if expression.constant == .null { return .constant(.null, type) }
        return try Casts.cast(expression, to: type, isTry: false, context)
    }

    /// The type that values of several types can all be converted to; nil if there is none.
    ///
    /// Constant texts take the type of what they stand beside.
    static func union(_ expressions: [Expression]) -> DataType? {
        var result = DataType.null
        for expression in expressions {
            let type = expression.type
            switch (result, type) {
            case (let left, let right) where left == right: break
            case (.null, _): result = type
            case (_, .null): break
            case (.integer, .float), (.float, .integer): result = .float
            case (.date, .timestamp), (.timestamp, .date): result = .timestamp
            case (.json, .string), (.string, .json): result = .string
            case (.timestamp, .string), (.date, .string), (.string, .timestamp), (.string, .date):
                result = result == .string ? type : result
            default: return nil
            }
        }
        for expression in expressions where cost(expression, to: result) == nil { return nil }
        return result
    }
}

extension Expression {
    /// The value, if it is the same for all rows.
    package var constant: Value? {
        if case .constant(let value, _) = self { return value }
        return nil
    }

    /// The text of a constant; nil for all else.
    var constantText: String? {
        if case .constant(.string(let text), _) = self { return text }
        return nil
    }
}

/// Computing at binding what does not depend on a row.
enum Folding {
    /// A constant, if all that the expression is made of are; else the expression.
    static func fold(_ expression: Expression) throws(BindingError) -> Expression {
        if expression.constant != nil || !hasOnlyConstants(expression) { return expression }
        let value: Value
        do {
            var evaluator = Evaluator()
            let vector = try evaluator.evaluate(expression, Batch(columns: [], rowCount: 1))
            value = vector.value(row: 0, type: expression.type)
        } catch {
            throw BindingError(code: error.code, message: error.message)
        }
        return .constant(value, expression.type)
    }

    /// Whether the operands are constants; they are folded already.
    private static func hasOnlyConstants(_ expression: Expression) -> Bool {
        func areConstant(_ operands: [Expression]) -> Bool {
            operands.allSatisfy { $0.constant != nil }
        }
        return switch expression {
        case .constant: true
        case .column: false
        case .call(let call): areConstant(call.arguments)
        case .and(let operands), .or(let operands): areConstant(operands)
        case .not(let operand), .isNull(let operand), .oneOf(let operand, _, _):
            areConstant([operand])
        case .conditional(let branches, let otherwise, _):
            areConstant(branches.flatMap { [$0.condition, $0.value] } + [otherwise])
        }
    }
}
