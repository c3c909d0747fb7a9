internal import Expressions
internal import SQL

extension ExpressionBinder {
    /// Binds `f(…) OVER …`.
    mutating func window(
        _ call: CallSyntax, at range: SourceRange
    ) throws(QueryError) -> Expression {
        guard rules.allowsWindows else {
            throw place.error(
                "wrong_window",
                rules.clause == "window function"
                    ? "a window function cannot stand in another one"
                    : "a window function cannot stand in \(rules.clause)", at: range)
        }
        let outer = rules
        rules = Rules(allowsAggregates: outer.allowsAggregates, clause: "window function")
        defer { rules = outer }
        let window = try definition(call, at: range)
        var partition: [Expression] = []
        for syntax in window.partition { partition.append(try bind(syntax)) }
        var order: [SortKey] = []
        for item in window.order {
            order.append(
                SortKey(
                    try bind(item.expression), isDescending: item.isDescending,
                    nullsFirst: item.nullsFirst ?? false))
        }
        let (function, arguments, type) = try function(call, at: range)
        let bound = WindowCall(
            function, arguments, partition: partition, order: order,
            frame: try frame(window.frame, isOrdered: !order.isEmpty, at: range), type: type)
        return state.add(bound)
    }

    /// What `OVER` says, together with the named windows that it builds on.
    private func definition(
        _ call: CallSyntax, at range: SourceRange
    ) throws(QueryError) -> WindowSyntax {
        switch call.over {
        case .named(let name): return try named(name, depth: 0)
        case .window(let window): return try refined(window, depth: 0)
        case nil: return WindowSyntax()
        }
    }

    private func named(_ name: NameSyntax, depth: Int) throws(QueryError) -> WindowSyntax {
        guard let found = state.windows.first(where: { $0.name.text == name.text }),
            depth <= state.windows.count
        else {
            throw place.error(
                "unknown_window", "unknown window \"\(name.text)\"", at: name.range,
                closest: QueryError.unknown(
                    "window", name.text, known: state.windows.map(\.name.text)
                ).closest)
        }
        return try refined(found.window, depth: depth + 1)
    }

    private func refined(_ window: WindowSyntax, depth: Int) throws(QueryError) -> WindowSyntax {
        guard let name = window.base else { return window }
        let base = try named(name, depth: depth)
        return WindowSyntax(
            partition: window.partition.isEmpty ? base.partition : window.partition,
            order: window.order.isEmpty ? base.order : window.order,
            frame: window.frame ?? base.frame, range: window.range)
    }

    // MARK: Functions

    private typealias Function = (WindowCall.Function, [Expression], DataType)

    private mutating func function(
        _ call: CallSyntax, at range: SourceRange
    ) throws(QueryError) -> Function {
        if let kind = WindowCatalog.find(call.name.text) {
            return try function(kind, call, at: range)
        }
        guard let (kind, isConditional) = AggregateCatalog.find(call.name.text) else {
            let known = WindowCatalog.names.flatMap(\.names) + AggregateCatalog.allNames
            throw place.error(
                "unknown_function", "\"\(call.name.text)\" is no window function",
                at: call.name.range,
                closest: QueryError.unknown("function", call.name.text, known: known).closest)
        }
        let outer = rules
        var bound = try aggregate(call, kind, isConditional, at: range)
        rules = outer
        guard !bound.isDistinct, bound.function != .countDistinct else {
            throw place.error(
                "sql_unsupported", "DISTINCT is not possible over a window", at: range,
                status: 400)
        }
        if let filter = bound.filter {
            bound = try filtered(bound, by: filter, at: range)
        }
        return (.aggregate(bound.function), bound.arguments, bound.type)
    }

    /// An aggregate over rows that are NULL where the filter does not hold.
    private func filtered(
        _ call: AggregateCall, by filter: Expression, at range: SourceRange
    ) throws(QueryError) -> AggregateCall {
        var call = call
        if call.function == .countRows {
            call.function = .count
            call.arguments = [.constant(.integer(1), .integer)]
        }
        var arguments: [Expression] = []
        for argument in call.arguments {
            arguments.append(
                .conditional(
                    [Expression.Branch(condition: filter, value: argument)],
                    otherwise: .constant(.null, argument.type), argument.type))
        }
        call.arguments = arguments
        call.filter = nil
        return call
    }

    private mutating func function(
        _ kind: WindowCatalog.Kind, _ call: CallSyntax, at range: SourceRange
    ) throws(QueryError) -> Function {
        var arguments: [Expression] = []
        for syntax in call.arguments { arguments.append(try bind(syntax)) }
        let counts: ClosedRange<Int> =
            switch kind {
            case .rowNumber, .rank, .denseRank, .percentRank, .cumulativeDistribution: 0...0
            case .ntile, .firstValue, .lastValue: 1...1
            case .lag, .lead: 1...3
            }
        guard counts.contains(arguments.count), !call.isStar, !call.isDistinct else {
            throw place.error(
                "wrong_arguments",
                "\(call.name.text) takes \(counts.lowerBound)"
                    + (counts.count > 1 ? " to \(counts.upperBound)" : "") + " arguments",
                at: range)
        }
        switch kind {
        case .rowNumber: return (.rowNumber, [], .integer)
        case .rank: return (.rank, [], .integer)
        case .denseRank: return (.denseRank, [], .integer)
        case .percentRank: return (.percentRank, [], .float)
        case .cumulativeDistribution: return (.cumulativeDistribution, [], .float)
        case .ntile:
            return (.ntile(try count(arguments[0], least: 1, at: range)), [], .integer)
        case .firstValue: return (.firstValue, arguments, arguments[0].type)
        case .lastValue: return (.lastValue, arguments, arguments[0].type)
        case .lag, .lead:
            let offset =
                arguments.count > 1 ? try count(arguments[1], least: 0, at: range) : 1
            var operands = [arguments[0]]
            if arguments.count > 2 {
                operands.append(try binder.cast(arguments[2], to: arguments[0].type, at: range))
            }
            return (.lag(kind == .lag ? offset : -offset), operands, arguments[0].type)
        }
    }

    private func count(
        _ expression: Expression, least: Int64, at range: SourceRange
    ) throws(QueryError) -> Int {
        guard case .constant(.integer(let number), _) = expression,
            number >= least, number <= Int64(Int32.max)
        else {
            throw place.error(
                "wrong_arguments", "a constant integer from \(least) on is wanted here", at: range)
        }
        return Int(number)
    }

    // MARK: Frames

    private func frame(
        _ syntax: FrameSyntax?, isOrdered: Bool, at range: SourceRange
    ) throws(QueryError) -> WindowCall.Frame {
        guard let syntax else {
            return WindowCall.Frame(
                isRows: false, start: .unboundedPreceding,
                end: isOrdered ? .currentRow : .unboundedFollowing)
        }
        let start = try bound(syntax.start, of: syntax)
        let end = try bound(syntax.end, of: syntax)
        guard Self.position(start) <= Self.position(end), start != .unboundedFollowing,
            end != .unboundedPreceding
        else {
            throw place.error(
                "invalid_frame", "the frame ends before it begins", at: syntax.range)
        }
        return WindowCall.Frame(isRows: syntax.unit == .rows, start: start, end: end)
    }

    private static func position(_ bound: WindowCall.Bound) -> Int {
        switch bound {
        case .unboundedPreceding: .min
        case .preceding(let count): -count
        case .currentRow: 0
        case .following(let count): count
        case .unboundedFollowing: .max
        }
    }

    private func bound(
        _ bound: FrameSyntax.Bound, of frame: FrameSyntax
    ) throws(QueryError) -> WindowCall.Bound {
        switch bound {
        case .unboundedPreceding: return .unboundedPreceding
        case .currentRow: return .currentRow
        case .unboundedFollowing: return .unboundedFollowing
        case .preceding(let syntax): return .preceding(try rows(syntax, of: frame))
        case .following(let syntax): return .following(try rows(syntax, of: frame))
        }
    }

    private func rows(
        _ syntax: ExpressionSyntax, of frame: FrameSyntax
    ) throws(QueryError) -> Int {
        guard frame.unit == .rows else {
            throw place.error(
                "sql_unsupported", "only ROWS frames count rows", at: syntax.range, status: 400)
        }
        guard case .integer(let number) = try binder.constant(syntax), number >= 0,
            number <= Int64(Int32.max)
        else {
            throw place.error(
                "invalid_frame", "a constant integer from 0 on is wanted here", at: syntax.range)
        }
        return Int(number)
    }
}
