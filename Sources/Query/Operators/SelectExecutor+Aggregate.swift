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
        var pipeline = try pipeline(of: input, needed: needed, figures, depth: depth + 1)
        if pipeline.steps.isEmpty, case .scan(var scan) = pipeline.source {
            scan.monotone = monotone
            pipeline.source = .scan(scan)
        }
        let run = try PipelineRun(pipeline, self, figures)
        let counts = run.granuleCounts
        let isOfOnePart = counts.count == 1
        let layout = layout(keys, calls, isOfOnePart ? nil : input)
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
        let batches = try results(totals.withLock { $0 }.compactMap { $0 }, layout)
        figures.record(
            number,
            OperatorCounts(
                rowsOut: batches.reduce(0) { $0 + $1.rowCount },
                nanoseconds: Clock.monotonicNanoseconds() - started))
        return batches
    }

    /// The groups of all groupings as rows.
    private func results(
        _ groupings: [Grouping], _ layout: GroupLayout
    ) throws(QueryError) -> [Batch] {
        guard groupings.count > 1, !layout.keys.isEmpty,
            groupings.reduce(0, { $0 + $1.groupCount }) >= options.sharedGroupsLeast
        else {
            var total = groupings.first ?? Grouping(layout)
            for next in groupings.dropFirst() {
                try control.check()
                try total.merge(next)
            }
            return [try total.result()]
        }
        let shareCount = min(workers, 64)
        let batches = Locked([Batch?](repeating: nil, count: shareCount))
        let failure = Locked<QueryError?>(nil)
        let next = Atomic(0)
        pool.run(workers: shareCount) { _ in
            while failure.withLock({ $0 == nil }) {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < shareCount else { return }
                do throws(QueryError) {
                    var total = Grouping(layout)
                    let share = Grouping.Share(index, of: shareCount, groupings)
                    for grouping in groupings {
                        try control.check()
                        try total.merge(grouping, share)
                    }
                    let batch = try total.result()
                    batches.withLock { $0[index] = batch }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return batches.withLock { $0 }.compactMap { $0 }
    }
}

extension SelectExecutor {
    /// Of rows of one part no joint dictionaries are needed; those of others come from `input`.
    private func layout(
        _ keys: [Expression], _ calls: [AggregateCall], _ input: LogicalPlan?
    ) -> GroupLayout {
        func joint(_ expression: Expression) -> JointDictionary? {
            guard expression.type.isText, case .column(let index, _) = expression,
                let name = input?.scannedColumn(index)
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
