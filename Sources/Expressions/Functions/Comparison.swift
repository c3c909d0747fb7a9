internal import Base

/// `=`, `<>`, `<`, `<=`, `>`, `>=`, and those that take NULL for a value.
enum ComparisonFunctions {
    static let definitions: [FunctionDefinition] =
        Comparison.allCases.map(definition) + [
            FunctionDefinition(
                "isDistinctFrom", [], .comparison,
                "Whether two values differ, where NULL is a value equal to itself only.",
                example: "1 IS DISTINCT FROM NULL", "true", nulls: .special("Never NULL."),
                signatures: ["isDistinctFrom(any, any) → Boolean"]
            ) { (arguments, context) throws(BindingError) in
                try distinct("isDistinctFrom", arguments, context)
            },
            FunctionDefinition(
                "isNotDistinctFrom", [], .comparison,
                "Whether two values are equal, where NULL is a value equal to itself only.",
                example: "NULL IS NOT DISTINCT FROM NULL", "true", nulls: .special("Never NULL."),
                signatures: ["isNotDistinctFrom(any, any) → Boolean"]
            ) { (arguments, context) throws(BindingError) in
                try distinct("isNotDistinctFrom", arguments, context)
            },
        ]

    private static func definition(_ comparison: Comparison) -> FunctionDefinition {
        FunctionDefinition(
            comparison.rawValue, comparison.symbols, .comparison, comparison.summary,
            example: "2 \(comparison.symbol) 10",
            "\(comparison.holds(isLess: true, isEqual: false))",
            signatures: ["\(comparison.rawValue)(any, any) → Boolean"]
        ) { (arguments, context) throws(BindingError) in
            try bind(comparison, arguments, context)
        }
    }

    static func bind(
        _ comparison: Comparison, _ arguments: [Expression], _ context: BindingContext
    ) throws(BindingError) -> Expression {
        let isEquality = comparison == .equals || comparison == .notEquals
        let pair = try comparable(comparison.rawValue, arguments, isEquality, context)
        if pair.contains(where: { $0.constant == .null }) { return .constant(.null, .boolean) }
        let kernel = FunctionKernel(canFail: false) { operands, count in
            ComparisonKernels.compare(comparison, operands[0], operands[1], count)
        }
        return try Folding.fold(
            .call(
                FunctionCall(
                    name: comparison.rawValue, arguments: pair, type: .boolean, kernel: kernel)))
    }

    private static func distinct(
        _ name: String, _ arguments: [Expression], _ context: BindingContext
    ) throws(BindingError) -> Expression {
        let pair = try comparable(name, arguments, true, context)
        let isNegated = name == "isNotDistinctFrom"
        let kernel = FunctionKernel(propagatesNull: false, canFail: false) { operands, count in
            var bits = ComparisonKernels.distinct(operands[0], operands[1], count)
            if isNegated { bits = bits.complemented }
            return Vector(values: .booleans(bits))
        }
        return try Folding.fold(
            .call(
                FunctionCall(name: name, arguments: pair, type: .boolean, kernel: kernel)))
    }

    /// Two expressions as one type that can be compared.
    ///
    /// A constant takes the type of what it is compared with. A text equals a number if the
    /// number's text is the same; which of a text and a number is less is not defined.
    static func comparable(
        _ name: String, _ arguments: [Expression], _ isEquality: Bool, _ context: BindingContext
    ) throws(BindingError) -> [Expression] {
        guard arguments.count == 2 else {
            throw wrongArguments(name, arguments, ["\(name)(any, any) → Boolean"])
        }
        let types = arguments.map(\.type)
        if types.contains(.interval) || types.contains(.state) {
            throw incomparable(name, arguments)
        }
        if let type = exactType(arguments) {
            return [
                try Conversion.convert(arguments[0], to: type, context),
                try Conversion.convert(arguments[1], to: type, context),
            ]
        }
        if let adapted = adapt(arguments[0], to: types[1]) { return [adapted, arguments[1]] }
        if let adapted = adapt(arguments[1], to: types[0]) { return [arguments[0], adapted] }
        guard isEquality, types.contains(.string) || types.contains(.json),
            types.allSatisfy({ $0.isNumeric || $0 == .boolean || $0.isText })
        else { throw incomparable(name, arguments) }
        return [
            try Casts.cast(arguments[0], to: .string, isTry: false, context),
            try Casts.cast(arguments[1], to: .string, isTry: false, context),
        ]
    }

    /// The type both are converted to, where none needs to be adapted.
    private static func exactType(_ arguments: [Expression]) -> DataType? {
        // An integer column and a constant such as 75.0 are compared as integers.
        for (column, other) in [(0, 1), (1, 0)] where arguments[column].type == .integer {
            if case .constant(.float(let number), _) = arguments[other],
                arguments[column].constant == nil, Int64(exactly: number) != nil,
                number.magnitude <= 0x1p53
            {
                return nil
            }
        }
        return Conversion.union(arguments)
    }

    /// A constant as a type that it is compared with; nil if it has no value of that type.
    private static func adapt(_ expression: Expression, to type: DataType) -> Expression? {
        guard let value = expression.constant else { return nil }
        switch (value, type) {
        case (.float(let number), .integer):
            return Int64(exactly: number).map { .constant(.integer($0), .integer) }
        case (.string(let text), .integer):
            let literal = Literal.string(text)
            return literal.integer.map { .constant(.integer($0), .integer) }
        case (.string(let text), .float):
            return Literal.string(text).float.map { .constant(.float($0), .float) }
        case (.string("true"), .boolean), (.integer(1), .boolean):
            return .constant(.boolean(true), .boolean)
        case (.string("false"), .boolean), (.integer(0), .boolean):
            return .constant(.boolean(false), .boolean)
        default: return nil
        }
    }

    private static func incomparable(_ name: String, _ arguments: [Expression]) -> BindingError {
        let types = arguments.map(\.type.name)
        return BindingError(
            code: "wrong_arguments",
            message: "\(types[0]) cannot be compared with \(types[1]) by \(name); cast one of them")
    }
}

/// A comparison of two values.
enum Comparison: String, CaseIterable, Sendable {
    case equals, notEquals, less, lessOrEquals, greater, greaterOrEquals

    /// As queries write it, the standard first.
    var symbols: [String] {
        switch self {
        case .equals: ["=", "=="]
        case .notEquals: ["<>", "!="]
        default: [symbol]
        }
    }

    var symbol: String {
        switch self {
        case .equals: "="
        case .notEquals: "<>"
        case .less: "<"
        case .lessOrEquals: "<="
        case .greater: ">"
        case .greaterOrEquals: ">="
        }
    }

    var summary: String {
        switch self {
        case .equals: "Whether two values are equal; texts by their bytes, NaN equals NaN."
        case .notEquals: "Whether two values differ."
        case .less: "Whether the first is less; texts by their bytes, NaN is the greatest float."
        case .lessOrEquals: "Whether the first is less or equal."
        case .greater: "Whether the first is greater."
        case .greaterOrEquals: "Whether the first is greater or equal."
        }
    }

    /// The comparison that holds for `(b, a)` where this one holds for `(a, b)`.
    var flipped: Comparison {
        switch self {
        case .equals, .notEquals: self
        case .less: .greater
        case .lessOrEquals: .greaterOrEquals
        case .greater: .less
        case .greaterOrEquals: .lessOrEquals
        }
    }

    /// Whether it holds for two values of which this is known.
    @inline(__always)
    func holds(isLess: Bool, isEqual: Bool) -> Bool {
        switch self {
        case .equals: isEqual
        case .notEquals: !isEqual
        case .less: isLess
        case .lessOrEquals: isLess || isEqual
        case .greater: !isLess && !isEqual
        case .greaterOrEquals: !isLess
        }
    }
}
