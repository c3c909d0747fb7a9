package import Expressions

/// An aggregate over the rows of a group.
package struct AggregateCall: Sendable, Hashable {
    /// The aggregates.
    ///
    /// All but `countRows` pass over rows in which an argument is NULL; over no rows, counts are 0
    /// and the others NULL.
    package enum Function: Sendable, Hashable {
        /// `count(*)`.
        case countRows
        /// Rows with a value in every argument.
        case count
        /// Distinct values, or combinations of the arguments, exactly.
        case countDistinct
        /// Distinct values by HyperLogLog; exact while few (see `Aggregates.HyperLogLog`).
        case uniq
        /// The union of states of distinct counts, estimated.
        case uniqMerge
        /// The union of states of distinct counts, as a state.
        case uniqUnion
        /// Integers exactly (128 bits; an error where the sum is no Int64), floats compensated.
        case sum
        case avg
        /// By value; text by bytes.
        case min
        case max
        /// The first argument where the second is least; of several such rows the least argument.
        case argMin
        case argMax
        /// Whether any row is true, and whether all are.
        case boolOr
        case boolAnd
        /// The least value: some value, but the same however the rows come.
        case any
        case standardDeviation(isSample: Bool)
        case variance(isSample: Bool)
        /// Exact; between two values interpolated (`isContinuous`), else the least value up to
        /// which that share of the values lies. One probability gives a number, several (`isList`)
        /// a JSON array.
        case quantiles([Double], isContinuous: Bool, isList: Bool)
        /// The most frequent values as a JSON array, most frequent first, ties by value.
        case topK(Int)
        /// Texts joined by a separator, by value, of at most so many bytes.
        case joined(separator: String)
    }

    /// Which aggregate.
    package var function: Function
    /// What it is computed of, over the input's columns.
    package var arguments: [Expression]
    /// Rows count only where it is true (`FILTER`, `countIf`); nil if all do.
    package var filter: Expression?
    /// Each distinct combination of arguments counts once (`sum(DISTINCT x)`).
    package var isDistinct: Bool
    /// The type of its values.
    package var type: DataType

    /// A call.
    package init(
        _ function: Function, _ arguments: [Expression], filter: Expression? = nil,
        isDistinct: Bool = false, type: DataType
    ) {
        self.function = function
        self.arguments = arguments
        self.filter = filter
        self.isDistinct = isDistinct
        self.type = type
    }
}
