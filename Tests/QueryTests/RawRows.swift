import Base
import Expressions
import PartFormat
import Store

/// An event, as plainly as can be.
struct RawRow {
    var type = "view"
    var user: String?
    var session: String?
    var time: Milliseconds
    var isLate = false
    /// By name, for events that have the property.
    var properties: [String: Literal] = [:]

    /// A dimension as the API names it.
    func text(_ dimension: String) -> String? {
        switch dimension {
        case "eventType": type
        case "userId": user
        case "sessionId": session
        case "late": isLate ? "true" : "false"
        case "timestamp": CivilTime(time).text
        default: properties[dimension]?.text
        }
    }
}

/// The part of a flush that has these events: a column for each name and type.
func rawPart(_ rows: [RawRow]) -> MemoryPart {
    var columns: [(ColumnSchema, Vector)] = [
        column("eventType", .string, rows.map { .string($0.type) }),
        column("userId", .string, rows.map { $0.user.map(Literal.string) }),
        column("sessionId", .string, rows.map { $0.session.map(Literal.string) }),
        column("timestamp", .timestamp, rows.map { .integer($0.time) }),
        column("late", .boolean, rows.map { .boolean($0.isLate) }),
    ]
    let names = Set(rows.flatMap(\.properties.keys)).sorted()
    for name in names {
        for type in [ValueType.string, .integer, .float, .boolean] {
            let values = rows.map { row in
                row.properties[name].flatMap { valueType($0) == type ? $0 : nil }
            }
            if values.contains(where: { $0 != nil }) {
                columns.append(column("properties.\(name)", type, values))
            }
        }
    }
    let schema = TableSchema(
        name: "events", kind: .raw, partitioning: .day, timeColumn: "timestamp",
        sortKey: ["eventType", "timestamp"], columns: columns.map(\.0))
    return MemoryPart(
        schema: schema, rowCount: rows.count, columns: columns.map { .vector($0.1) })
}

private func valueType(_ value: Literal) -> ValueType {
    switch value {
    case .string: .string
    case .integer: .integer
    case .float: .float
    case .boolean: .boolean
    }
}

private func column(
    _ name: String, _ type: ValueType, _ values: [Literal?]
) -> (ColumnSchema, Vector) {
    var validity = Bitmap(count: 0)
    for value in values { validity.append(value != nil) }
    let vector: Vector
    switch type {
    case .integer, .timestamp:
        let numbers = values.map { value in
            if case .integer(let number) = value { number } else { Int64(0) }
        }
        vector = Vector(type: type, values: .integers(numbers), validity: validity)
    case .float:
        let numbers = values.map { value in
            if case .float(let number) = value { number } else { 0.0 }
        }
        vector = Vector(type: type, values: .floats(numbers), validity: validity)
    case .boolean:
        var bits = Bitmap(count: 0)
        for value in values { bits.append(value == .boolean(true)) }
        vector = Vector(type: type, values: .booleans(bits), validity: validity)
    default:
        let dictionary = StringTable(Set(values.compactMap { $0?.text }).sorted())
        let entries = (0..<dictionary.count).map { dictionary[$0] }
        let codes = values.map { value in
            value.flatMap { entries.firstIndex(of: $0.text) }.map { UInt32($0 + 1) } ?? 0
        }
        vector = Vector(type: type, values: .codes(codes, dictionary: dictionary))
    }
    return (ColumnSchema(name: name, type: type, role: .value), vector)
}
