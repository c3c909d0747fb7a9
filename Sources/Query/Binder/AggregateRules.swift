internal import Expressions
internal import SQL

/// What aggregates take and give.
enum AggregateRules {
    /// Whether it is computed of numbers.
    static func readsNumbers(_ kind: AggregateCatalog.Kind) -> Bool {
        switch kind {
        case .sum, .avg, .standardDeviation, .variance, .quantile, .quantiles, .median: true
        default: false
        }
    }

    /// Whether the second argument may be a constant that says how.
    static func takesParameter(_ kind: AggregateCatalog.Kind) -> Bool {
        switch kind {
        case .quantile, .quantiles, .topK, .joined: true
        default: false
        }
    }

    /// What is wrong with the number of arguments; nil if nothing is.
    static func problem(
        _ kind: AggregateCatalog.Kind, _ count: Int, _ call: CallSyntax
    ) -> String? {
        let name = call.name.text
        if call.isStar, kind != .count { return "\(name) takes no *" }
        switch kind {
        case .count:
            return call.isDistinct && count == 0 ? "count(DISTINCT …) needs a column" : nil
        case .countDistinct, .uniq: return count == 0 ? "\(name) needs a column" : nil
        case .argMin, .argMax:
            return count == 2 ? nil : "\(name) takes the value and what it is chosen by"
        default: return count == 1 ? nil : "\(name) takes one argument, not \(count)"
        }
    }

    /// The call that a name and arguments mean.
    ///
    /// `isCertain`: rows count whatever is in them.
    static func call(
        _ kind: AggregateCatalog.Kind, _ arguments: [Expression], _ constants: [Value],
        isDistinct: Bool, isCertain: Bool
    ) throws(BindingError) -> AggregateCall {
        switch kind {
        case .count where isDistinct, .countDistinct:
            return AggregateCall(.countDistinct, arguments, type: .integer)
        case .count:
            return isCertain || arguments.allSatisfy(isPresent)
                ? AggregateCall(.countRows, [], type: .integer)
                : AggregateCall(.count, arguments, type: .integer)
        case .uniq:
            return arguments.count == 1 && arguments[0].type == .state
                ? AggregateCall(.uniqMerge, arguments, type: .integer)
                : AggregateCall(.uniq, arguments, type: .integer)
        case .uniqMerge:
            try expect(arguments[0].type == .state, "uniqMerge takes a column of states")
            return AggregateCall(.uniqMerge, arguments, type: .integer)
        case .min, .max, .any:
            try expect(arguments[0].type != .state, "states are merged by uniqMerge")
            let function: AggregateCall.Function =
                kind == .min ? .min : kind == .max ? .max : .any
            return AggregateCall(function, arguments, type: arguments[0].type)
        case .argMin, .argMax:
            try expect(!arguments.contains { $0.type == .state }, "states are merged by uniqMerge")
            return AggregateCall(
                kind == .argMin ? .argMin : .argMax, arguments, type: arguments[0].type)
        case .boolOr, .boolAnd:
            try expect(
                [.boolean, .null].contains(arguments[0].type), "a condition is wanted here")
            return AggregateCall(
                kind == .boolOr ? .boolOr : .boolAnd, arguments, type: .boolean)
        case .topK:
            return AggregateCall(.topK(try count(constants)), arguments, type: .json)
        case .joined:
            try expect(arguments[0].type.isText, "string_agg takes text")
            return AggregateCall(
                .joined(separator: try separator(constants)), arguments, isDistinct: isDistinct,
                type: .string)
        default:
            return try numeric(kind, arguments, constants, isDistinct: isDistinct)
        }
    }

    private static func numeric(
        _ kind: AggregateCatalog.Kind, _ arguments: [Expression], _ constants: [Value],
        isDistinct: Bool
    ) throws(BindingError) -> AggregateCall {
        let type = arguments[0].type
        try expect(
            type.isNumeric || type == .null,
            type == .state
                ? "states are merged by uniqMerge" : "numbers are wanted here, not \(type.name)")
        switch kind {
        case .sum:
            return AggregateCall(
                .sum, arguments, isDistinct: isDistinct, type: type == .float ? .float : .integer)
        case .avg: return AggregateCall(.avg, arguments, isDistinct: isDistinct, type: .float)
        case .standardDeviation(let isSample):
            return AggregateCall(
                .standardDeviation(isSample: isSample), arguments, isDistinct: isDistinct,
                type: .float)
        case .variance(let isSample):
            return AggregateCall(
                .variance(isSample: isSample), arguments, isDistinct: isDistinct, type: .float)
        case .quantile(let isContinuous):
            let isList = constants.last == .null || constants.count > 1
            return AggregateCall(
                .quantiles(
                    try probabilities(constants), isContinuous: isContinuous, isList: isList),
                arguments, type: isList ? .json : isContinuous ? .float : type)
        case .quantiles(let isContinuous):
            return AggregateCall(
                .quantiles(
                    try probabilities(constants), isContinuous: isContinuous, isList: true),
                arguments, type: .json)
        default:
            return AggregateCall(
                .quantiles([0.5], isContinuous: true, isList: false), arguments, type: .float)
        }
    }

    private static func isPresent(_ expression: Expression) -> Bool {
        if case .constant(let value, _) = expression { return value != .null }
        return false
    }

    private static func expect(_ holds: Bool, _ message: String) throws(BindingError) {
        if !holds { throw BindingError(code: "wrong_arguments", message: message) }
    }

    private static func probabilities(_ constants: [Value]) throws(BindingError) -> [Double] {
        var found: [Double] = []
        for constant in constants {
            switch constant {
            case .float(let number) where (0...1).contains(number): found.append(number)
            case .integer(let number) where (0...1).contains(number):
                found.append(Double(number))
            // The end of a list.
            case .null: break
            default:
                throw BindingError(
                    code: "wrong_arguments", message: "a probability is a number from 0 to 1")
            }
        }
        if found.isEmpty { found = [0.5] }
        return found
    }

    private static func count(_ constants: [Value]) throws(BindingError) -> Int {
        if constants.isEmpty { return 10 }
        guard case .integer(let number) = constants[0], (1...10_000).contains(number) else {
            throw BindingError(
                code: "wrong_arguments", message: "topK takes a number from 1 to 10000")
        }
        return Int(number)
    }

    private static func separator(_ constants: [Value]) throws(BindingError) -> String {
        if constants.isEmpty { return "," }
        guard case .string(let text) = constants[0] else {
            throw BindingError(
                code: "wrong_arguments", message: "string_agg takes a text as separator")
        }
        return text
    }
}
