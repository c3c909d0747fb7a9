internal import Base
internal import Expressions
internal import Store

/// Answers aggregates over the events from rollups, where these hold the same.
///
/// An aggregate over filtered events qualifies if it counts events, or people as rollups do
/// (`uniq(coalesce(userId, sessionId))`); if its conditions are an event type, bounds of time on
/// whole minutes and conditions on dimensions; and if its keys are made of dimensions and of starts
/// of buckets. Then the rows of the events in a range and the pieces that `MetricsPlanner` finds
/// for it are the same rows added up more or less coarsely, and the aggregate becomes one over
/// these pieces.
struct RollupRewriter {
    let catalog: Catalog
    let tables: any TableSource
    let isAllowed: Bool
    private(set) var choices: [RollupChoice] = []

    init(catalog: Catalog, tables: any TableSource, isAllowed: Bool) {
        self.catalog = catalog
        self.tables = tables
        self.isAllowed = isAllowed
    }

    mutating func rewrite(_ plan: LogicalPlan) -> LogicalPlan {
        if case .aggregate(let keys, let calls, let input) = plan,
            let (condition, scan) = Self.events(input)
        {
            if let found = answer(keys, calls, condition, scan) { return found }
            return plan
        }
        var inner = self
        let rewritten = plan.mapInputs { inner.rewrite($0) }
        self = inner
        return rewritten
    }

    /// The scan of events that the plan is, and its condition.
    private static func events(_ plan: LogicalPlan) -> (conditions: [Expression], TableScan)? {
        switch plan {
        case .scan(let scan) where scan.table == MetricsPlan.rawTable: ([], scan)
        case .filter(let condition, .scan(let scan)) where scan.table == MetricsPlan.rawTable:
            (condition.conjuncts, scan)
        default: nil
        }
    }

    private mutating func answer(
        _ keys: [Expression], _ calls: [AggregateCall], _ conditions: [Expression],
        _ scan: TableScan
    ) -> LogicalPlan? {
        guard isAllowed else {
            choices.append(RollupChoice(table: scan.table, obstacle: "use_rollups is off"))
            return nil
        }
        var best: (rows: Int, question: RollupQuestion, plan: MetricsPlan)?
        var obstacles: [String] = []
        var candidates: [MetricsExplanation.Candidate] = []
        for rollup in catalog.rollups {
            switch RollupQuestion.make(rollup, keys, calls, conditions, scan, catalog) {
            case .failure(let obstacle):
                obstacles.append(obstacle.reason)
                candidates.append(
                    MetricsExplanation.Candidate(table: rollup.name, reason: obstacle.reason))
            case .success(let question):
                let plan = question.plan(on: tables)
                let rows = plan.segments.reduce(0) { $0 + $1.rows + $1.rowsBeyond }
                if let best, best.rows <= rows { continue }
                best = (rows, question, plan)
            }
        }
        guard let best else {
            // The obstacle of the rollup of all events says most.
            choices.append(
                RollupChoice(
                    table: scan.table, obstacle: obstacles.first,
                    explanation: MetricsExplanation(candidates: candidates)))
            return nil
        }
        choices.append(
            RollupChoice(table: best.plan.table, explanation: best.plan.explanation))
        return best.question.answer(best.plan)
    }
}
