internal import Expressions
package import Store

/// Rewrites a plan into one that gives the same rows and costs less.
///
/// 1. Aggregates over the events that a rollup has are read from it (`RollupRewriter`). 2. Filters
/// sink towards the scans, and bounds on time are told to them (`FilterPushdown`). 3. Columns that
/// nobody reads go (`ColumnPruning`). 4. Orders under a limit become total (`TieBreaking`). Each
/// step is a function from plan to plan.
package struct PlanOptimizer {
    /// Answers, with what was considered.
    package struct Result: Sendable {
        /// The plan to be run.
        package var plan: LogicalPlan
        /// What `EXPLAIN` says about rollups, one for each aggregate over the events.
        package var choices: [RollupChoice]
    }

    /// The plan to be run.
    package static func optimize(
        _ plan: LogicalPlan, catalog: Catalog, on tables: some TableSource,
        usesRollups: Bool = true
    ) -> Result {
        var rewriter = RollupRewriter(catalog: catalog, tables: tables, isAllowed: usesRollups)
        var best = FilterPushdown.push(plan)
        best = rewriter.rewrite(best)
        best = FilterPushdown.push(best)
        best = TieBreaking.complete(ColumnPruning.prune(best))
        return Result(plan: best, choices: rewriter.choices)
    }
}

extension LogicalPlan {
    /// The same node over other inputs.
    func mapInputs(_ transform: (LogicalPlan) -> LogicalPlan) -> LogicalPlan {
        switch self {
        case .scan, .oneRow: self
        case .filter(let condition, let input): .filter(condition, transform(input))
        case .project(let expressions, let input): .project(expressions, transform(input))
        case .aggregate(let keys, let calls, let input):
            .aggregate(keys: keys, calls: calls, transform(input))
        case .window(let calls, let input): .window(calls, transform(input))
        case .sort(let keys, let limit, let input): .sort(keys, limit: limit, transform(input))
        case .limit(let count, let offset, let input):
            .limit(count: count, offset: offset, transform(input))
        case .distinct(let input): .distinct(transform(input))
        case .union(let inputs): .union(inputs.map(transform))
        }
    }
}
