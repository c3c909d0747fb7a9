/// An expression whose names and types are resolved: a function from the columns of a batch to one
/// vector.
///
/// Expressions are equal if they are the same computation on the same columns.
package indirect enum Expression: Sendable, Hashable {
    /// The value in every row. The type tells a NULL of some type from one without.
    case constant(Value, DataType)
    /// A column of the batch.
    case column(Int, DataType)
    /// A function of the catalogue.
    case call(FunctionCall)
    /// Three-valued; later operands are evaluated only for rows that are not false yet.
    case and([Expression])
    /// Three-valued; later operands are evaluated only for rows that are not true yet.
    case or([Expression])
    /// Three-valued.
    case not(Expression)
    /// True or false, never NULL.
    case isNull(Expression)
    /// Whether the value is one of the constants, which have its type and are not NULL.
    ///
    /// NULL for NULL; where the list contained a NULL, NULL instead of false.
    case oneOf(Expression, [Value], listHasNull: Bool)
    /// The value of the first branch whose condition is true; each evaluated for its rows only.
    case conditional([Branch], otherwise: Expression, DataType)

    /// A condition and what holds under it.
    package struct Branch: Sendable, Hashable {
        /// A Boolean; NULL counts as false.
        package var condition: Expression
        /// What holds under it.
        package var value: Expression

        /// A branch of a conditional.
        package init(condition: Expression, value: Expression) {
            self.condition = condition
            self.value = value
        }
    }

    /// The type of its values.
    package var type: DataType {
        switch self {
        case .constant(_, let type), .column(_, let type): type
        case .call(let call): call.type
        case .and, .or, .not, .isNull, .oneOf: .boolean
        case .conditional(_, _, let type): type
        }
    }

    /// Equal expressions hash alike; of a list of constants only its length counts, for lists may
    /// be long and evaluators look expressions up for every batch.
    package func hash(into hasher: inout Hasher) {
        switch self {
        case .constant(let value, let type):
            hasher.combine(value)
            hasher.combine(type)
        case .column(let index, let type):
            hasher.combine(index)
            hasher.combine(type)
        case .call(let call): hasher.combine(call)
        case .and(let operands):
            hasher.combine(1)
            hasher.combine(operands)
        case .or(let operands):
            hasher.combine(2)
            hasher.combine(operands)
        case .not(let operand):
            hasher.combine(3)
            hasher.combine(operand)
        case .isNull(let operand):
            hasher.combine(4)
            hasher.combine(operand)
        case .oneOf(let operand, let values, _):
            hasher.combine(operand)
            hasher.combine(values.count)
        case .conditional(let branches, let otherwise, _):
            hasher.combine(branches)
            hasher.combine(otherwise)
        }
    }
}

/// A call of a scalar function, bound to types and constants.
package struct FunctionCall: Sendable, Hashable {
    /// The function's standard name, not the alias that the query used.
    package let name: String
    /// As many as the kernel takes; casts are already among them.
    package let arguments: [Expression]
    /// The type of its values.
    package let type: DataType
    /// What it does with a batch.
    package let kernel: FunctionKernel

    /// A bound call.
    package init(
        name: String, arguments: [Expression], type: DataType, kernel: FunctionKernel
    ) {
        self.name = name
        self.arguments = arguments
        self.type = type
        self.kernel = kernel
    }

    /// Name, arguments and type determine the kernel.
    package static func == (left: FunctionCall, right: FunctionCall) -> Bool {
        left.name == right.name && left.type == right.type && left.arguments == right.arguments
    }

    /// By what determines equality.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(type)
        hasher.combine(arguments)
    }
}
