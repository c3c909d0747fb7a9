package import Base
package import Expressions

/// What a SELECT computes, as a tree of relational operators; how is the executor's choice.
///
/// Each node's expressions number the columns of its input. The order of rows is defined only above
/// a `sort`.
package indirect enum LogicalPlan: Sendable {
    /// Rows of a table.
    case scan(TableScan)
    /// One row without columns, for a SELECT without FROM.
    case oneRow
    /// The rows for which the condition is true.
    case filter(Expression, LogicalPlan)
    /// One column for each expression.
    case project([Expression], LogicalPlan)
    /// One row for each combination of keys, NULL being a value like others: the keys, then the
    /// aggregates. Without keys exactly one row, also over no rows.
    case aggregate(keys: [Expression], calls: [AggregateCall], LogicalPlan)
    /// The input's columns, then one for each call.
    case window([WindowCall], LogicalPlan)
    /// Ordered rows; with a limit, only that many of the first.
    case sort([SortKey], limit: Int?, LogicalPlan)
    /// Without the first `offset` rows, at most `count` of those after them.
    case limit(count: Int?, offset: Int, LogicalPlan)
    /// Without rows that are equal to others in all columns.
    case distinct(LogicalPlan)
    /// The rows of all; the types of the columns are the same in each.
    case union([LogicalPlan])

    /// The types of the columns of the rows.
    package var types: [DataType] {
        switch self {
        case .scan(let scan): scan.columns.map(\.type)
        case .oneRow: []
        case .filter(_, let input), .sort(_, _, let input), .limit(_, _, let input),
            .distinct(let input):
            input.types
        case .project(let expressions, _): expressions.map(\.type)
        case .aggregate(let keys, let calls, _): keys.map(\.type) + calls.map(\.type)
        case .window(let calls, let input): input.types + calls.map(\.type)
        case .union(let inputs): inputs.first?.types ?? []
        }
    }
}

/// Reading one table: some of its columns, all of its rows that are left by what is pushed down.
package struct TableScan: Sendable {
    /// A column as a query reads it.
    package struct Column: Sendable, Hashable {
        /// The name in SQL: a field, a property, `bucket`.
        package var name: String
        /// A property that parts hold under several types is read as this one: as text where it is
        /// `string`, its numbers only where it is a number, NULL where it has no such value.
        package var type: DataType

        /// A column read as a type.
        package init(name: String, type: DataType) {
            self.name = name
            self.type = type
        }
    }

    /// `events`, a rollup's physical table (partial rows, as flushes and merges left them), or a
    /// table of `system`, with its prefix.
    package var table: String
    /// What is read, in the order of the rows' columns.
    package var columns: [Column]
    /// Only the parts whose rows this derived table does not contain; nil for all parts.
    package var beyond: String?
    /// Times that can be left out: rows outside need not be read, as the filter above drops them.
    package var timeRange: Range<Milliseconds>?

    /// A scan of a table.
    package init(
        table: String, columns: [Column], beyond: String? = nil,
        timeRange: Range<Milliseconds>? = nil
    ) {
        self.table = table
        self.columns = columns
        self.beyond = beyond
        self.timeRange = timeRange
    }
}

/// By what rows are ordered.
package struct SortKey: Sendable, Hashable {
    /// What is compared.
    package var expression: Expression
    /// Whether the greatest comes first.
    package var isDescending: Bool
    /// Whether NULL comes first; last otherwise, in either direction.
    package var nullsFirst: Bool

    /// A key.
    package init(_ expression: Expression, isDescending: Bool, nullsFirst: Bool) {
        self.expression = expression
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }
}
