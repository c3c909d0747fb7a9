package import Expressions

/// A table as SQL sees it: its name and the columns that can be named.
package struct TableDescription: Sendable {
    /// A column that can be named.
    package struct Column: Sendable, Equatable {
        /// What queries call it.
        package var name: String
        /// As what it is read.
        package var type: DataType
        /// For a property that has values of several types, the numbers among them: the type that
        /// numeric functions read; nil where there are none, or all are.
        package var numbers: DataType?
        /// Whether `*` leaves it out.
        package var isHidden: Bool

        /// A column.
        package init(
            name: String, type: DataType, numbers: DataType? = nil, isHidden: Bool = false
        ) {
            self.name = name
            self.type = type
            self.numbers = numbers
            self.isHidden = isHidden
        }
    }

    /// What its rows are made of.
    package enum Kind: Sendable, Equatable {
        /// The events.
        case events
        /// A rollup and the width of its buckets.
        case rollup(RollupTable)
        /// A table of the server's own state.
        case system
    }

    /// What queries call it; names of system tables have their prefix.
    package var name: String
    /// What its rows are.
    package var kind: Kind
    /// In the order in which `*` gives them.
    package var columns: [Column]
    /// For people.
    package var summary: String

    /// A table.
    package init(name: String, kind: Kind, columns: [Column], summary: String) {
        self.name = name
        self.kind = kind
        self.columns = columns
        self.summary = summary
    }

    /// The column of that name; a property that is named like a field is `properties.` and that
    /// name, and every property may be named so.
    package func column(named name: String) -> Column? {
        if let column = columns.first(where: { $0.name == name }) { return column }
        guard kind == .events, name.hasPrefix("properties.") else { return nil }
        let property = String(name.dropFirst("properties.".count))
        guard !RawDimension.fields.contains(property) else { return nil }
        return columns.first { $0.name == property }
    }
}
