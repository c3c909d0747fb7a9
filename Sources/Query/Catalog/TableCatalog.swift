internal import Expressions
internal import PartFormat
package import Store

/// The tables that SQL can read at one instant: the events with the properties that were ever
/// seen, the rollups, and the tables of `system`.
package struct TableCatalog: Sendable {
    /// By name; names are case-sensitive.
    package let tables: [TableDescription]

    /// The tables as of a view.
    ///
    /// Costs a look at the schema of every part of the events.
    package init(
        catalog: Catalog, on source: some TableSource, system: [TableDescription] = []
    ) {
        let schemas = source.sources(table: MetricsPlan.rawTable).map(\.schema)
        let rollups = RollupTable.all(of: catalog).map(\.description)
        tables = [Self.events(catalog, schemas)] + rollups + system
    }

    /// The table of that name.
    package func table(named name: String) -> TableDescription? {
        tables.first { $0.name == name }
    }

    private static let fields: [TableDescription.Column] = [
        .init(name: "eventId", type: .string), .init(name: "eventType", type: .string),
        .init(name: "userId", type: .string), .init(name: "sessionId", type: .string),
        .init(name: "timestamp", type: .timestamp), .init(name: "receivedAt", type: .timestamp),
        .init(name: "late", type: .boolean),
    ]

    private static func events(
        _ catalog: Catalog, _ schemas: [TableSchema]
    ) -> TableDescription {
        var types: [String: Set<ValueType>] = [:]
        // What metrics group by can be asked for before it was ever seen.
        for rollup in catalog.rollups {
            for name in rollup.dimensions where !RawDimension.fields.contains(name) {
                types[name] = []
            }
        }
        var last: [ColumnSchema]?
        for schema in schemas where schema.columns != last {
            last = schema.columns
            for column in schema.columns where column.name.hasPrefix("properties.") {
                let name = String(column.name.dropFirst("properties.".count))
                types[name, default: []].insert(column.type)
            }
        }
        let properties = types.sorted { $0.key < $1.key }.map { name, types in
            let isHidden = RawDimension.fields.contains(name)
            return TableDescription.Column(
                name: isHidden ? "properties." + name : name, type: type(of: types),
                numbers: numbers(of: types))
        }
        return TableDescription(
            name: MetricsPlan.rawTable, kind: .events, columns: fields + properties,
            summary: "one row for each event")
    }

    /// As what a property is read: as its own type, numbers of both kinds as floats, everything
    /// else that is mixed as text.
    private static func type(of types: Set<ValueType>) -> DataType {
        switch types {
        case [.integer]: .integer
        case [.float], [.integer, .float]: .float
        case [.boolean]: .boolean
        case [.json]: .json
        default: .string
        }
    }

    private static func numbers(of types: Set<ValueType>) -> DataType? {
        let numbers = types.intersection([.integer, .float])
        guard !numbers.isEmpty, numbers != types else { return nil }
        return type(of: numbers)
    }
}
