/// How strongly an operator holds its operands together; what is greater holds more strongly.
enum Precedence: Int, Comparable {
    case or = 1
    case and
    /// `NOT` before its operand.
    case not
    /// `IS NULL`, `IS DISTINCT FROM` and their kin.
    case `is`
    /// `=`, `<` and so on; they have no chains.
    case comparison
    /// `BETWEEN`, `IN`, `LIKE` and the other patterns.
    case pattern
    case concatenation
    case sum
    case product
    /// A sign before its operand.
    case unary
    /// `AT TIME ZONE`.
    case zone
    /// `::` and `[…]` behind their operand.
    case postfix
    /// What needs no parentheses anywhere.
    case primary

    static func < (left: Precedence, right: Precedence) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The next stronger one, for operands that may not hold the same operator bare.
    var next: Precedence { Precedence(rawValue: rawValue + 1) ?? .primary }
}

extension BinaryOperator {
    var precedence: Precedence {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
        case .isDistinct, .isNotDistinct: .is
        case .concatenate: .concatenation
        case .add, .subtract: .sum
        case .multiply, .divide, .integerDivide, .remainder: .product
        }
    }
}
