package import Expressions

/// A column of an answer.
package struct OutputColumn: Sendable, Equatable {
    /// What the answer calls it.
    package var name: String
    /// What it holds.
    package var type: DataType

    /// A column of an answer.
    package init(name: String, type: DataType) {
        self.name = name
        self.type = type
    }
}

/// A statement whose names and types are resolved.
package struct BoundQuery: Sendable {
    /// What is asked about the query instead of, or beside, its rows.
    package enum Explanation: Sendable, Equatable {
        /// The plan; the query does not run.
        case plan
        /// The plan, and what each step of it cost.
        case analysis
    }

    /// What is computed, not optimised.
    package var plan: LogicalPlan
    /// One for each column of the plan's rows.
    package var columns: [OutputColumn]
    /// Nil where the rows are asked for.
    package var explanation: Explanation?
    /// How it is to be run.
    package var settings = QuerySettings()
    /// `FORMAT name`, lowered; nil where the query does not say.
    package var format: String?
}

/// What `SETTINGS` says.
package struct QuerySettings: Sendable, Equatable {
    /// Whether a rollup may answer a query over the events.
    package var usesRollups = true
    /// How many threads the query may use; nil is as many as there are.
    package var threads: Int?
    /// In milliseconds; nil is the server's.
    package var timeoutMilliseconds: Int?
    /// In bytes; nil is the server's.
    package var memoryBytes: Int?

    /// What holds where a query sets nothing.
    package init() {}
}
