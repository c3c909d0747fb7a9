/// What a scalar function does with the rows of a batch.
package struct FunctionKernel: Sendable {
    /// Takes the operands, one for each argument, and how many rows there are; gives a vector of
    /// the call's type with as many.
    package typealias Body =
        @Sendable (_ operands: [Operand], _ rowCount: Int) throws(EvaluationError) -> Vector

    /// Whether the result is NULL wherever an operand is.
    ///
    /// Then the body need not look at validity: rows without a value hold 0, false or the empty
    /// text, and what the body makes of them is not looked at.
    package let propagatesNull: Bool
    /// Whether the body ever throws.
    package let canFail: Bool
    /// The loop over the rows.
    package let body: Body

    /// A kernel.
    package init(propagatesNull: Bool = true, canFail: Bool = true, body: @escaping Body) {
        self.propagatesNull = propagatesNull
        self.canFail = canFail
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
    /// One sentence that names the values.
    package var message: String

    /// An error of evaluation.
    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
