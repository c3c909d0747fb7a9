internal import Base
internal import Expressions

/// The expressions that an operator needs of each batch, as columns: those that the batch has, and
/// computed ones behind them.
struct ComputedColumns {
    /// The expressions that are no columns.
    private var computed: [Expression] = []
    /// By expression, its place among them.
    private var places: [Expression: Int] = [:]
    private var evaluator = Evaluator()
    /// How many columns the input has.
    private(set) var inputCount = 0

    init(_ expressions: [Expression]) {
        for expression in expressions where expression.columnIndex == nil {
            if places[expression] != nil { continue }
            places[expression] = computed.count
            computed.append(expression)
        }
    }

    /// Adds the computed columns to a batch; all batches have as many columns.
    mutating func extend(_ batch: Batch) throws(QueryError) -> Batch {
        inputCount = batch.columns.count
        var extended = batch
        for expression in computed {
            do throws(EvaluationError) {
                extended.columns.append(try evaluator.evaluate(expression, batch))
            } catch {
                throw QueryError(error)
            }
        }
        return extended
    }

    /// The number of the column that has an expression's values in extended batches.
    func index(of expression: Expression) -> Int {
        if let index = expression.columnIndex { return index }
        guard let place = places[expression] else {
            fatalError("an expression that was not asked for")
        }
        return inputCount + place
    }

    /// The keys of extended rows, given their columns by number.
    func orderKeys(
        _ keys: [SortKey], _ column: (Int) throws(QueryError) -> Vector
    ) throws(QueryError) -> [OrderKey] {
        var found: [OrderKey] = []
        for key in keys {
            let vector = try column(index(of: key.expression))
            found.append(
                OrderKey(
                    vector,
                    KeyDirection(isDescending: key.isDescending, nullsFirst: key.nullsFirst)))
        }
        return found
    }
}

extension Expression {
    /// The number of the column, if it is nothing but one.
    fileprivate var columnIndex: Int? {
        if case .column(let index, _) = self { return index }
        return nil
    }
}
