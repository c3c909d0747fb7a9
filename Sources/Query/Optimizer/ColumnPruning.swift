internal import Expressions

/// Leaves out columns that nobody reads.
enum ColumnPruning {
    static func prune(_ plan: LogicalPlan) -> LogicalPlan {
        let width = plan.types.count
        let (pruned, numbers) = prune(plan, Set(0..<width))
        return select(pruned, Array(0..<width), numbers, plan.types)
    }

    /// A plan that has at least the columns asked for, and which number each of them has in it.
    private static func prune(
        _ plan: LogicalPlan, _ wanted: Set<Int>
    ) -> (LogicalPlan, [Int: Int]) {
        switch plan {
        case .oneRow: return (plan, [:])
        case .scan(var scan):
            let kept = wanted.sorted()
            scan.columns = kept.map { scan.columns[$0] }
            return (.scan(scan), numbers(kept))
        case .filter(let condition, let input):
            let (below, map) = prune(input, wanted.union(condition.columns))
            return (.filter(condition.renumbered(map), below), map)
        case .project(let expressions, let input):
            let kept = wanted.sorted()
            let expressions = kept.map { expressions[$0] }
            let (below, map) = prune(input, expressions.columns)
            return (.project(expressions.map { $0.renumbered(map) }, below), numbers(kept))
        case .aggregate(let keys, let calls, let input):
            return aggregate(keys, calls, input, wanted)
        case .window(let calls, let input):
            return window(calls, input, wanted)
        case .sort(let keys, let limit, let input):
            let (below, map) = prune(input, wanted.union(keys.map(\.expression).columns))
            return (.sort(keys.map { $0.renumbered(map) }, limit: limit, below), map)
        case .limit(let count, let offset, let input):
            let (below, map) = prune(input, wanted)
            return (.limit(count: count, offset: offset, below), map)
        case .distinct(let input):
            // All columns decide which rows are equal.
            return (.distinct(prune(input)), numbers(Array(input.types.indices)))
        case .union(let inputs):
            let kept = wanted.sorted()
            let below = inputs.map { input in
                let (pruned, map) = prune(input, wanted)
                return select(pruned, kept, map, input.types)
            }
            return (.union(below), numbers(kept))
        }
    }

    private static func aggregate(
        _ keys: [Expression], _ calls: [AggregateCall], _ input: LogicalPlan, _ wanted: Set<Int>
    ) -> (LogicalPlan, [Int: Int]) {
        let keptCalls = calls.indices.filter { wanted.contains(keys.count + $0) }
        let kept = Array(keys.indices) + keptCalls.map { keys.count + $0 }
        let calls = keptCalls.map { calls[$0] }
        let read = (keys + calls.flatMap(\.expressions)).columns
        let (below, map) = prune(input, read)
        let plan = LogicalPlan.aggregate(
            keys: keys.map { $0.renumbered(map) }, calls: calls.map { $0.renumbered(map) }, below)
        return (plan, numbers(kept))
    }

    private static func window(
        _ calls: [WindowCall], _ input: LogicalPlan, _ wanted: Set<Int>
    ) -> (LogicalPlan, [Int: Int]) {
        let width = input.types.count
        let keptCalls = calls.indices.filter { wanted.contains(width + $0) }
        let passed = wanted.filter { $0 < width }
        let read = keptCalls.flatMap { calls[$0].expressions }.columns
        let (below, map) = prune(input, passed.union(read))
        if keptCalls.isEmpty { return (below, map) }
        var numbers = map
        let first = below.types.count
        for (offset, call) in keptCalls.enumerated() { numbers[width + call] = first + offset }
        return (.window(keptCalls.map { calls[$0].renumbered(map) }, below), numbers)
    }

    private static func numbers(_ kept: [Int]) -> [Int: Int] {
        Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    }

    /// Exactly the columns asked for, in that order.
    private static func select(
        _ plan: LogicalPlan, _ wanted: [Int], _ numbers: [Int: Int], _ types: [DataType]
    ) -> LogicalPlan {
        let found = wanted.map { numbers[$0] ?? 0 }
        if found == Array(0..<plan.types.count) { return plan }
        return .project(zip(found, wanted).map { .column($0, types[$1]) }, plan)
    }
}

extension Expression {
    fileprivate func renumbered(_ numbers: [Int: Int]) -> Expression {
        mapColumns { numbers[$0] ?? 0 }
    }
}

extension [Expression] {
    fileprivate var columns: Set<Int> { reduce(into: []) { $0.formUnion($1.columns) } }
}

extension SortKey {
    fileprivate func renumbered(_ numbers: [Int: Int]) -> SortKey {
        SortKey(
            expression.renumbered(numbers), isDescending: isDescending, nullsFirst: nullsFirst)
    }
}

extension AggregateCall {
    fileprivate var expressions: [Expression] { arguments + (filter.map { [$0] } ?? []) }

    fileprivate func renumbered(_ numbers: [Int: Int]) -> AggregateCall {
        var call = self
        call.arguments = arguments.map { $0.renumbered(numbers) }
        call.filter = filter?.renumbered(numbers)
        return call
    }
}

extension WindowCall {
    fileprivate var expressions: [Expression] {
        arguments + partition + order.map(\.expression)
    }

    fileprivate func renumbered(_ numbers: [Int: Int]) -> WindowCall {
        var call = self
        call.arguments = arguments.map { $0.renumbered(numbers) }
        call.partition = partition.map { $0.renumbered(numbers) }
        call.order = order.map { $0.renumbered(numbers) }
        return call
    }
}
