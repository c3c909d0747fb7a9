internal import Aggregates
internal import Base
internal import Expressions

/// One column's rows while they are gathered from several parts.
///
/// All values of a column have one form, whatever form they had in the parts: codes of one
/// dictionary, or plain values with a byte a row that says whether there is one.
struct RowBuffer {
    enum Values {
        case codes([UInt32])
        /// As `strings`, of a part that has a dictionary: 0 for null, else one more than the entry.
        case entries([UInt32], StringTable)
        case strings(StringTable)
        case integers([Int64])
        case floats([Double])
        case booleans([UInt8])
    }

    let type: ValueType
    private(set) var values: Values
    /// 1 for a row with a value, 0 for null; unused for codes.
    private(set) var validity: [UInt8] = []
    private(set) var nullCount = 0

    /// `isCoded` says that a string column's rows are codes.
    init(type: ValueType, isCoded: Bool) {
        self.type = type
        switch type {
        case .string, .json, .state: values = isCoded ? .codes([]) : .strings(StringTable())
        case .integer, .timestamp: values = .integers([])
        case .float: values = .floats([])
        case .boolean: values = .booleans([])
        }
    }

    var isCoded: Bool { if case .codes = values { true } else { false } }

    var stringBytes: Int { if case .strings(let table) = values { table.bytes.count } else { 0 } }

    /// The bytes of the longest of plain strings or states.
    var longestString: Int {
        switch values {
        case .strings(let table):
            (0..<table.count).reduce(0) { max($0, table.range($1).count) }
        case .entries(let codes, let table):
            codes.reduce(0) { $1 == 0 ? $0 : max($0, table.range(Int($1) - 1).count) }
        case .codes, .integers, .floats, .booleans: 0
        }
    }

    /// The memory of the rows.
    var byteCount: Int {
        switch values {
        case .codes(let codes), .entries(let codes, _): codes.count * 4
        case .strings(let table): table.byteCount
        case .integers, .floats: count * 9
        case .booleans: count * 2
        }
    }

    mutating func removeAll() {
        validity.removeAll(keepingCapacity: true)
        nullCount = 0
        switch values {
        case .codes: values = .codes([])
        case .strings, .entries: values = .strings(StringTable())
        case .integers: values = .integers([])
        case .floats: values = .floats([])
        case .booleans: values = .booleans([])
        }
    }

    /// The rows as a vector; codes are those of `dictionary`.
    func vector(dictionary: StringTable) -> Vector {
        switch values {
        case .codes(let codes):
            return Vector(type: type, values: .codes(codes, dictionary: dictionary))
        case .entries(let codes, let table):
            return Vector(type: type, values: .codes(codes, dictionary: table))
        case .strings(let table):
            return Vector(type: type, values: .strings(table), validity: validityBits)
        case .integers(let numbers):
            return Vector(type: type, values: .integers(numbers), validity: validityBits)
        case .floats(let numbers):
            return Vector(type: type, values: .floats(numbers), validity: validityBits)
        case .booleans(let bits):
            return Vector(
                type: type, values: .booleans(RowBuffer.bitmap(bits)), validity: validityBits)
        }
    }

    private var validityBits: Bitmap? { nullCount == 0 ? nil : RowBuffer.bitmap(validity) }

    private static func bitmap(_ flags: [UInt8]) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (flags.count + 63) / 64)
        for index in flags.indices {
            words[index &>> 6] |= UInt64(flags[index]) &<< UInt64(index & 63)
        }
        return Bitmap(words: words, count: flags.count)
    }
}

extension RowBuffer {
    /// Appends a vector's rows to a buffer without any; strings share the memory of the vector's.
    mutating func take(_ vector: Vector, remap: [UInt32]?) {
        switch (values, vector.values) {
        case (.strings, .codes(let codes, let dictionary)):
            values = .entries(codes, dictionary)
            for code in codes { validity.append(code == 0 ? 0 : 1) }
            nullCount = validity.reduce(0) { $0 + 1 - Int($1) }
        case (.strings, .strings(let table)):
            values = .strings(table)
            appendValidity(vector)
        default: append(vector, remap: remap)
        }
    }

    /// Appends a vector's rows; `remap` takes its codes (0 stays 0) to those of this buffer.
    mutating func append(_ vector: Vector, remap: [UInt32]?) {
        switch (values, vector.values) {
        case (.codes(var codes), .codes(let added, _)):
            values = .codes([])
            if let remap {
                codes.reserveCapacity(codes.count + added.count)
                for code in added { codes.append(remap[Int(code)]) }
            } else {
                codes += added
            }
            values = .codes(codes)
        case (.strings(var table), .codes(let codes, let dictionary)):
            values = .codes([])
            for code in codes {
                if code == 0 {
                    table.append("")
                    validity.append(0)
                    nullCount += 1
                } else {
                    table.append(dictionary.bytes(at: Int(code) - 1))
                    validity.append(1)
                }
            }
            values = .strings(table)
        case (.strings(var table), .strings(let added)):
            values = .codes([])
            for row in 0..<added.count { table.append(added.bytes(at: row)) }
            values = .strings(table)
            appendValidity(vector)
        case (.integers(var numbers), .integers(let added)):
            values = .codes([])
            numbers += added
            values = .integers(numbers)
            appendValidity(vector)
        case (.floats(var numbers), .floats(let added)):
            values = .codes([])
            numbers += added
            values = .floats(numbers)
            appendValidity(vector)
        case (.booleans(var bits), .booleans(let added)):
            values = .codes([])
            for row in 0..<added.count { bits.append(added[row] ? 1 : 0) }
            values = .booleans(bits)
            appendValidity(vector)
        default:
            invariant(false, "a column of type \(type) holds other values")
        }
    }

    private mutating func appendValidity(_ vector: Vector) {
        guard let bits = vector.validity else {
            validity.append(contentsOf: repeatElement(1, count: vector.count))
            return
        }
        for row in 0..<bits.count { validity.append(bits[row] ? 1 : 0) }
        nullCount += bits.count - bits.population
    }

    /// Appends rows of buffers of the same form, one buffer for each input.
    mutating func append(_ sources: [RowBuffer], _ picks: [MergePick]) {
        switch values {
        case .codes(var codes):
            values = .codes([])
            let inputs = sources.map(\.codes)
            RowBuffer.append(inputs, picks, to: &codes)
            values = .codes(codes)
            return
        case .entries: invariant(false, "rows are gathered as strings")
        case .strings(var table):
            values = .codes([])
            for pick in picks {
                table.append(sources[Int(pick.input)].bytes(row: Int(pick.row)))
            }
            values = .strings(table)
        case .integers(var numbers):
            values = .codes([])
            let inputs = sources.map(\.integers)
            RowBuffer.append(inputs, picks, to: &numbers)
            values = .integers(numbers)
        case .floats(var numbers):
            values = .codes([])
            let inputs = sources.map(\.floats)
            RowBuffer.append(inputs, picks, to: &numbers)
            values = .floats(numbers)
        case .booleans(var bits):
            values = .codes([])
            let inputs = sources.map(\.booleans)
            RowBuffer.append(inputs, picks, to: &bits)
            values = .booleans(bits)
        }
        if sources.allSatisfy({ $0.nullCount == 0 }) {
            validity.append(contentsOf: repeatElement(1, count: picks.count))
            return
        }
        let start = validity.count
        RowBuffer.append(sources.map(\.validity), picks, to: &validity)
        for index in start..<validity.count { nullCount += 1 - Int(validity[index]) }
    }

    private static func append<Value: BitwiseCopyable>(
        _ sources: [[Value]], _ picks: [MergePick], to target: inout [Value]
    ) {
        target.reserveCapacity(target.count + picks.count)
        for pick in picks { target.append(sources[Int(pick.input)][Int(pick.row)]) }
    }

    /// Appends the sum of each group of picks; those before the first start go to the last row.
    mutating func appendSums(_ sources: [RowBuffer], _ picks: [MergePick], starts: [Int]) {
        guard case .integers(var numbers) = values else { return }
        values = .codes([])
        let inputs = sources.map(\.integers)
        var next = 0
        for (index, pick) in picks.enumerated() {
            if next < starts.count, starts[next] == index {
                numbers.append(0)
                validity.append(1)
                next += 1
            }
            numbers[numbers.count - 1] &+= inputs[Int(pick.input)][Int(pick.row)]
        }
        values = .integers(numbers)
    }

    /// Appends the union of each group's states; those before the first start go to the last row.
    mutating func appendUnions(
        _ sources: [RowBuffer], _ picks: [MergePick], starts: [Int]
    ) throws(StoreError) {
        let bounds = starts + [picks.count]
        if let first = bounds.first, first > 0 {
            var union = HyperLogLog()
            try union.formUnion(serialized: bytes(row: count - 1))
            try RowBuffer.unite(&union, sources, picks[0..<first])
            replaceLast(union.serialized())
        }
        for (index, start) in starts.enumerated() {
            let members = picks[start..<bounds[index + 1]]
            validity.append(1)
            let head = sources[Int(picks[start].input)].bytes(row: Int(picks[start].row))
            if members.count == 1, !head.isEmpty {
                append(head)
                continue
            }
            var union = HyperLogLog()
            try RowBuffer.unite(&union, sources, members)
            append(union.serialized()[...])
        }
    }

    private static func unite(
        _ union: inout HyperLogLog, _ sources: [RowBuffer], _ picks: ArraySlice<MergePick>
    ) throws(StoreError) {
        for pick in picks {
            let state = sources[Int(pick.input)].bytes(row: Int(pick.row))
            // Empty where the part has no such column.
            if !state.isEmpty { try union.formUnion(serialized: state) }
        }
    }

    private var codes: [UInt32] { if case .codes(let codes) = values { codes } else { [] } }

    private var integers: [Int64] {
        if case .integers(let numbers) = values { numbers } else { [] }
    }

    private var floats: [Double] { if case .floats(let numbers) = values { numbers } else { [] } }

    private var booleans: [UInt8] { if case .booleans(let bits) = values { bits } else { [] } }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard case .strings(var table) = values else { return }
        values = .codes([])
        table.append(bytes)
        values = .strings(table)
    }

    /// The string or state of a row.
    func bytes(row: Int) -> ArraySlice<UInt8> {
        switch values {
        case .strings(let table): table.bytes(at: row)
        case .entries(let codes, let table):
            codes[row] == 0 ? [] : table.bytes(at: Int(codes[row]) - 1)
        case .codes, .integers, .floats, .booleans: []
        }
    }

    var count: Int {
        switch values {
        case .codes(let codes), .entries(let codes, _): codes.count
        case .strings(let table): table.count
        case .integers(let numbers): numbers.count
        case .floats(let numbers): numbers.count
        case .booleans(let bits): bits.count
        }
    }

    /// Replaces the string or state of the last row.
    mutating func replaceLast(_ bytes: [UInt8]) {
        guard case .strings(var table) = values, table.count > 0 else { return }
        values = .codes([])
        let start = Int(table.offsets[table.count - 1])
        table.bytes.removeLast(table.bytes.count - start)
        table.offsets.removeLast()
        table.append(bytes[...])
        values = .strings(table)
    }

    /// How two rows compare: null first, then by value.
    static func compare(
        _ left: RowBuffer, _ leftRow: Int, _ right: RowBuffer, _ rightRow: Int
    ) -> Int {
        if case .codes(let first) = left.values, case .codes(let second) = right.values {
            return order(first[leftRow], second[rightRow])
        }
        let (leftValid, rightValid) = (left.validity[leftRow], right.validity[rightRow])
        if leftValid != rightValid { return leftValid < rightValid ? -1 : 1 }
        if leftValid == 0 { return 0 }
        switch (left.values, right.values) {
        case (.strings, .strings), (.strings, .entries), (.entries, .strings), (.entries, .entries):
            let (first, second) = (left.bytes(row: leftRow), right.bytes(row: rightRow))
            if first.lexicographicallyPrecedes(second) { return -1 }
            return second.lexicographicallyPrecedes(first) ? 1 : 0
        case (.integers(let first), .integers(let second)):
            return order(first[leftRow], second[rightRow])
        case (.booleans(let first), .booleans(let second)):
            return order(first[leftRow], second[rightRow])
        case (.floats(let first), .floats(let second)):
            return first[leftRow].isTotallyOrdered(belowOrEqualTo: second[rightRow])
                ? (second[rightRow].isTotallyOrdered(belowOrEqualTo: first[leftRow]) ? 0 : -1) : 1
        default: return 0
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left == right ? 0 : left < right ? -1 : 1
    }
}
