package import Base

/// One value of SQL: a constant of a query, or a value of a row taken out of a vector.
package enum Value: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case float(Double)
    /// Text or JSON text.
    case string(String)
    case timestamp(Milliseconds)
    /// Days since the epoch.
    case date(Int64)
    case interval(months: Int64, milliseconds: Int64)

    /// The type that a constant of this value has.
    package var type: DataType {
        switch self {
        case .null: .null
        case .boolean: .boolean
        case .integer: .integer
        case .float: .float
        case .string: .string
        case .timestamp: .timestamp
        case .date: .date
        case .interval: .interval
        }
    }
}
