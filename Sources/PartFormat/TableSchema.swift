package import Expressions

/// What a table holds and how it is laid out.
///
/// Immutable; each part carries the one it was written with.
package struct TableSchema: Sendable, Equatable {
    /// What a row is.
    package enum Kind: UInt8, Sendable {
        /// One row an event; property columns differ from part to part.
        case raw = 1
        /// Rows with equal keys are combined by merging their measures.
        case rollup = 2
    }

    /// How rows fall into partitions, by the UTC day or month of their time column.
    package enum Partitioning: UInt8, Sendable {
        case day = 1
        case month = 2
    }

    /// The table's name, unique in a data directory.
    package var name: String
    /// Whether rows are events or groups.
    package var kind: Kind
    /// How long the time is that a partition holds.
    package var partitioning: Partitioning
    /// The column of type `timestamp` that places a row: `timestamp` in raw, `bucket` in rollups.
    package var timeColumn: String
    /// Rows are sorted by these columns, ascending, nulls first, strings by their bytes.
    package var sortKey: [String]
    /// All columns, those of the sort key among them.
    package var columns: [ColumnSchema]

    /// Makes a schema; `timeColumn` and `sortKey` name columns of it.
    package init(
        name: String, kind: Kind, partitioning: Partitioning, timeColumn: String,
        sortKey: [String], columns: [ColumnSchema]
    ) {
        self.name = name
        self.kind = kind
        self.partitioning = partitioning
        self.timeColumn = timeColumn
        self.sortKey = sortKey
        self.columns = columns
    }

    /// The index of the column of that name (and type, where a property has several).
    package func columnIndex(_ name: String, type: ValueType? = nil) -> Int? {
        columns.firstIndex { $0.name == name && (type == nil || $0.type == type) }
    }
}

/// One column of a table.
package struct ColumnSchema: Sendable, Equatable, Hashable {
    /// How rows with an equal sort key combine in this column.
    package enum Role: UInt8, Sendable {
        /// Part of the sort key.
        case key = 1
        /// A value of a raw row; never combined.
        case value = 2
        /// A 64-bit count; combined by addition.
        case count = 3
        /// A HyperLogLog state; combined by union.
        case uniq = 4
    }

    /// A field's name (`eventType`), or `properties.` and a property's name.
    package var name: String
    /// The type of its values.
    package var type: ValueType
    /// What merges do with it.
    package var role: Role

    /// Makes a column.
    package init(name: String, type: ValueType, role: Role) {
        self.name = name
        self.type = type
        self.role = role
    }
}
