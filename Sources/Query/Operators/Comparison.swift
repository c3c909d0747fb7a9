internal import Base
internal import Expressions
internal import PartFormat

/// What a condition can be for the rows of a granule, as far as zones tell.
struct Outcomes: OptionSet {
    let rawValue: UInt8

    static let isTrue = Outcomes(rawValue: 1)
    static let isFalse = Outcomes(rawValue: 2)
    static let isNull = Outcomes(rawValue: 4)
    static let any: Outcomes = [.isTrue, .isFalse, .isNull]
}

/// A comparison of a column with a constant.
struct Comparison {
    enum Operator {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

        init?(_ name: String) {
            switch name {
            case "equals": self = .equal
            case "notEquals": self = .notEqual
            case "less": self = .less
            case "lessOrEquals": self = .lessOrEqual
            case "greater": self = .greater
            case "greaterOrEquals": self = .greaterOrEqual
            default: return nil
            }
        }

        /// The operator with its sides exchanged.
        var mirrored: Operator {
            switch self {
            case .equal, .notEqual: self
            case .less: .greater
            case .lessOrEqual: .greaterOrEqual
            case .greater: .less
            case .greaterOrEqual: .lessOrEqual
            }
        }
    }

    var column: Int
    var constant: Value
    var comparator: Operator

    init?(_ call: FunctionCall) {
        guard call.arguments.count == 2, let comparator = Operator(call.name) else { return nil }
        switch (call.arguments[0], call.arguments[1]) {
        case (.column(let column, _), .constant(let constant, _)):
            (self.column, self.constant, self.comparator) = (column, constant, comparator)
        case (.constant(let constant, _), .column(let column, _)):
            self.column = column
            self.constant = constant
            self.comparator = comparator.mirrored
        default: return nil
        }
    }

    /// What it can be for values between the bounds.
    func outcomes(_ bounds: Zone.Bounds) -> Outcomes {
        switch (bounds, constant) {
        case (.empty, _): []
        case (.integers(let range), .integer(let number)),
            (.integers(let range), .timestamp(let number)),
            (.integers(let range), .date(let number)):
            outcomes(
                least: order(range.lowerBound, number), greatest: order(range.upperBound, number))
        case (.floats(let range), .float(let number)) where !number.isNaN:
            outcomes(
                least: order(range.lowerBound, number), greatest: order(range.upperBound, number))
        case (.strings(let least, let greatest), .string(let text)):
            outcomes(
                least: order(least, Array(text.utf8)), greatest: order(greatest, Array(text.utf8)))
        case (_, .null): []
        default: [.isTrue, .isFalse]
        }
    }

    /// By how the bounds compare with the constant: -1, 0 or 1.
    private func outcomes(least: Int, greatest: Int) -> Outcomes {
        let mayBeEqual = least <= 0 && greatest >= 0
        let isEqual = least == 0 && greatest == 0
        let (mayBeTrue, isAlways): (Bool, Bool) =
            switch comparator {
            case .equal: (mayBeEqual, isEqual)
            case .notEqual: (!isEqual, !mayBeEqual)
            case .less: (least < 0, greatest < 0)
            case .lessOrEqual: (least <= 0, greatest <= 0)
            case .greater: (greatest > 0, least > 0)
            case .greaterOrEqual: (greatest >= 0, least >= 0)
            }
        if isAlways { return .isTrue }
        return mayBeTrue ? [.isTrue, .isFalse] : .isFalse
    }
}

private func order<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
    left < right ? -1 : left == right ? 0 : 1
}

private func order(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
}

extension Expression {
    /// What the condition can be for rows whose columns lie in zones; nil is an unknown zone.
    func outcomes(rowCount: Int, _ zone: (Int) -> Zone?) -> Outcomes {
        switch self {
        case .constant(.boolean(let truth), _): return truth ? .isTrue : .isFalse
        case .constant(.null, _): return .isNull
        case .call(let call):
            guard let comparison = Comparison(call) else { return .any }
            if case .null = comparison.constant { return .isNull }
            guard let zone = zone(comparison.column) else { return .any }
            return comparison.outcomes(zone.bounds).union(Self.nulls(zone, rowCount))
        case .oneOf(.column(let column, let type), let values, let listHasNull):
            guard let zone = zone(column) else { return .any }
            return Self.outcomes(values, type, listHasNull, zone).union(
                Self.nulls(zone, rowCount))
        case .isNull(.column(let column, _)):
            guard let zone = zone(column) else { return [.isTrue, .isFalse] }
            if zone.nullCount == 0 { return .isFalse }
            return zone.nullCount == rowCount ? .isTrue : [.isTrue, .isFalse]
        case .not(let inner):
            let inner = inner.outcomes(rowCount: rowCount, zone)
            var outcomes = inner.intersection(.isNull)
            if inner.contains(.isTrue) { outcomes.insert(.isFalse) }
            if inner.contains(.isFalse) { outcomes.insert(.isTrue) }
            return outcomes
        case .and(let parts):
            let parts = parts.map { $0.outcomes(rowCount: rowCount, zone) }
            if parts.contains(where: { !$0.contains(.isTrue) }) { return [.isFalse, .isNull] }
            return parts.allSatisfy { $0 == .isTrue } ? .isTrue : .any
        case .or(let parts):
            let parts = parts.map { $0.outcomes(rowCount: rowCount, zone) }
            if parts.contains(.isTrue) { return .isTrue }
            return parts.contains { $0.contains(.isTrue) } ? .any : [.isFalse, .isNull]
        default: return .any
        }
    }

    private static func nulls(_ zone: Zone, _ rowCount: Int) -> Outcomes {
        zone.nullCount > 0 ? .isNull : []
    }

    private static func outcomes(
        _ values: [Value], _ type: DataType, _ listHasNull: Bool, _ zone: Zone
    ) -> Outcomes {
        if zone.bounds == .empty { return [] }
        if zone.bounds == .unknown { return .any }
        var mayBeTrue = false
        for value in values {
            let equal = FunctionCall.equality(value, type).flatMap { Comparison($0) }
            guard let found = equal?.outcomes(zone.bounds) else { return .any }
            if found == .isTrue { return .isTrue }
            if found.contains(.isTrue) { mayBeTrue = true }
        }
        let otherwise: Outcomes = listHasNull ? .isNull : .isFalse
        return mayBeTrue ? otherwise.union(.isTrue) : otherwise
    }

    /// Whether it has a value for all rows, so that it may be evaluated for more than asked for.
    var neverFails: Bool {
        switch self {
        case .constant, .column: true
        case .call(let call):
            !call.kernel.canFail && call.arguments.allSatisfy(\.neverFails)
        case .and(let parts), .or(let parts): parts.allSatisfy(\.neverFails)
        case .not(let inner), .isNull(let inner), .oneOf(let inner, _, _): inner.neverFails
        case .conditional(let branches, let otherwise, _):
            otherwise.neverFails
                && branches.allSatisfy { $0.condition.neverFails && $0.value.neverFails }
        }
    }

    /// The column and the texts, one of which it must have for the condition to be true.
    var wantedTexts: (column: Int, texts: [[UInt8]])? {
        switch self {
        case .call(let call):
            guard let comparison = Comparison(call), comparison.comparator == .equal,
                case .string(let text) = comparison.constant
            else { return nil }
            return (comparison.column, [Array(text.utf8)])
        case .oneOf(.column(let column, _), let values, _):
            let texts = values.compactMap { value -> [UInt8]? in
                if case .string(let text) = value { Array(text.utf8) } else { nil }
            }
            return texts.count == values.count ? (column, texts) : nil
        default: return nil
        }
    }
}

extension FunctionCall {
    /// The comparison of column 0 with a constant, only to be asked about zones.
    fileprivate static func equality(_ value: Value, _ type: DataType) -> FunctionCall? {
        FunctionCall(
            name: "equals", arguments: [.column(0, type), .constant(value, type)], type: .boolean,
            kernel: FunctionKernel { _, _ throws(EvaluationError) in
                throw EvaluationError(code: "internal", message: "only zones are asked")
            })
    }
}
