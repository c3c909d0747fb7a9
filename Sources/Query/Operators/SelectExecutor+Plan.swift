internal import Base
internal import Expressions
internal import Store
internal import Synchronization

extension SelectExecutor {
    /// Takes rows; false where no more are wanted.
    typealias Sink = (Batch) throws(QueryError) -> Bool

    /// Runs a plan; rows go to the sink in their order, from this thread.
    func execute(
        _ plan: LogicalPlan, _ figures: OperatorFigures, depth: Int, _ sink: Sink
    ) throws(QueryError) {
        switch plan {
        case .scan, .oneRow, .filter, .project:
            let needed = Set(plan.types.indices)
            let pipeline = try pipeline(of: plan, needed: needed, figures, depth: depth)
            try stream(pipeline, figures, reduce: nil, sink)
        case .aggregate(let keys, let calls, let input):
            let number = figures.add("aggregate", depth: depth)
            let batches = try aggregate(keys, calls, input, number, figures, depth: depth)
            for batch in batches where batch.rowCount > 0 {
                guard try sink(batch) else { return }
            }
        case .limit(let count, let offset, let input):
            let number = figures.add("limit", depth: depth)
            try limit(count, offset, input, number, figures, depth: depth, sink)
        case .union(let inputs):
            let number = figures.add("union", depth: depth)
            var goesOn = true
            for input in inputs where goesOn {
                try execute(input, figures, depth: depth + 1) { batch throws(QueryError) in
                    let counts = OperatorCounts(rowsIn: batch.rowCount, rowsOut: batch.rowCount)
                    figures.record(number, counts)
                    goesOn = try sink(batch)
                    return goesOn
                }
            }
        case .window, .sort, .distinct:
            try runOperator(plan, figures, depth: depth, sink)
        }
    }

    private func limit(
        _ count: Int?, _ offset: Int, _ input: LogicalPlan, _ number: Int,
        _ figures: OperatorFigures, depth: Int, _ sink: Sink
    ) throws(QueryError) {
        var toSkip = offset
        var left = count ?? .max
        if left == 0 { return }
        try execute(input, figures, depth: depth + 1) { batch throws(QueryError) in
            let start = min(toSkip, batch.rowCount)
            toSkip -= start
            let end = start + min(left, batch.rowCount - start)
            left -= end - start
            figures.record(
                number, OperatorCounts(rowsIn: batch.rowCount, rowsOut: end - start))
            if start < end {
                let columns = batch.columns.map { $0.slice(start..<end) }
                guard try sink(Batch(columns: columns, rowCount: end - start)) else {
                    return false
                }
            }
            return left > 0
        }
    }

    /// Runs an operator that needs all rows of its input.
    private func runOperator(
        _ plan: LogicalPlan, _ figures: OperatorFigures, depth: Int, _ sink: Sink
    ) throws(QueryError) {
        let (name, input): (String, LogicalPlan)
        switch plan {
        case .window(_, let inner): (name, input) = ("window", inner)
        case .sort(_, let limit, let inner):
            (name, input) = (limit.map { "top \($0)" } ?? "sort", inner)
        case .distinct(let inner): (name, input) = ("distinct", inner)
        default: fatalError("not an operator on all rows")
        }
        let number = figures.add(name, depth: depth)
        var running = makeOperator(plan)
        var counts = OperatorCounts()
        let take: Sink = { batch throws(QueryError) in
            let started = Clock.monotonicNanoseconds()
            counts.rowsIn += batch.rowCount
            try running.take(batch)
            counts.nanoseconds += Clock.monotonicNanoseconds() - started
            return !running.isSatisfied
        }
        if case .sort(_, .some, _) = plan, let pipeline = try self.streamed(input, figures, depth) {
            // Each piece of work leaves only what can be among the first.
            try stream(pipeline, figures, reduce: plan, take)
        } else {
            try execute(input, figures, depth: depth + 1, take)
        }
        let started = Clock.monotonicNanoseconds()
        let batches = try running.finish()
        counts.nanoseconds += Clock.monotonicNanoseconds() - started
        counts.rowsOut = batches.reduce(0) { $0 + $1.rowCount }
        figures.record(number, counts)
        for batch in batches where batch.rowCount > 0 {
            guard try sink(batch) else { return }
        }
    }

    /// The pipeline of a plan that is one.
    private func streamed(
        _ plan: LogicalPlan, _ figures: OperatorFigures, _ depth: Int
    ) throws(QueryError) -> Pipeline? {
        switch plan {
        case .scan, .filter, .project:
            try pipeline(
                of: plan, needed: Set(plan.types.indices), figures, depth: depth + 1)
        default: nil
        }
    }

    /// The operator of a node that needs all rows.
    func makeOperator(_ plan: LogicalPlan) -> any BatchOperator {
        switch plan {
        case .sort(let keys, nil, _): SortOperator(keys, control: control)
        case .sort(let keys, let limit?, _): TopNOperator(keys, limit: limit, control: control)
        case .window(let calls, _): WindowOperator(calls, control: control)
        case .distinct: DistinctOperator(control: control)
        default: fatalError("not an operator on all rows")
        }
    }

    /// All rows of a plan.
    func collect(
        _ plan: LogicalPlan, _ figures: OperatorFigures, depth: Int
    ) throws(QueryError) -> [Batch] {
        var batches: [Batch] = []
        try execute(plan, figures, depth: depth) { batch throws(QueryError) in
            try control.reserve(batch.columns.reduce(0) { $0 + $1.rowBytes })
            batches.append(batch)
            return true
        }
        return batches
    }
}
