/// What evaluators ask about a tree before they walk it.
extension Expression {
    /// The column, if it reads just one, however often.
    var onlyColumn: Int? {
        var found: Int?
        return hasOneColumn(&found) ? found : nil
    }

    /// False as soon as a second column is met.
    private func hasOneColumn(_ found: inout Int?) -> Bool {
        switch self {
        case .constant: return true
        case .column(let index, _):
            if found != nil, found != index { return false }
            found = index
            return true
        case .call(let call):
            return call.arguments.allSatisfy { $0.hasOneColumn(&found) }
        case .and(let operands), .or(let operands):
            return operands.allSatisfy { $0.hasOneColumn(&found) }
        case .not(let operand), .isNull(let operand), .oneOf(let operand, _, _):
            return operand.hasOneColumn(&found)
        case .conditional(let branches, let otherwise, _):
            return branches.allSatisfy {
                $0.condition.hasOneColumn(&found) && $0.value.hasOneColumn(&found)
            } && otherwise.hasOneColumn(&found)
        }
    }

    /// Whether there are values for which its evaluation ends with an error.
    package var canFail: Bool {
        switch self {
        case .constant, .column: return false
        case .call(let call):
            return call.kernel.canFail || call.arguments.contains { $0.canFail }
        case .and(let operands), .or(let operands): return operands.contains { $0.canFail }
        case .not(let operand), .isNull(let operand), .oneOf(let operand, _, _):
            return operand.canFail
        case .conditional(let branches, let otherwise, _):
            return otherwise.canFail
                || branches.contains { $0.condition.canFail || $0.value.canFail }
        }
    }

    /// Whether it is a column or a constant.
    var isLeaf: Bool {
        switch self {
        case .constant, .column: true
        default: false
        }
    }
}
