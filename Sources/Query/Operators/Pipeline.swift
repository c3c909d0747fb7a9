internal import Base
internal import Expressions
internal import Store

/// Operators through which rows go batch by batch: a source, then filters and projections.
struct Pipeline: Sendable {
    /// Where rows come from.
    enum Source: Sendable {
        case scan(Scan)
        case batches([Batch])
    }

    /// A scan with the conditions that stand directly over it.
    struct Scan: Sendable {
        var scan: TableScan
        var conditions: [ScanCondition]
        /// The columns that are read beyond those of the conditions.
        var wanted: [Int]
        /// Of columns of times that are wanted only for functions that never fall: those functions.
        ///
        /// Where the times of a granule leave no doubt of their values, times are not read.
        var monotone: [Int: Set<Expression>] = [:]
        /// Of the scan and of the filter, in the figures.
        var scanNumber: Int
        var filterNumber: Int?
    }

    enum Step: Sendable {
        case filter(Expression, number: Int)
        /// Expressions that nobody asks for are NULL.
        case project([Expression], number: Int)

        var number: Int {
            switch self {
            case .filter(_, let number), .project(_, let number): number
            }
        }
    }

    var source: Source
    var steps: [Step] = []
}

/// A batch in a pipeline.
struct Flow {
    var batch: Batch
    /// For each column whether its dictionary is that of a part: distinct entries that ascend.
    var isOfPart: [Bool]
    /// The values of expressions that are the same in all rows, as far as that is known; the
    /// columns that they read may be missing.
    var known: [Expression: Int64] = [:]
}

/// What one thread needs to run a pipeline.
struct PipelineWorker {
    let control: QueryControl
    var evaluator = Evaluator()
    /// By step of the pipeline.
    var counts: [OperatorCounts]

    init(_ pipeline: Pipeline, _ control: QueryControl) {
        self.control = control
        counts = pipeline.steps.map { _ in OperatorCounts() }
    }

    /// Takes a batch through the steps.
    mutating func run(_ steps: [Pipeline.Step], _ flow: Flow) throws(QueryError) -> Flow {
        try control.check()
        var flow = flow
        for (index, step) in steps.enumerated() {
            let started = Clock.monotonicNanoseconds()
            counts[index].rowsIn += flow.batch.rowCount
            switch step {
            case .filter(let condition, _): try filter(condition, &flow)
            case .project(let expressions, _): try project(expressions, &flow)
            }
            counts[index].rowsOut += flow.batch.rowCount
            counts[index].nanoseconds += Clock.monotonicNanoseconds() - started
        }
        return flow
    }

    /// The values of an expression, and whether their dictionary is that of a part.
    mutating func evaluate(
        _ expression: Expression, _ flow: Flow
    ) throws(QueryError) -> (vector: Vector, isOfPart: Bool) {
        if case .column(let index, _) = expression {
            return (flow.batch.columns[index], flow.isOfPart[index])
        }
        if !flow.known.isEmpty, let value = flow.known[expression] {
            let numbers = [Int64](repeating: value, count: flow.batch.rowCount)
            return (
                Vector(type: expression.type.valueType, values: .integers(numbers)), false
            )
        }
        do throws(EvaluationError) {
            return (try evaluator.evaluate(expression, flow.batch), false)
        } catch {
            throw QueryError(error)
        }
    }

    /// The rows for which a condition is true.
    mutating func selection(
        _ condition: Expression, _ batch: Batch
    ) throws(QueryError) -> Bitmap {
        do throws(EvaluationError) {
            return try evaluator.selection(condition, batch)
        } catch {
            throw QueryError(error)
        }
    }

    private mutating func filter(_ condition: Expression, _ flow: inout Flow) throws(QueryError) {
        let rows = try selection(condition, flow.batch).rowNumbers
        if rows.count == flow.batch.rowCount { return }
        flow.batch.columns = flow.batch.columns.map { $0.gathered(rows[...]) }
        flow.batch.rowCount = rows.count
    }

    private mutating func project(
        _ expressions: [Expression], _ flow: inout Flow
    ) throws(QueryError) {
        var columns: [Vector] = []
        var isOfPart: [Bool] = []
        for expression in expressions {
            if case .constant(.null, let type) = expression {
                columns.append(.nulls(type: type.valueType, count: flow.batch.rowCount))
                isOfPart.append(false)
                continue
            }
            let found = try evaluate(expression, flow)
            columns.append(found.vector)
            isOfPart.append(found.isOfPart)
        }
        flow = Flow(
            batch: Batch(columns: columns, rowCount: flow.batch.rowCount), isOfPart: isOfPart)
    }
}
