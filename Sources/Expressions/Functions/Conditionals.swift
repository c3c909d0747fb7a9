internal import Base

extension FunctionCatalog {
    /// `CASE WHEN … THEN … ELSE … END`.
    ///
    /// The conditions are Booleans, the values are converted to one type. `otherwise` is nil where
    /// there is no ELSE, which gives NULL.
    package static func conditional(
        _ branches: [(condition: Expression, value: Expression)], otherwise: Expression?,
        zones: @escaping ZoneLookup
    ) throws(BindingError) -> Expression {
        let context = BindingContext(zones: zones, now: 0)
        return try ConditionalFunctions.conditional(
            branches.map { ConditionalFunctions.Branch(condition: $0.condition, value: $0.value) },
            otherwise: otherwise ?? .constant(.null, .null), context)
    }

    /// `expression IN (list)`, with the comparisons that `=` makes; NULL where the list has a NULL
    /// and no constant is equal.
    package static func oneOf(
        _ expression: Expression, _ list: [Expression], zones: @escaping ZoneLookup
    ) throws(BindingError) -> Expression {
        let context = BindingContext(zones: zones, now: 0)
        return try ConditionalFunctions.oneOf(expression, list, context)
    }
}

/// AND, OR, NOT, CASE and the functions that are made of them.
enum ConditionalFunctions {
    typealias Branch = Expression.Branch

    static let definitions = [
        logic(
            "and", "False if an argument is false, else NULL if one is NULL, else true.",
            "true AND NULL", "NULL"
        ) { .and($0) },
        logic(
            "or", "True if an argument is true, else NULL if one is NULL, else false.",
            "true OR NULL", "true"
        ) { .or($0) },
        FunctionDefinition(
            "not", [], .conditionals, "True for false, false for true.", example: "NOT 1 = 2",
            "true", signatures: ["not(Boolean) → Boolean"]
        ) { (arguments, context) throws(BindingError) in
            let operands = try booleans("not", arguments, 1...1, context)
            return try Folding.fold(.not(operands[0]))
        },
        FunctionDefinition(
            "isNull", ["is_null"], .conditionals, "Whether there is no value.",
            example: "NULL IS NULL", "true", nulls: .special("Never NULL."),
            signatures: ["isNull(any) → Boolean"]
        ) { (arguments, _) throws(BindingError) in
            guard arguments.count == 1 else {
                throw wrongArguments("isNull", arguments, ["isNull(any) → Boolean"])
            }
            return try Folding.fold(.isNull(arguments[0]))
        },
        FunctionDefinition(
            "isNotNull", ["is_not_null"], .conditionals, "Whether there is a value.",
            example: "NULL IS NOT NULL", "false", nulls: .special("Never NULL."),
            signatures: ["isNotNull(any) → Boolean"]
        ) { (arguments, _) throws(BindingError) in
            guard arguments.count == 1 else {
                throw wrongArguments("isNotNull", arguments, ["isNotNull(any) → Boolean"])
            }
            return try Folding.fold(.not(.isNull(arguments[0])))
        },
        FunctionDefinition(
            "coalesce", ["ifNull", "nvl"], .conditionals, "The first argument that is not NULL.",
            example: "coalesce(NULL, 'direct')", "direct",
            nulls: .special("NULL if all arguments are NULL."),
            signatures: ["coalesce(any, …) → any"]
        ) { (arguments, context) throws(BindingError) in
            guard let last = arguments.last else {
                throw wrongArguments("coalesce", arguments, ["coalesce(any, …) → any"])
            }
            let branches = arguments.dropLast().map { argument in
                Branch(condition: .not(.isNull(argument)), value: argument)
            }
            return try conditional(branches, otherwise: last, context, name: "coalesce")
        },
        FunctionDefinition(
            "nullIf", [], .conditionals, "NULL if both are equal, else the first.",
            example: "nullIf('', '')", "NULL",
            nulls: .special("NULL if the first argument is NULL or equals the second."),
            signatures: ["nullIf(any, any) → any"]
        ) { (arguments, context) throws(BindingError) in
            let equal = try ComparisonFunctions.bind(.equals, arguments, context)
            return try conditional(
                [Branch(condition: equal, value: .constant(.null, arguments[0].type))],
                otherwise: arguments[0], context)
        },
        FunctionDefinition(
            "if", ["iff"], .conditionals,
            "The second argument where the first is true, else the third.",
            example: "if(1 > 2, 'a', 'b')", "b",
            nulls: .special("A condition that is NULL counts as false."),
            signatures: ["if(Boolean, any, any) → any"]
        ) { (arguments, context) throws(BindingError) in
            guard arguments.count == 3 else {
                throw wrongArguments("if", arguments, ["if(Boolean, any, any) → any"])
            }
            return try multiIf("if", arguments, context)
        },
        FunctionDefinition(
            "multiIf", ["multi_if", "caseWithoutExpression"], .conditionals,
            "The value behind the first condition that is true, else the last argument.",
            example: "multiIf(false, 1, true, 2, 3)", "2",
            nulls: .special("A condition that is NULL counts as false."),
            signatures: ["multiIf(Boolean, any, …, any) → any"]
        ) { (arguments, context) throws(BindingError) in
            try multiIf("multiIf", arguments, context)
        },
        extreme("greatest", "The greatest of the arguments.", "greatest(1, 3, NULL)", .greater),
        extreme("least", "The least of the arguments.", "least(3, 5, NULL)", .less),
    ]

    private static func logic(
        _ name: String, _ summary: String, _ example: String, _ result: String,
        _ make: @escaping @Sendable ([Expression]) -> Expression
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, [], .conditionals, summary, example: example, result,
            nulls: .special("Three-valued: NULL only where the others do not decide."),
            signatures: ["\(name)(Boolean, …) → Boolean"]
        ) { (arguments, context) throws(BindingError) in
            let operands = try booleans(name, arguments, 1...Int.max, context)
            if operands.count == 1 { return operands[0] }
            return try simplified(flattened(operands, make), make)
        }
    }

    /// Operands of the same kind in one list.
    private static func flattened(
        _ operands: [Expression], _ make: ([Expression]) -> Expression
    ) -> [Expression] {
        let isAnd = make([]) == .and([])
        return operands.flatMap { operand -> [Expression] in
            switch operand {
            case .and(let inner) where isAnd: inner
            case .or(let inner) where !isAnd: inner
            default: [operand]
            }
        }
    }

    /// Without the constants that decide nothing; a constant, where one decides.
    private static func simplified(
        _ operands: [Expression], _ make: ([Expression]) -> Expression
    ) throws(BindingError) -> Expression {
        let isAnd = make([]) == .and([])
        let neutral = Value.boolean(isAnd)
        if operands.contains(where: { $0.constant == .boolean(!isAnd) }) {
            return .constant(.boolean(!isAnd), .boolean)
        }
        let rest = operands.filter { $0.constant != neutral }
        switch rest.count {
        case 0: return .constant(neutral, .boolean)
        case 1: return rest[0]
        default: return try Folding.fold(make(rest))
        }
    }

    private static func booleans(
        _ name: String, _ arguments: [Expression], _ counts: ClosedRange<Int>,
        _ context: BindingContext
    ) throws(BindingError) -> [Expression] {
        guard counts.contains(arguments.count),
            arguments.allSatisfy({ Conversion.cost($0, to: .boolean) != nil })
        else { throw wrongArguments(name, arguments, ["\(name)(Boolean, …) → Boolean"]) }
        var converted: [Expression] = []
        for argument in arguments {
            converted.append(try Conversion.convert(argument, to: .boolean, context))
        }
        return converted
    }

    private static func multiIf(
        _ name: String, _ arguments: [Expression], _ context: BindingContext
    ) throws(BindingError) -> Expression {
        guard arguments.count >= 3, arguments.count % 2 == 1 else {
            throw wrongArguments(name, arguments, ["multiIf(Boolean, any, …, any) → any"])
        }
        let branches = stride(from: 0, to: arguments.count - 1, by: 2).map { index in
            Branch(condition: arguments[index], value: arguments[index + 1])
        }
        return try conditional(
            branches, otherwise: arguments[arguments.count - 1], context, name: name)
    }

    static func conditional(
        _ branches: [Branch], otherwise: Expression, _ context: BindingContext,
        name: String = "CASE"
    ) throws(BindingError) -> Expression {
        let values = branches.map(\.value) + [otherwise]
        guard let type = Conversion.union(values), type != .interval else {
            let types = Set(values.map(\.type.name)).sorted().joined(separator: ", ")
            throw BindingError(
                code: "wrong_arguments",
                message: "\(name) has values of types that do not go together: \(types)")
        }
        var kept: [Branch] = []
        var last = try Conversion.convert(otherwise, to: type, context)
        for branch in branches {
            let condition = try booleans(
                "the condition of \(name)", [branch.condition], 1...1, context)[0]
            let value = try Conversion.convert(branch.value, to: type, context)
            if let constant = condition.constant {
                if constant != .boolean(true) { continue }
                last = value
                break
            }
            kept.append(Branch(condition: condition, value: value))
        }
        if kept.isEmpty { return last }
        return .conditional(kept, otherwise: last, type)
    }

    static func oneOf(
        _ expression: Expression, _ list: [Expression], _ context: BindingContext
    ) throws(BindingError) -> Expression {
        guard let first = list.first else { return .constant(.boolean(false), .boolean) }
        if list.count == 1 {
            return try ComparisonFunctions.bind(.equals, [expression, first], context)
        }
        // Constants that compare with the expression as it is become one list; the rest is
        // compared one by one.
        var values: [Value] = []
        var seen: Set<Value> = []
        var operands: [Expression] = []
        var hasNull = false
        for item in list {
            let pair = try ComparisonFunctions.comparable(
                "IN", [expression, item], true, context)
            if item.constant == .null {
                hasNull = true
            } else if pair[0] == expression, let value = pair[1].constant,
                expression.constant == nil
            {
                if seen.insert(value).inserted { values.append(value) }
            } else {
                operands.append(
                    try ComparisonFunctions.bind(.equals, [expression, item], context))
            }
        }
        if !values.isEmpty {
            operands.append(.oneOf(expression, values, listHasNull: hasNull))
        } else if hasNull {
            operands.append(.constant(.null, .boolean))
        }
        return operands.count == 1 ? operands[0] : try simplified(operands) { .or($0) }
    }

    private static func extreme(
        _ name: String, _ summary: String, _ example: String, _ comparison: Comparison
    ) -> FunctionDefinition {
        let signatures = ["\(name)(any, …) → any"]
        return FunctionDefinition(
            name, [], .conditionals, summary, example: example, "3",
            nulls: .special("NULLs are passed over; NULL if all arguments are."),
            signatures: signatures
        ) { (arguments, context) throws(BindingError) in
            guard !arguments.isEmpty, let type = Conversion.union(arguments), type != .interval,
                type != .state
            else { throw wrongArguments(name, arguments, signatures) }
            var converted: [Expression] = []
            for argument in arguments {
                converted.append(try Conversion.convert(argument, to: type, context))
            }
            if type == .null { return .constant(.null, .null) }
            let kernel = FunctionKernel(propagatesNull: false, canFail: false) { operands, count in
                ExtremeKernels.pick(comparison, operands, type.valueType, count)
            }
            return try Folding.fold(
                .call(
                    FunctionCall(name: name, arguments: converted, type: type, kernel: kernel)))
        }
    }
}

/// The greatest or least of several operands.
enum ExtremeKernels {
    static func pick(
        _ comparison: Comparison, _ operands: [Operand], _ type: ValueType, _ count: Int
    ) -> Vector {
        var best: Vector?
        for operand in operands {
            let vector: Vector
            switch operand {
            case .constant(.null): continue
            case .constant(let value):
                vector = Vector(repeating: value, type: value.type, count: count)
            case .vector(let given): vector = given
            }
            guard let current = best else {
                best = vector
                continue
            }
            // The rows where the new one is better, or the old one has no value.
            var taken = ComparisonKernels.compare(
                comparison, .vector(vector), .vector(current), count
            ).truth
            if let presence = vector.presence { taken.formIntersection(presence) }
            if let presence = current.presence {
                var only = presence.complemented
                if let mine = vector.presence { only.formIntersection(mine) }
                taken.formUnion(only)
            }
            let new = taken.rows
            let old = taken.complemented.rows
            best = VectorMerge.merge(
                [
                    VectorMerge.Piece(rows: old, vector: current.taking(old)),
                    VectorMerge.Piece(rows: new, vector: vector.taking(new)),
                ], valueType: type, count: count)
        }
        return best ?? Vector(nulls: type, count: count)
    }
}
