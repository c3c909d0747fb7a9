internal import Base
package import Expressions

/// A table of the server's own state, whose rows are made when they are asked for.
package struct SystemTable: Sendable {
    /// Its name and columns.
    package let description: TableDescription
    private let rows: @Sendable () -> [[Value]]

    /// `system.` and the name; `rows` gives a value for each column.
    package init(
        _ name: String, _ summary: String, _ columns: [(name: String, type: DataType)],
        rows: @escaping @Sendable () -> [[Value]]
    ) {
        description = TableDescription(
            name: "system." + name, kind: .system,
            columns: columns.map { TableDescription.Column(name: $0.name, type: $0.type) },
            summary: summary)
        self.rows = rows
    }

    /// The rows as of now.
    package func read() -> Batch {
        let rows = rows()
        let columns = description.columns.enumerated().map { index, column in
            Vector(of: rows.map { $0[index] }, type: column.type)
        }
        return Batch(columns: columns, rowCount: rows.count)
    }
}

extension Vector {
    /// These values, which are NULL or of the type.
    package init(of values: [Value], type: DataType) {
        var validity = Bitmap(repeating: true, count: values.count)
        for (row, value) in values.enumerated() where value == .null { validity[row] = false }
        self.init(
            type: type.valueType, values: Self.values(values, type),
            validity: validity.population == values.count ? nil : validity)
    }

    private static func values(_ values: [Value], _ type: DataType) -> Values {
        switch type.valueType {
        case .integer, .timestamp:
            return .integers(
                values.map { value in
                    switch value {
                    case .integer(let number), .timestamp(let number), .date(let number): number
                    default: 0
                    }
                })
        case .float:
            return .floats(
                values.map { if case .float(let number) = $0 { number } else { 0 } })
        case .boolean:
            var bits = Bitmap(count: values.count)
            for (row, value) in values.enumerated() where value == .boolean(true) {
                bits[row] = true
            }
            return .booleans(bits)
        case .string, .json, .state:
            var table = StringTable()
            for value in values {
                if case .string(let text) = value { table.append(text) } else { table.append("") }
            }
            return .strings(table)
        }
    }
}
