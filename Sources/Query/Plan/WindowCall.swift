package import Expressions

/// A window function: a value for each row from the rows of its partition.
package struct WindowCall: Sendable, Hashable {
    /// The functions.
    package enum Function: Sendable, Hashable {
        case rowNumber
        case rank
        case denseRank
        case percentRank
        case cumulativeDistribution
        case ntile(Int)
        /// The argument some rows before (negative: after) in the partition, else the default,
        /// which is the second argument if there is one.
        case lag(Int)
        case firstValue
        case lastValue
        /// An aggregate over the frame; its arguments are those of the window call.
        case aggregate(AggregateCall.Function)
    }

    /// A side of a frame, relative to the current row.
    package enum Bound: Sendable, Hashable {
        case unboundedPreceding
        case preceding(Int)
        case currentRow
        case following(Int)
        case unboundedFollowing
    }

    /// Which rows of the partition a function sees.
    package struct Frame: Sendable, Hashable {
        /// Rows are counted one by one; else the current row's peers, equal in order, are in.
        package var isRows: Bool
        /// The first row.
        package var start: Bound
        /// The last row.
        package var end: Bound

        /// A frame.
        package init(isRows: Bool, start: Bound, end: Bound) {
            self.isRows = isRows
            self.start = start
            self.end = end
        }
    }

    /// Which function.
    package var function: Function
    /// What it is computed of.
    package var arguments: [Expression]
    /// Rows that are equal in these see each other.
    package var partition: [Expression]
    /// The order within a partition.
    package var order: [SortKey]
    /// The rows that an aggregate sees.
    package var frame: Frame
    /// The type of its values.
    package var type: DataType

    /// A call.
    package init(
        _ function: Function, _ arguments: [Expression], partition: [Expression],
        order: [SortKey], frame: Frame, type: DataType
    ) {
        self.function = function
        self.arguments = arguments
        self.partition = partition
        self.order = order
        self.frame = frame
        self.type = type
    }
}
