internal import Base
internal import Expressions
internal import Store
internal import Synchronization

/// A pipeline with its parts prepared, ready for threads to work on.
final class PipelineRun: Sendable {
    let pipeline: Pipeline
    private let control: QueryControl
    private let cache: BlockCache
    /// The number of the query for the cache.
    private let query: Int
    private let figures: OperatorFigures
    /// Of scans.
    private let parts: [PreparedPart]
    /// Rows of one batch of another source, at most.
    private static let sliceRows = 1 << 16
    private let slices: [(batch: Int, rows: Range<Int>)]
    private let failure = Locked<QueryError?>(nil)
    private let hasFailed = Atomic(false)

    init(
        _ pipeline: Pipeline, _ executor: SelectExecutor, _ figures: OperatorFigures
    ) throws(QueryError) {
        self.pipeline = pipeline
        control = executor.control
        cache = executor.pool.blocks
        query = cache.begin()
        self.figures = figures
        switch pipeline.source {
        case .scan(let scan):
            parts = try Self.prepare(scan, executor, figures)
            slices = []
        case .batches(let batches):
            parts = []
            var slices: [(batch: Int, rows: Range<Int>)] = []
            for (number, batch) in batches.enumerated() {
                for start in stride(from: 0, to: batch.rowCount, by: Self.sliceRows) {
                    let end = min(start + Self.sliceRows, batch.rowCount)
                    slices.append((number, start..<end))
                }
            }
            self.slices = slices
        }
    }

    /// How many granules each part has; other sources are one part whose granules are slices.
    var granuleCounts: [Int] {
        if case .scan = pipeline.source { return parts.map(\.granules.count) }
        return [slices.count]
    }

    /// What ended a thread's work early.
    func throwFailure() throws(QueryError) {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    var isEnding: Bool { hasFailed.load(ordering: .relaxed) }

    func fail(_ error: QueryError) {
        failure.withLock { if $0 == nil { $0 = error } }
        hasFailed.store(true, ordering: .relaxed)
    }

    /// The batches of a piece, after all steps.
    func batches(
        of piece: PipelineWork.Piece, _ worker: inout PipelineWorker,
        _ take: (inout PipelineWorker, Flow) throws(QueryError) -> Void
    ) throws(QueryError) {
        switch pipeline.source {
        case .scan(let scan): try scanned(piece, scan, &worker, take)
        case .batches(let batches):
            for granule in piece.granules {
                let slice = slices[granule]
                let batch = batches[slice.batch]
                let columns = batch.columns.map { $0.slice(slice.rows) }
                let flow = Flow(
                    batch: Batch(columns: columns, rowCount: slice.rows.count),
                    isOfPart: columns.map { _ in false })
                try take(&worker, try worker.run(pipeline.steps, flow))
            }
        }
    }

    private func scanned(
        _ piece: PipelineWork.Piece, _ scan: Pipeline.Scan, _ worker: inout PipelineWorker,
        _ take: (inout PipelineWorker, Flow) throws(QueryError) -> Void
    ) throws(QueryError) {
        let part = parts[piece.part]
        try control.check()
        let started = Clock.monotonicNanoseconds()
        var reader = GranuleReader(part, scan, cache, query: query)
        let granules = part.granules[piece.granules]
        let batches: [GranuleReader.Scanned]
        do throws(ScanFailure) {
            batches = try reader.read(granules, &worker.evaluator)
        } catch {
            try lose(part.part, error, scan)
            return
        }
        var counts = OperatorCounts()
        for granule in granules { counts.rowsIn += part.part.rowCount(granule: granule.number) }
        counts.rowsOut = batches.reduce(0) { $0 + $1.batch.rowCount }
        counts.nanoseconds = Clock.monotonicNanoseconds() - started
        record(scan, counts, granules.count, reader.bytesRead)
        let isOfPart = part.columns.indices.map { part.hasDictionary($0) }
        for batch in batches {
            let flow = Flow(batch: batch.batch, isOfPart: isOfPart, known: batch.known)
            try take(&worker, try worker.run(pipeline.steps, flow))
        }
    }

    private func record(
        _ scan: Pipeline.Scan, _ counts: OperatorCounts, _ granuleCount: Int, _ bytesRead: Int
    ) {
        var ofScan = SelectStatistics.Scan()
        ofScan.granulesRead = granuleCount
        ofScan.bytesRead = bytesRead
        figures.record(scan.scanNumber, ofScan)
        guard let filter = scan.filterNumber else {
            figures.record(scan.scanNumber, counts)
            return
        }
        var ofFilter = counts
        ofFilter.nanoseconds = 0
        figures.record(filter, ofFilter)
        var ofRows = counts
        ofRows.rowsOut = ofRows.rowsIn
        figures.record(scan.scanNumber, ofRows)
    }

    /// Rows of damaged parts are left out, and the statistics say so.
    private func lose(
        _ part: any TablePart, _ failure: ScanFailure, _ scan: Pipeline.Scan
    ) throws(QueryError) {
        let lost = try Self.rowsLost(part, failure)
        figures.record(scan.scanNumber, lost)
    }

    private static func rowsLost(
        _ part: any TablePart, _ failure: ScanFailure
    ) throws(QueryError) -> SelectStatistics.Scan {
        switch failure {
        case .query(let error): throw error
        case .storage(.corrupt):
            var scan = SelectStatistics.Scan()
            scan.rowsLost = part.rowCount
            return scan
        case .storage(let error):
            throw QueryError(
                status: 503, code: "storage_unavailable", message: error.description)
        }
    }

    /// Adds what a thread did in the steps.
    func record(_ worker: PipelineWorker) {
        for (step, counts) in zip(pipeline.steps, worker.counts) {
            figures.record(step.number, counts)
        }
    }

    /// Prepares the parts of a scan, several at a time.
    private static func prepare(
        _ scan: Pipeline.Scan, _ executor: SelectExecutor, _ figures: OperatorFigures
    ) throws(QueryError) -> [PreparedPart] {
        let table = scan.scan.table
        let parts =
            scan.scan.beyond.map { executor.source.sources(table: table, beyond: $0) }
            ?? executor.source.sources(table: table)
        let slots = Locked([PreparedPart?](repeating: nil, count: parts.count))
        let failure = Locked<QueryError?>(nil)
        let next = Atomic(0)
        executor.pool.run(workers: min(executor.workers, parts.count)) { _ in
            var evaluator = Evaluator()
            while true {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < parts.count else { return }
                do throws(QueryError) {
                    try executor.control.check()
                    let part = try prepare(
                        parts[number], scan, &evaluator, figures)
                    slots.withLock { $0[number] = part }
                } catch {
                    failure.withLock { if $0 == nil { $0 = error } }
                    return
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return slots.withLock { $0 }.compactMap { $0 }
    }

    private static func prepare(
        _ part: any TablePart, _ scan: Pipeline.Scan, _ evaluator: inout Evaluator,
        _ figures: OperatorFigures
    ) throws(QueryError) -> PreparedPart? {
        var figure = SelectStatistics.Scan()
        figure.partsTotal = 1
        figure.granulesTotal = part.granuleCount
        do throws(StoreError) {
            let prepared = try PreparedPart(part, scan.scan, scan.conditions, &evaluator)
            figure.partsRead = prepared.granules.isEmpty ? 0 : 1
            figures.record(scan.scanNumber, figure)
            return prepared.granules.isEmpty ? nil : prepared
        } catch {
            figure.add(try rowsLost(part, .storage(error)))
            figures.record(scan.scanNumber, figure)
            return nil
        }
    }
}
