package import Base

extension Vector {
    /// The value of a row, as a type that vectors hold in this form.
    ///
    /// For answers and tests; kernels take the arrays.
    package func value(row: Int, type: DataType) -> Value {
        if let validity, !validity[row] { return .null }
        switch values {
        case .codes(let codes, let dictionary):
            let code = Int(codes[row])
            return code == 0 || type == .null ? .null : .string(dictionary[code - 1])
        case .strings(let table): return type == .null ? .null : .string(table[row])
        case .integers(let numbers):
            return switch type {
            case .timestamp: .timestamp(numbers[row])
            case .date: .date(numbers[row])
            default: .integer(numbers[row])
            }
        case .floats(let numbers): return .float(numbers[row])
        case .booleans(let bits): return .boolean(bits[row])
        }
    }

    /// The same value in every row.
    ///
    /// A text is a dictionary of one entry. Values that vectors cannot hold (intervals) trap.
    package init(repeating value: Value, type: DataType, count: Int) {
        let valueType = type.valueType
        switch value {
        case .null: self = Vector(nulls: valueType, count: count)
        case .boolean(let bit):
            self.init(type: valueType, values: .booleans(Bitmap(repeating: bit, count: count)))
        case .integer(let number), .timestamp(let number), .date(let number):
            self.init(
                type: valueType, values: .integers([Int64](repeating: number, count: count)))
        case .float(let number):
            self.init(
                type: valueType, values: .floats([Double](repeating: number, count: count)))
        case .string(let text):
            self.init(
                type: valueType,
                values: .codes(
                    [UInt32](repeating: 1, count: count), dictionary: StringTable([text])))
        case .interval: fatalError("a vector of intervals")
        }
    }

    /// No value in any row.
    package init(nulls type: ValueType, count: Int) {
        let validity = Bitmap(repeating: false, count: count)
        switch type {
        case .string, .json:
            self.init(
                type: type,
                values: .codes([UInt32](repeating: 0, count: count), dictionary: StringTable()))
        case .state:
            let table = StringTable(
                offsets: [UInt32](repeating: 0, count: count + 1), bytes: [])
            self.init(type: type, values: .strings(table), validity: validity)
        case .integer, .timestamp:
            self.init(
                type: type, values: .integers([Int64](repeating: 0, count: count)),
                validity: validity)
        case .float:
            self.init(
                type: type, values: .floats([Double](repeating: 0, count: count)),
                validity: validity)
        case .boolean:
            self.init(
                type: type, values: .booleans(Bitmap(count: count)), validity: validity)
        }
    }

    /// A vector of these values, which are NULL or of the type.
    package init(_ values: [Value], type: DataType) {
        var builder = VectorBuilder(type: type)
        for value in values { builder.append(value) }
        self = builder.vector
    }

    /// Which rows have a value, those of codes too; nil where all have.
    package var presence: Bitmap? {
        guard case .codes(let codes, _) = values else { return validity }
        return codes.contains(0) ? Bitmap.where(codes) { $0 != 0 } : nil
    }
}

/// Builds a vector value by value, for constants, fallbacks and tests.
package struct VectorBuilder {
    private let type: DataType
    private var integers: [Int64] = []
    private var floats: [Double] = []
    private var booleans = Bitmap(count: 0)
    private var strings = StringTable()
    private var validity = Bitmap(count: 0)
    private var hasNull = false

    /// A builder of vectors of that type.
    package init(type: DataType) { self.type = type }

    /// Adds a row behind the last: NULL or a value of the type.
    package mutating func append(_ value: Value) {
        validity.append(value != .null)
        hasNull = hasNull || value == .null
        switch type.valueType {
        case .integer, .timestamp: integers.append(value.number ?? 0)
        case .float:
            if case .float(let number) = value { floats.append(number) } else { floats.append(0) }
        case .boolean: booleans.append(value == .boolean(true))
        case .string, .json, .state:
            if case .string(let text) = value { strings.append(text) } else { strings.append("") }
        }
    }

    /// The rows so far.
    package var vector: Vector {
        let valueType = type.valueType
        let values: Vector.Values =
            switch valueType {
            case .integer, .timestamp: .integers(integers)
            case .float: .floats(floats)
            case .boolean: .booleans(booleans)
            case .string, .json, .state: .strings(strings)
            }
        return Vector(type: valueType, values: values, validity: hasNull ? validity : nil)
    }
}

extension Value {
    /// The integer by which vectors hold an integer, timestamp or date.
    var number: Int64? {
        switch self {
        case .integer(let number), .timestamp(let number), .date(let number): number
        default: nil
        }
    }
}

extension Bitmap {
    /// The rows whose element meets a condition.
    @inline(__always)
    static func `where`<Element>(
        _ elements: [Element], _ meets: (Element) -> Bool
    ) -> Bitmap {
        make(elements.count) { meets(elements[$0]) }
    }

    /// The rows whose number meets a condition.
    @inline(__always)
    static func make(_ count: Int, _ meets: (Int) -> Bool) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        for index in words.indices {
            var word: UInt64 = 0
            let start = index &* 64
            for bit in 0..<min(64, count &- start) {
                word |= (meets(start &+ bit) ? 1 : 0) &<< UInt64(bit)
            }
            words[index] = word
        }
        return Bitmap(words: words, count: count)
    }

    /// The numbers of the rows in the set, ascending.
    package var rows: [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(population)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                rows.append(UInt32(index &* 64 &+ rest.trailingZeroBitCount))
                rest &= rest &- 1
            }
        }
        return rows
    }

    /// Calls the body with each row that is not in the set.
    @inline(__always)
    func forEachAbsent(_ body: (Int) -> Void) {
        for index in words.indices {
            var rest = ~words[index]
            let left = count &- index &* 64
            if left < 64 { rest &= (1 &<< UInt64(left)) &- 1 }
            while rest != 0 {
                body(index &* 64 &+ rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
    }

    /// Keeps the rows that are not in the other; the counts must be equal.
    func subtracting(_ other: Bitmap) -> Bitmap {
        var result = other.complemented
        result.formIntersection(self)
        return result
    }
}
