import Base
import Expressions
import PartFormat

extension PartSample {
    /// A table whose parts need every encoding there is, some for their blocks and some for their
    /// dictionaries.
    static func everyEncoding(rows: Int, seed: UInt64) -> PartSample {
        let columns: [(name: String, type: ValueType)] = [
            ("timestamp", .timestamp), ("constant", .integer), ("ascending", .integer),
            ("small", .integer), ("outliers", .integer), ("squares", .integer),
            ("bits", .integer), ("runs", .integer), ("price", .float), ("flag", .boolean),
            ("words", .string), ("digits", .string), ("paths", .string), ("session", .string),
            ("owner", .string), ("list", .json), ("set", .state),
        ]
        let schema = TableSchema(
            name: "every", kind: .raw, partitioning: .day, timeColumn: "timestamp", sortKey: [],
            columns: columns.map { ColumnSchema(name: $0.name, type: $0.type, role: .value) })
        var generator = SeededRandom(seed: seed)
        let cells = columns.map { name, _ in
            (0..<rows).map { Cell.every(name, row: Int64($0), generator.next()) }
        }
        return PartSample(schema: schema, cells: cells, coded: [13, 14])
    }
}

extension Cell {
    fileprivate static func every(_ column: String, row: Int64, _ random: UInt64) -> Cell {
        switch column {
        case "timestamp": .integer(1_768_003_200_000 + row * 250 + Int64(random % 40))
        case "constant": .integer(-7)
        case "ascending": .integer(row * 1_000 + Int64(random % 500))
        case "small": random % 9 == 0 ? .null : .integer(Int64(random % 1_000))
        case "outliers": .integer(Int64(random % (row % 50 == 3 ? 1 << 50 : 100)))
        case "squares": .integer(row * row)
        case "bits": .integer(Int64(bitPattern: random))
        case "runs": .integer(row / 40 * 12_345 % 1_001)
        case "price": .float((Double(random % 100_000) / 100).bitPattern)
        case "flag": .boolean(row / 100 % 2 == 0)
        // Few in a block, in no order and without digits.
        case "words": .string(["anchor", "button", "caption", "", "é"][Int(random % 5)])
        case "digits": .string("evt_\(100_000_000 + random % 900_000_000)")
        case "paths": .string("/shop/summer/\(String(row / 3 + 1_000, radix: 36))/basket")
        case "session": .string("visit \(row * 7 % 41)")
        case "owner": .string("owner \(random % 50 == 0 ? 40 : row * 7 % 41 * 13 % 37)")
        case "list": .string("[\(random % 3)]")
        default: .string(String(repeating: "x", count: Int(random % 20)))
        }
    }
}
