internal import Aggregates
internal import Base
internal import Expressions

/// The values of one column of an answer, as they are written.
struct CellReader {
    /// One value.
    enum Cell {
        case null
        case boolean(Bool)
        case integer(Int64)
        case float(Double)
        case text(ArraySlice<UInt8>)
        case json(ArraySlice<UInt8>)
        /// RFC 3339.
        case time(String)
    }

    private let vector: Vector
    private let type: DataType

    init(_ vector: Vector, type: DataType) {
        self.vector = vector
        self.type = type
    }

    func cell(_ row: Int) -> Cell {
        if let validity = vector.validity, !validity[row] { return .null }
        switch vector.values {
        case .codes(let codes, let dictionary):
            let code = Int(codes[row])
            return code == 0 ? .null : text(dictionary.bytes(at: code - 1))
        case .strings(let table): return text(table.bytes(at: row))
        case .integers(let numbers): return number(numbers[row])
        case .floats(let numbers): return .float(numbers[row])
        case .booleans(let bits): return .boolean(bits[row])
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> Cell {
        switch type {
        case .json: .json(bytes)
        case .state: estimate(bytes)
        default: .text(bytes)
        }
    }

    /// What a state counts; NULL for bytes that are none.
    private func estimate(_ bytes: ArraySlice<UInt8>) -> Cell {
        guard let sketch = try? HyperLogLog(decoding: bytes.span) else { return .null }
        return .integer(Int64(clamping: sketch.estimate().value))
    }

    private func number(_ number: Int64) -> Cell {
        switch type {
        case .timestamp: .time(CivilTime(number).text)
        case .date: .time(String(CivilTime(number &* CivilTime.millisecondsPerDay).text.prefix(10)))
        default: .integer(number)
        }
    }
}
