internal import Base
internal import Expressions

/// Moves filters as far down as they mean the same, so that few rows are made.
///
/// What lies on a scan tells it the bounds of time that the condition implies.
enum FilterPushdown {
    static func push(_ plan: LogicalPlan) -> LogicalPlan { push([], plan) }

    /// The plan with conditions on its rows put where they cost least.
    private static func push(_ conditions: [Expression], _ plan: LogicalPlan) -> LogicalPlan {
        switch plan {
        case .filter(let condition, let input):
            return push(condition.conjuncts + conditions, input)
        case .project(let expressions, let input):
            let (below, above) = split(conditions, over: expressions)
            return filter(above, .project(expressions, push(below, input)))
        case .union(let inputs):
            return .union(inputs.map { push(conditions, $0) })
        case .sort(let keys, nil, let input):
            return .sort(keys, limit: nil, push(conditions, input))
        case .distinct(let input):
            return .distinct(push(conditions, input))
        case .aggregate(let keys, let calls, let input):
            return aggregate(conditions, keys, calls, input)
        case .scan(var scan):
            if let range = TimeBounds.range(conditions, in: scan) { scan.timeRange = range }
            return filter(conditions, .scan(scan))
        case .oneRow, .window, .sort, .limit:
            return filter(conditions, plan.mapInputs(push))
        }
    }

    private static func filter(_ conditions: [Expression], _ plan: LogicalPlan) -> LogicalPlan {
        switch conditions.count {
        case 0: plan
        case 1: .filter(conditions[0], plan)
        default: .filter(.and(conditions), plan)
        }
    }

    /// A condition is not put onto what its columns stand for where that makes it larger than this.
    private static let sizeMost = 1_000

    /// The conditions put onto what their columns stand for, and those that would grow too large.
    private static func split(
        _ conditions: [Expression], over expressions: [Expression]
    ) -> (below: [Expression], above: [Expression]) {
        let sizes = expressions.map { $0.size { _ in 1 } }
        let large = conditions.filter { $0.size { sizes[$0] } > sizeMost }
        let small = conditions.filter { !large.contains($0) }
        return (small.map { $0.substituting(expressions) }, large)
    }

    /// Conditions on keys hold for all rows of a group; without keys there is a row whatever the
    /// input is.
    private static func aggregate(
        _ conditions: [Expression], _ keys: [Expression], _ calls: [AggregateCall],
        _ input: LogicalPlan
    ) -> LogicalPlan {
        var below: [Expression] = []
        var above: [Expression] = []
        for condition in conditions {
            let columns = condition.columns
            if !columns.isEmpty, columns.allSatisfy({ $0 < keys.count }) {
                let (keyed, large) = split([condition], over: keys)
                below += keyed
                above += large
            } else {
                above.append(condition)
            }
        }
        return filter(above, .aggregate(keys: keys, calls: calls, push(below, input)))
    }
}

extension Expression {
    /// The number of its nodes, where a column stands for as many as the function says.
    fileprivate func size(_ ofColumn: (Int) -> Int) -> Int {
        if case .column(let index, _) = self { return ofColumn(index) }
        return children.reduce(1) { $0 + $1.size(ofColumn) }
    }
}

/// Bounds of time in conditions.
enum TimeBounds {
    /// The times that rows of a scan can have where all conditions hold; nil where they say
    /// nothing.
    static func range(
        _ conditions: [Expression], in scan: TableScan
    ) -> Range<Milliseconds>? {
        guard
            let time = scan.columns.firstIndex(where: {
                $0.type == .timestamp && ($0.name == "timestamp" || $0.name == "bucket")
            })
        else { return scan.timeRange }
        var lower = scan.timeRange?.lowerBound ?? .min
        var upper = scan.timeRange?.upperBound ?? .max
        for condition in conditions {
            guard let bounds = bounds(condition, column: time) else { continue }
            lower = max(lower, bounds.lowerBound)
            upper = min(upper, bounds.upperBound)
        }
        return lower == .min && upper == .max ? nil : lower..<max(lower, upper)
    }

    /// The half-open range that a comparison of the column with a constant means; nil for another
    /// condition.
    static func bounds(_ condition: Expression, column: Int) -> Range<Milliseconds>? {
        guard case .call(let call) = condition, call.arguments.count == 2 else { return nil }
        var name = call.name
        var instant: Milliseconds?
        switch (call.arguments[0], call.arguments[1]) {
        case (.column(column, _), .constant(.timestamp(let value), _)): instant = value
        case (.constant(.timestamp(let value), _), .column(column, _)):
            instant = value
            name = mirrored[name] ?? name
        default: break
        }
        guard let instant, instant < .max else { return nil }
        switch name {
        case "equals": return instant..<instant + 1
        case "less": return .min..<instant
        case "lessOrEquals": return .min..<instant + 1
        case "greater": return instant + 1 ..< .max
        case "greaterOrEquals": return instant ..< .max
        default: return nil
        }
    }

    private static let mirrored = [
        "less": "greater", "lessOrEquals": "greaterOrEquals", "greater": "less",
        "greaterOrEquals": "lessOrEquals",
    ]
}
