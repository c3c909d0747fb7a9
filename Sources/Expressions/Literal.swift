internal import Base

/// A constant that a query compares with.
package enum Literal: Sendable, Equatable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)

    /// The constant as text, in the form that values have when they are read as text.
    package var text: String {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .float(let number): Self.text(number)
        case .boolean(let truth): truth ? "true" : "false"
        }
    }

    /// The integer whose text is the constant's; nil if there is none.
    var integer: Int64? {
        switch self {
        case .integer(let number): return number
        case .float(let number): return Int64(exactly: number)
        case .string(let text):
            guard let number = Int64(text), String(number) == text else { return nil }
            return number
        case .boolean: return nil
        }
    }

    /// The number whose text is the constant's; nil if there is none.
    var float: Double? {
        switch self {
        case .integer(let number): return Double(exactly: number)
        case .float(let number): return number
        case .string(let text):
            guard let number = Double(text), Self.text(number) == text else { return nil }
            return number
        case .boolean: return nil
        }
    }

    /// The truth value whose text is the constant's; nil if there is none.
    var boolean: Bool? {
        switch text {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// The instant that the constant names: milliseconds, or a time in UTC.
    var instant: Milliseconds? {
        switch self {
        case .integer(let number): return number
        case .string(let text):
            switch CivilTime.parse(text) {
            case .instant(let instant), .local(let instant): return instant
            case nil: return nil
            }
        case .float, .boolean: return nil
        }
    }

    /// A float as text: the shortest that reads back as the same number, without `.0` where it is
    /// integral, so that 75.0 and 75 are the same text.
    package static func text(_ number: Double) -> String {
        if let integer = Int64(exactly: number), integer.magnitude < 1 << 53 {
            return String(integer)
        }
        return number.description
    }
}
