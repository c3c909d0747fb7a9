internal import Base
internal import Expressions
internal import PartFormat

/// One value of a row.
enum Cell: Equatable {
    case null
    case bytes([UInt8])
    case integer(Int64)
    /// By its bits, so that NaN and −0 compare.
    case float(UInt64)
    case boolean(Bool)

    /// The order of sort keys: null first, strings by their bytes, floats by totalOrder.
    static func order(_ left: Cell, _ right: Cell) -> Int {
        switch (left, right) {
        case (.null, .null): 0
        case (.null, _): -1
        case (_, .null): 1
        case (.integer(let left), .integer(let right)): left == right ? 0 : left < right ? -1 : 1
        case (.boolean(let left), .boolean(let right)): left == right ? 0 : right ? -1 : 1
        case (.bytes(let left), .bytes(let right)):
            left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
        case (.float(let left), .float(let right)):
            left == right ? 0 : ordered(left) < ordered(right) ? -1 : 1
        default: 0
        }
    }

    private static func ordered(_ bits: UInt64) -> UInt64 {
        bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }
}

extension Vector {
    /// The value of a row.
    func cell(_ row: Int) -> Cell {
        if case .codes(let codes, let dictionary) = values {
            let code = codes[row]
            return code == 0 ? .null : .bytes(Array(dictionary.bytes(at: Int(code) - 1)))
        }
        if let validity, !validity[row] { return .null }
        switch values {
        case .codes: return .null
        case .strings(let table): return .bytes(Array(table.bytes(at: row)))
        case .integers(let numbers): return .integer(numbers[row])
        case .floats(let numbers): return .float(numbers[row].bitPattern)
        case .booleans(let bits): return .boolean(bits[row])
        }
    }

    /// How many rows have no value.
    var nullCount: Int {
        if case .codes(let codes, _) = values { return codes.count { $0 == 0 } }
        return validity.map { count - $0.population } ?? 0
    }

    /// Whether two neighbouring rows surely have the same value, as their codes are the same.
    func isSame(_ row: Int, _ next: Int) -> Bool {
        switch values {
        case .codes(let codes, _): codes[row] == codes[next]
        case .integers(let numbers): validity == nil && numbers[row] == numbers[next]
        default: false
        }
    }
}

/// A time for people; as a number where the year has not four digits.
func timeText(_ time: Milliseconds) -> String {
    (0...9_999).contains(CivilTime(time).year) ? CivilTime(time).text : "\(time)"
}

/// Bytes as hexadecimal digits.
func hexText(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    var text = ""
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return text
}

extension ColumnSchema.Role {
    var name: String {
        switch self {
        case .key: "key"
        case .value: "value"
        case .count: "count"
        case .uniq: "uniq"
        }
    }
}

extension TableSchema {
    /// What each column is called in output: its name, with `:` and its type where several columns
    /// have the name.
    var columnLabels: [String] {
        var counts: [String: Int] = [:]
        for column in columns { counts[column.name, default: 0] += 1 }
        return columns.map { counts[$0.name] == 1 ? $0.name : "\($0.name):\($0.type)" }
    }

    /// The columns of the sort key.
    var sortIndexes: [Int] { sortKey.compactMap { columnIndex($0) } }
}
