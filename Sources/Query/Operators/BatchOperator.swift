package import Expressions

/// An operator that takes its input batch by batch and gives rows of its own once it has seen all.
///
/// What cannot be done while rows stream by: sorting, windows, distinct rows. Called by one thread.
package protocol BatchOperator {
    /// Takes some rows; the order of the calls is that of the rows.
    mutating func take(_ batch: Batch) throws(QueryError)

    /// Whether further rows would change nothing, as a limit is reached.
    var isSatisfied: Bool { get }

    /// The rows, called once after the last batch.
    mutating func finish() throws(QueryError) -> [Batch]
}

extension BatchOperator {
    /// All rows are wanted.
    package var isSatisfied: Bool { false }

    /// What the operator makes of these rows.
    package mutating func run(_ batches: [Batch]) throws(QueryError) -> [Batch] {
        for batch in batches {
            if isSatisfied { break }
            try take(batch)
        }
        return try finish()
    }
}

extension QueryError {
    /// An expression that has no value for some row.
    package init(_ error: EvaluationError) {
        self.init(status: 422, code: error.code, message: error.message)
    }
}
