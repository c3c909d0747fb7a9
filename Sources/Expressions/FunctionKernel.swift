/// What a scalar function does with the rows of a batch.
package struct FunctionKernel: Sendable {
    /// Takes the operands, one for each argument, and how many rows there are; gives a vector of
    /// the call's type with as many.
    package typealias Body =
        @Sendable (_ operands: [Operand], _ rowCount: Int) throws(EvaluationError) -> Vector

    /// Whether the result is NULL exactly where an operand is.
    ///
    /// Then the body is called with rows that have all values, and need not look at validity.
    package let propagatesNull: Bool
    package let body: Body

    /// A kernel.
    package init(propagatesNull: Bool = true, body: @escaping Body) {
        self.propagatesNull = propagatesNull
        self.body = body
    }
}

/// One operand of a kernel.
package enum Operand: Sendable {
    /// The same value in every row.
    case constant(Value)
    case vector(Vector)
}

/// Why an expression has no value for some row, as the sender of the query is told.
package struct EvaluationError: Error, Sendable, Equatable {
    /// In snake case: `division_by_zero`, `out_of_range`, `invalid_value`, `query_limit`.
    package var code: String
    package var message: String

    /// An error of evaluation.
    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
