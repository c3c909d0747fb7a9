internal import Base
internal import Expressions

/// Evaluates expressions on batches, with the errors of queries.
struct ExpressionVectors {
    private var evaluator = Evaluator()

    /// The values of expressions, a vector for each.
    mutating func evaluate(
        _ expressions: [Expression], _ batch: Batch
    ) throws(QueryError) -> [Vector] {
        var vectors: [Vector] = []
        vectors.reserveCapacity(expressions.count)
        for expression in expressions {
            do throws(EvaluationError) {
                vectors.append(try evaluator.evaluate(expression, batch))
            } catch {
                throw QueryError(error)
            }
        }
        return vectors
    }
}

/// The keys of a sort as columns: those of the input, or computed ones behind them.
struct KeyColumns {
    private let keys: [SortKey]
    private var evaluator = ExpressionVectors()
    /// How many columns the input has.
    private(set) var inputCount = 0

    init(_ keys: [SortKey]) { self.keys = keys }

    /// Adds a column for each key that is not one of the batch's.
    mutating func extend(_ batch: Batch) throws(QueryError) -> Batch {
        inputCount = batch.columns.count
        let computed = keys.map(\.expression).filter { $0.columnIndex == nil }
        if computed.isEmpty { return batch }
        var batch = batch
        batch.columns += try evaluator.evaluate(computed, batch)
        return batch
    }

    /// The keys of extended rows, given their columns by number.
    func orderKeys(
        _ column: (Int) throws(QueryError) -> Vector
    ) throws(QueryError) -> [OrderKey] {
        var found: [OrderKey] = []
        var next = inputCount
        for key in keys {
            var index = next
            if let column = key.expression.columnIndex { index = column } else { next += 1 }
            found.append(OrderKey(try column(index), key.direction))
        }
        return found
    }
}

extension SortKey {
    /// How its values are ordered.
    var direction: KeyDirection {
        KeyDirection(isDescending: isDescending, nullsFirst: nullsFirst)
    }
}

extension Expression {
    /// The number of the column, if it is nothing but one.
    var columnIndex: Int? {
        if case .column(let index, _) = self { return index }
        return nil
    }
}
