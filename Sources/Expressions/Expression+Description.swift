internal import Base

extension Expression: CustomStringConvertible {
    /// The expression in the manner of SQL, columns by their numbers.
    package var description: String { text { "#\($0)" } }

    /// The expression in the manner of SQL: functions by their standard names, columns as named.
    package func text(_ columnName: (Int) -> String) -> String {
        func list(_ expressions: [Expression], _ separator: String = ", ") -> String {
            expressions.map { $0.text(columnName) }.joined(separator: separator)
        }
        switch self {
        case .constant(let value, let type):
            return value == .null && type != .null ? "NULL::\(type.name)" : value.literal
        case .column(let index, _): return columnName(index)
        case .call(let call) where call.name == "cast" || call.name == "try_cast":
            return "\(call.name)(\(list(call.arguments)) AS \(call.type.name))"
        case .call(let call): return "\(call.name)(\(list(call.arguments)))"
        case .and(let operands): return "(\(list(operands, " AND ")))"
        case .or(let operands): return "(\(list(operands, " OR ")))"
        case .not(.isNull(let operand)): return "\(operand.text(columnName)) IS NOT NULL"
        case .not(let operand): return "NOT \(operand.text(columnName))"
        case .isNull(let operand): return "\(operand.text(columnName)) IS NULL"
        case .oneOf(let operand, let values, let listHasNull):
            let texts = values.map(\.literal) + (listHasNull ? ["NULL"] : [])
            return "\(operand.text(columnName)) IN (\(texts.joined(separator: ", ")))"
        case .conditional(let branches, let otherwise, _):
            let texts = branches.map { branch in
                "WHEN \(branch.condition.text(columnName)) THEN \(branch.value.text(columnName))"
            }
            let last = otherwise.text(columnName)
            return "CASE \(texts.joined(separator: " ")) ELSE \(last) END"
        }
    }
}

extension Value {
    /// The value as SQL writes it.
    package var literal: String {
        switch self {
        case .null: return "NULL"
        case .boolean(let truth): return truth ? "true" : "false"
        case .integer(let number): return String(number)
        case .float(let number): return number.description
        case .string(let text):
            let quoted = text.split(separator: "'", omittingEmptySubsequences: false)
            return "'" + quoted.joined(separator: "''") + "'"
        case .timestamp(let time): return "timestamp '\(CivilTime(time).text)'"
        case .date(let day): return "date '\(Casts.dateText(day))'"
        case .interval(let months, let milliseconds):
            let parts =
                (months == 0 ? [] : ["\(months) month"])
                + (milliseconds == 0 && months != 0 ? [] : ["\(milliseconds) millisecond"])
            return "interval " + parts.joined(separator: " ")
        }
    }
}
