extension Expression {
    /// The expressions directly below, in the order of evaluation.
    package var children: [Expression] {
        switch self {
        case .constant, .column: []
        case .call(let call): call.arguments
        case .and(let operands), .or(let operands): operands
        case .not(let operand), .isNull(let operand), .oneOf(let operand, _, _): [operand]
        case .conditional(let branches, let otherwise, _):
            branches.flatMap { [$0.condition, $0.value] } + [otherwise]
        }
    }

    /// The same expression over others in the place of those directly below.
    package func mapChildren<Failure: Error>(
        _ transform: (Expression) throws(Failure) -> Expression
    ) throws(Failure) -> Expression {
        switch self {
        case .constant, .column: return self
        case .call(let call):
            return .call(
                FunctionCall(
                    name: call.name, arguments: try Self.map(call.arguments, transform),
                    type: call.type, kernel: call.kernel))
        case .and(let operands): return .and(try Self.map(operands, transform))
        case .or(let operands): return .or(try Self.map(operands, transform))
        case .not(let operand): return .not(try transform(operand))
        case .isNull(let operand): return .isNull(try transform(operand))
        case .oneOf(let operand, let values, let hasNull):
            return .oneOf(try transform(operand), values, listHasNull: hasNull)
        case .conditional(let branches, let otherwise, let type):
            var mapped: [Branch] = []
            for branch in branches {
                mapped.append(
                    Branch(
                        condition: try transform(branch.condition),
                        value: try transform(branch.value)))
            }
            return .conditional(mapped, otherwise: try transform(otherwise), type)
        }
    }

    private static func map<Failure: Error>(
        _ expressions: [Expression], _ transform: (Expression) throws(Failure) -> Expression
    ) throws(Failure) -> [Expression] {
        var mapped: [Expression] = []
        for expression in expressions { mapped.append(try transform(expression)) }
        return mapped
    }

    /// The numbers of the columns that are read.
    package var columns: Set<Int> {
        var columns: Set<Int> = []
        addColumns(to: &columns)
        return columns
    }

    /// Adds the numbers of the columns that are read.
    package func addColumns(to columns: inout Set<Int>) {
        if case .column(let index, _) = self { columns.insert(index) }
        for child in children { child.addColumns(to: &columns) }
    }

    /// The same expression over columns of other numbers.
    package func mapColumns(_ number: (Int) -> Int) -> Expression {
        if case .column(let index, let type) = self { return .column(number(index), type) }
        return mapChildren { $0.mapColumns(number) }
    }

    /// The same expression with others in the place of columns.
    package func substituting(_ columns: [Expression]) -> Expression {
        if case .column(let index, _) = self { return columns[index] }
        return mapChildren { $0.substituting(columns) }
    }

    /// The conditions that must all be true, where it is a condition.
    package var conjuncts: [Expression] {
        if case .and(let operands) = self { return operands.flatMap(\.conjuncts) }
        return [self]
    }
}
