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
        var monotone: [Int: Set<Expression>] = [:]
        for key in keys { key.addColumns(to: &needed, monotone: &monotone) }
        for call in calls {
            for argument in call.arguments { argument.addColumns(to: &needed) }
            call.filter?.addColumns(to: &needed)
        }
        monotone = monotone.filter { !needed.contains($0.key) }
        needed.formUnion(monotone.keys)
        let layout = layout(keys, calls, input)
        var pipeline = try pipeline(of: input, needed: needed, figures, depth: depth + 1)
        if pipeline.steps.isEmpty, case .scan(var scan) = pipeline.source {
            scan.monotone = monotone
            pipeline.source = .scan(scan)
        }
        let run = try PipelineRun(pipeline, self, figures)
        let counts = run.granuleCounts
        let work = PipelineWork(
            granuleCounts: counts, granulesPerPiece: options.granulesPerItem)
        let totals = Locked([Grouping?](repeating: nil, count: workers))
        let busy = min(workers, counts.reduce(0, +) / options.granulesPerItem + 1)
        pool.run(workers: busy) { thread in
            var worker = AggregateWorker(self, run, keys, layout)
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
        var grouping = total ?? Grouping(layout)
        let batch = try grouping.result()
        figures.record(
            number,
            OperatorCounts(
                rowsOut: batch.rowCount, nanoseconds: Clock.monotonicNanoseconds() - started))
        return [batch]
    }
}

extension SelectExecutor {
    private func layout(
        _ keys: [Expression], _ calls: [AggregateCall], _ input: LogicalPlan
    ) -> GroupLayout {
        func joint(_ expression: Expression) -> JointDictionary? {
            guard expression.type.isText, case .column(let index, _) = expression,
                let name = input.scannedColumn(index)
            else { return nil }
            return pool.joints.dictionary(of: name)
        }
        return GroupLayout(
            keys: keys.map { ($0.type, joint($0)) },
            calls: calls.map { ($0, $0.arguments.map(joint)) },
            directCells: options.directCells)
    }
}

extension LogicalPlan {
    /// The table and name of the column of a scan that a column of the rows is; nil if it is none.
    func scannedColumn(_ index: Int) -> String? {
        switch self {
        case .scan(let scan): "\(scan.table)/\(scan.columns[index].name)"
        case .filter(_, let input), .sort(_, _, let input), .limit(_, _, let input):
            input.scannedColumn(index)
        case .project(let expressions, let input):
            if case .column(let inner, _) = expressions[index] {
                input.scannedColumn(inner)
            } else {
                nil
            }
        case .oneRow, .aggregate, .window, .distinct, .union: nil
        }
    }
}

/// One thread of an aggregation.
private struct AggregateWorker {
    private let run: PipelineRun
    private let keys: [Expression]
    private let layout: GroupLayout
    /// Whether all rows are of one part, whose groups then need not be merged.
    private let isOfOnePart: Bool
    private let control: QueryControl
    private var worker: PipelineWorker
    private var counts = OperatorCounts()
    /// The memory that is reserved for the grouping at hand and the total.
    private var reserved = 0

    init(
        _ executor: SelectExecutor, _ run: PipelineRun, _ keys: [Expression],
        _ layout: GroupLayout
    ) {
        self.run = run
        self.keys = keys
        self.layout = layout
        isOfOnePart = run.granuleCounts.count == 1
        control = executor.control
        worker = PipelineWorker(run.pipeline, executor.control)
    }

    /// Works until nothing is left; the groups of all that this thread has seen.
    mutating func work(_ work: PipelineWork) throws(QueryError) -> Grouping? {
        var total: Grouping?
        var current = Grouping(layout)
        var part: Int?
        while !run.isEnding, let piece = work.next(after: part) {
            if let part, part != piece.part {
                try finish(current, into: &total)
                current = Grouping(layout)
            }
            part = piece.part
            var grouping = current
            current = Grouping(layout)
            let (keys, calls) = (keys, layout.calls.map(\.call))
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
        if part != nil { try finish(current, into: &total) }
        return total
    }

    private func finish(
        _ current: Grouping, into total: inout Grouping?
    ) throws(QueryError) {
        if isOfOnePart {
            total = current
            return
        }
        if total == nil { total = Grouping(layout) }
        try total?.merge(current)
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
