internal import Events
internal import Expressions
internal import PartFormat
internal import Store

/// The columns of raw rows: the fields of an event, then the properties that were met.
struct RawSchema {
    /// Raw rows are sorted by the page among the properties, so that column always exists.
    static let pageProperty = "page"

    /// A property that has values of one type.
    struct Property: Hashable {
        var name: String
        var type: ValueType
    }

    private var met: Set<Property> = [Property(name: Self.pageProperty, type: .string)]
    private var last: [Property] = []

    /// Takes one property.
    mutating func add(_ name: String, _ type: ValueType) {
        met.insert(Property(name: name, type: type))
    }

    /// Takes the properties of a block.
    mutating func add(_ columns: [PropertyColumn]) {
        // Blocks mostly have the columns of the one before.
        if columns.count == last.count,
            zip(columns, last).allSatisfy({ $0.type == $1.type && $0.name == $1.name })
        {
            return
        }
        last = columns.map { Property(name: $0.name, type: $0.type) }
        met.formUnion(last)
    }

    /// By name, then type: the order in which they first came says nothing.
    var properties: [Property] {
        met.sorted { ($0.name, $0.type.rawValue) < ($1.name, $1.type.rawValue) }
    }

    var schema: TableSchema {
        let page = Property(name: Self.pageProperty, type: .string)
        let columns =
            Self.fields
            + properties.map { property in
                ColumnSchema(
                    name: "properties.\(property.name)", type: property.type,
                    role: property == page ? .key : .value)
            }
        return TableSchema(
            name: LiveGeneration.rawTable, kind: .raw, partitioning: .day,
            timeColumn: "timestamp",
            sortKey: ["eventType", "properties.\(Self.pageProperty)", "timestamp"],
            columns: columns)
    }

    private static let fields = [
        ColumnSchema(name: "eventId", type: .string, role: .value),
        ColumnSchema(name: "eventType", type: .string, role: .key),
        ColumnSchema(name: "userId", type: .string, role: .value),
        ColumnSchema(name: "sessionId", type: .string, role: .value),
        ColumnSchema(name: "timestamp", type: .timestamp, role: .key),
        ColumnSchema(name: "receivedAt", type: .timestamp, role: .value),
        ColumnSchema(name: "late", type: .boolean, role: .value),
    ]
}
