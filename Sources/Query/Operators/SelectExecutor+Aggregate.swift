internal import Base
internal import Expressions
internal import Store
internal import Synchronization

extension SelectExecutor {
    /// The groups of a plan's rows: one grouping for each thread and part, merged thread by thread
    /// and then all.
    func aggregate(
        _ keys: [Expression], _ calls: [AggregateCall], _ input: LogicalPlan, _ number: Int,
        _ figures: OperatorFigures, depth: Int
    ) throws(QueryError) -> [Batch] {
        var needed: Set<Int> = []
        for key in keys { key.addColumns(to: &needed) }
        for call in calls {
            for argument in call.arguments { argument.addColumns(to: &needed) }
            call.filter?.addColumns(to: &needed)
        }
        let pipeline = try pipeline(of: input, needed: needed, figures, depth: depth + 1)
        let run = try PipelineRun(pipeline, self, figures)
        let counts = run.granuleCounts
        let work = PipelineWork(
            granuleCounts: counts, granulesPerPiece: options.granulesPerItem)
        let totals = Locked([Grouping?](repeating: nil, count: workers))
        let busy = min(workers, counts.reduce(0, +) / options.granulesPerItem + 1)
        pool.run(workers: busy) { thread in
            var worker = AggregateWorker(self, run, keys, calls)
            do throws(QueryError) {
                let total = try worker.work(work)
                totals.withLock { $0[thread] = total }
            } catch {
                run.fail(error)
            }
            worker.record(number, figures)
        }
        try run.throwFailure()
        let started = Clock.monotonicNanoseconds()
        var total: Grouping?
        for next in totals.withLock({ $0 }).compactMap({ $0 }) {
            try control.check()
            if total == nil { total = next } else { try total?.merge(next) }
        }
        var grouping = total ?? Grouping(keys, calls, options)
        let batch = try grouping.result()
        figures.record(
            number,
            OperatorCounts(
                rowsOut: batch.rowCount, nanoseconds: Clock.monotonicNanoseconds() - started))
        return [batch]
    }
}

extension Grouping {
    fileprivate init(
        _ keys: [Expression], _ calls: [AggregateCall], _ options: SelectExecutor.Options
    ) {
        self.init(
            keyTypes: keys.map(\.type), calls: calls, directCells: options.directCells)
    }
}

/// One thread of an aggregation.
private struct AggregateWorker {
    private let run: PipelineRun
    private let keys: [Expression]
    private let calls: [AggregateCall]
    private let options: SelectExecutor.Options
    private let control: QueryControl
    private var worker: PipelineWorker
    private var counts = OperatorCounts()
    /// The memory that is reserved for the grouping at hand and the total.
    private var reserved = 0

    init(
        _ executor: SelectExecutor, _ run: PipelineRun, _ keys: [Expression],
        _ calls: [AggregateCall]
    ) {
        self.run = run
        self.keys = keys
        self.calls = calls
        options = executor.options
        control = executor.control
        worker = PipelineWorker(run.pipeline, executor.control)
    }

    /// Works until nothing is left; the groups of all that this thread has seen.
    mutating func work(_ work: PipelineWork) throws(QueryError) -> Grouping? {
        var total: Grouping?
        var current = Grouping(keys, calls, options)
        var part: Int?
        while !run.isEnding, let piece = work.next(after: part) {
            if let part, part != piece.part {
                try Self.finish(&current, into: &total)
                current = Grouping(keys, calls, options)
            }
            part = piece.part
            var grouping = current
            current = Grouping(keys, calls, options)
            let (keys, calls) = (keys, calls)
            var counts = counts
            try run.batches(of: piece, &worker) { worker, flow throws(QueryError) in
                let started = Clock.monotonicNanoseconds()
                try Self.add(flow, keys, calls, &worker, to: &grouping)
                counts.rowsIn += flow.batch.rowCount
                counts.nanoseconds += Clock.monotonicNanoseconds() - started
            }
            self.counts = counts
            current = grouping
            try reserve(current.byteCount + (total?.byteCount ?? 0))
        }
        if part != nil { try Self.finish(&current, into: &total) }
        return total
    }

    private static func finish(
        _ current: inout Grouping, into total: inout Grouping?
    ) throws(QueryError) {
        if total == nil { total = current } else { try total?.merge(current) }
    }

    private static func add(
        _ flow: Flow, _ keys: [Expression], _ calls: [AggregateCall],
        _ worker: inout PipelineWorker, to grouping: inout Grouping
    ) throws(QueryError) {
        var keyVectors: [(vector: Vector, isOfPart: Bool)] = []
        for key in keys { keyVectors.append(try worker.evaluate(key, flow)) }
        var arguments: [(vectors: [Vector], areOfPart: [Bool])] = []
        var filters: [Bitmap?] = []
        for call in calls {
            var found: (vectors: [Vector], areOfPart: [Bool]) = ([], [])
            for argument in call.arguments {
                let (vector, isOfPart) = try worker.evaluate(argument, flow)
                found.vectors.append(vector)
                found.areOfPart.append(isOfPart)
            }
            arguments.append(found)
            if let filter = call.filter {
                filters.append(try worker.selection(filter, flow.batch))
            } else {
                filters.append(nil)
            }
        }
        try grouping.add(
            keys: keyVectors, arguments: arguments, filters: filters,
            rowCount: flow.batch.rowCount)
    }

    private mutating func reserve(_ bytes: Int) throws(QueryError) {
        if bytes > reserved {
            try control.reserve(bytes - reserved)
        } else {
            control.release(reserved - bytes)
        }
        reserved = bytes
    }

    func record(_ number: Int, _ figures: OperatorFigures) {
        figures.record(number, counts)
        run.record(worker)
    }
}
