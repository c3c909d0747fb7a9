internal import Base
internal import Expressions
internal import Store
internal import Synchronization

extension SelectExecutor {
    /// The pipeline that ends with a plan, of whose columns only some are needed.
    func pipeline(
        of plan: LogicalPlan, needed: Set<Int>, _ figures: OperatorFigures, depth: Int
    ) throws(QueryError) -> Pipeline {
        switch plan {
        case .filter(let condition, .scan(let scan)):
            let filter = figures.add("filter", depth: depth)
            var conditions = condition.conjuncts.map { ScanCondition($0) }
            conditions.removeAll { $0.expression == .constant(.boolean(true), .boolean) }
            return try self.scan(scan, conditions, needed, filter, figures, depth: depth + 1)
        case .filter(let condition, let input):
            let number = figures.add("filter", depth: depth)
            var pipeline = try self.pipeline(
                of: input, needed: needed.union(condition.columns), figures, depth: depth + 1)
            pipeline.steps.append(.filter(condition, number: number))
            return pipeline
        case .project(let expressions, let input):
            let number = figures.add("project", depth: depth)
            var columns: Set<Int> = []
            var kept = expressions
            for index in expressions.indices {
                if needed.contains(index) {
                    expressions[index].addColumns(to: &columns)
                } else {
                    kept[index] = .constant(.null, expressions[index].type)
                }
            }
            var pipeline = try self.pipeline(
                of: input, needed: columns, figures, depth: depth + 1)
            pipeline.steps.append(.project(kept, number: number))
            return pipeline
        case .scan(let scan):
            return try self.scan(scan, [], needed, nil, figures, depth: depth)
        case .oneRow:
            return Pipeline(source: .batches([Batch(columns: [], rowCount: 1)]))
        case .aggregate, .window, .sort, .limit, .distinct, .union:
            return Pipeline(source: .batches(try collect(plan, figures, depth: depth)))
        }
    }

    private func scan(
        _ scan: TableScan, _ conditions: [ScanCondition], _ needed: Set<Int>, _ filter: Int?,
        _ figures: OperatorFigures, depth: Int
    ) throws(QueryError) -> Pipeline {
        let number = figures.add("scan \(scan.table)", depth: depth)
        guard let table = systemTables(scan.table) else {
            return Pipeline(
                source: .scan(
                    Pipeline.Scan(
                        scan: scan, conditions: conditions, wanted: needed.sorted(),
                        scanNumber: number, filterNumber: filter)))
        }
        let batches = table.batches.map { batch in
            Batch(
                columns: scan.columns.map { column in
                    guard let index = table.columns.firstIndex(where: { $0.name == column.name })
                    else {
                        return .nulls(type: column.type.valueType, count: batch.rowCount)
                    }
                    return batch.columns[index]
                }, rowCount: batch.rowCount)
        }
        var counts = OperatorCounts()
        counts.rowsIn = batches.reduce(0) { $0 + $1.rowCount }
        counts.rowsOut = counts.rowsIn
        figures.record(number, counts)
        let steps = conditions.map { condition in
            Pipeline.Step.filter(condition.expression, number: filter ?? number)
        }
        return Pipeline(source: .batches(batches), steps: steps)
    }

    /// Runs a pipeline; the pieces go to the sink in the order of the rows, each reduced by an
    /// operator where one is given.
    func stream(
        _ pipeline: Pipeline, _ figures: OperatorFigures, reduce: LogicalPlan?, _ sink: Sink
    ) throws(QueryError) {
        let run = try PipelineRun(pipeline, self, figures)
        let pieces = PipelineWork.pieces(
            granuleCounts: run.granuleCounts, granulesPerPiece: options.granulesPerItem)
        // A few pieces at first, as a limit may end it soon.
        var first = 0
        var waveCount = workers
        while first < pieces.count {
            let wave = Array(pieces[first..<min(first + waveCount, pieces.count)])
            let results = try self.wave(wave, run, reduce)
            for batch in results.joined() where batch.rowCount > 0 {
                guard try sink(batch) else { return }
            }
            first += wave.count
            waveCount = min(waveCount * 2, workers * 8)
        }
    }

    private func wave(
        _ pieces: [PipelineWork.Piece], _ run: PipelineRun, _ reduce: LogicalPlan?
    ) throws(QueryError) -> [[Batch]] {
        let results = Locked([[Batch]](repeating: [], count: pieces.count))
        let next = Atomic(0)
        pool.run(workers: min(workers, pieces.count)) { _ in
            var worker = PipelineWorker(run.pipeline, control)
            defer { run.record(worker) }
            while !run.isEnding {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < pieces.count else { return }
                do throws(QueryError) {
                    var batches: [Batch] = []
                    try run.batches(of: pieces[number], &worker) {
                        (_, flow) throws(QueryError) in
                        batches.append(flow.batch)
                    }
                    if let reduce {
                        var reducing = makeOperator(reduce)
                        batches = try reducing.run(batches)
                    }
                    let found = batches
                    results.withLock { $0[number] = found }
                } catch {
                    run.fail(error)
                }
            }
        }
        try run.throwFailure()
        return results.withLock { $0 }
    }
}
