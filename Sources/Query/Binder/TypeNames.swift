internal import Expressions
internal import SQL

/// The types by all names that casts and parameters may call them.
enum TypeNames {
    private static let byName: [String: DataType] = {
        var found: [String: DataType] = [:]
        for (type, names) in names {
            for name in names { found[name.lowercased()] = type }
        }
        return found
    }()

    static let names: [(type: DataType, names: [String])] = [
        (.boolean, ["Boolean", "Bool"]),
        (
            .integer,
            [
                "Int64", "Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64",
                "INTEGER", "INT", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT",
                "UINTEGER", "INT2", "INT4", "INT8", "LONG", "SIGNED",
            ]
        ),
        (
            .float,
            [
                "Float64", "Float32", "DOUBLE", "DOUBLE PRECISION", "FLOAT", "REAL", "FLOAT4",
                "FLOAT8",
            ]
        ),
        (
            .string,
            ["String", "VARCHAR", "TEXT", "CHAR", "BPCHAR", "CHARACTER VARYING", "FixedString"]
        ),
        (
            .timestamp,
            [
                "DateTime64", "DateTime", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ",
                "TIMESTAMP_MS", "TIMESTAMP WITHOUT TIME ZONE",
            ]
        ),
        (.date, ["Date", "Date32"]),
        (.json, ["JSON"]),
    ]

    /// The type of that name; `Nullable(T)` and `LowCardinality(T)` are T.
    static func find(_ syntax: TypeSyntax) -> DataType? {
        switch syntax.name.lowercased() {
        case "nullable", "lowcardinality":
            guard syntax.arguments.count == 1, case .type(let inner) = syntax.arguments[0] else {
                return nil
            }
            return find(inner)
        case let name: return byName[name]
        }
    }

    /// All names, for suggestions.
    static var allNames: [String] { names.flatMap(\.names) }
}
