/// The types of SQL: of columns, expressions and answers.
///
/// A vector holds them as `ValueType` says; several types are held alike.
package enum DataType: Sendable, Hashable, CaseIterable {
    /// The type of the literal NULL, which every type takes.
    case null
    case boolean
    /// 64 bits, signed.
    case integer
    /// IEEE 754, 64 bits.
    case float
    /// UTF-8.
    case string
    /// Milliseconds since the epoch, UTC.
    case timestamp
    /// Days since the epoch, held as integers.
    case date
    /// JSON text, such as that of an array; answers in JSON contain it as it is.
    case json
    /// The serialised state of a distinct count, as rollups keep it.
    case state
    /// A span of time: months and milliseconds; of constants only, added to times.
    case interval

    /// The name in answers, errors and documents.
    package var name: String {
        switch self {
        case .null: "Null"
        case .boolean: "Boolean"
        case .integer: "Int64"
        case .float: "Float64"
        case .string: "String"
        case .timestamp: "DateTime64(3)"
        case .date: "Date"
        case .json: "JSON"
        case .state: "AggregateState"
        case .interval: "Interval"
        }
    }

    /// How vectors hold values of this type.
    package var valueType: ValueType {
        switch self {
        case .boolean: .boolean
        case .integer, .date: .integer
        case .float: .float
        case .timestamp: .timestamp
        case .json: .json
        case .state: .state
        case .null, .string, .interval: .string
        }
    }

    /// Whether it is a number.
    package var isNumeric: Bool { self == .integer || self == .float }
    /// Whether values are byte strings in vectors.
    package var isText: Bool { self == .string || self == .json || self == .null }
}
