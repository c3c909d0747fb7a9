internal import Base

/// The values of an expression for each entry of a dictionary: what a column of codes is mapped by.
struct LiftedTable: Sendable {
    /// By code; entry 0 is what the expression makes of NULL.
    private enum Values: Sendable {
        /// 1 for true.
        case booleans([UInt8])
        case integers([Int64])
        case floats([Double])
        /// The codes of another dictionary, whose entries are distinct.
        case codes([UInt32], dictionary: StringTable)
        /// Serialised states, one for each code.
        case strings(StringTable)
    }

    /// The column whose codes it is for.
    let column: Int
    private let type: ValueType
    private let values: Values
    /// The true ones of a condition, where they stand side by side, as equality, ranges and
    /// prefixes have them on a sorted dictionary.
    private let trueRange: Range<UInt32>?
    /// Which codes have a value, 1 each; nil where all have.
    private let present: [UInt8]?
    /// Whether code 0 alone has none.
    private let isNullForNullOnly: Bool

    /// Takes the values for the codes from 0 on.
    init(column: Int, _ vector: Vector) {
        self.column = column
        type = vector.type
        var range: Range<UInt32>?
        switch vector.values {
        case .booleans:
            let bits = vector.truth
            let bytes = (0..<bits.count).map { bits[$0] ? UInt8(1) : 0 }
            range = Self.runOfOnes(bytes)
            values = .booleans(bytes)
        case .integers(let numbers): values = .integers(numbers)
        case .floats(let numbers): values = .floats(numbers)
        case .codes, .strings:
            if type == .state, case .strings(let table) = vector.values {
                values = .strings(table)
            } else {
                values = Self.pooled(vector)
            }
        }
        trueRange = range
        let presence = vector.presence
        present = presence.map { bits in (0..<bits.count).map { bits[$0] ? 1 : 0 } }
        isNullForNullOnly =
            presence.map { !$0[0] && $0.population == $0.count - 1 } ?? false
    }

    /// The memory that it takes.
    var byteCount: Int {
        let valueBytes =
            switch values {
            case .booleans(let bytes): bytes.count
            case .integers(let numbers): numbers.count * 8
            case .floats(let numbers): numbers.count * 8
            case .codes(let codes, let dictionary): codes.count * 4 + dictionary.byteCount
            case .strings(let table): table.byteCount
            }
        return valueBytes + (present?.count ?? 0)
    }

    /// The values for the codes of a batch.
    func map(_ codes: [UInt32]) -> Vector {
        let mapped: Vector.Values
        switch values {
        case .booleans:
            mapped = .booleans(select(codes))
        case .integers(let numbers): mapped = .integers(codes.map { numbers[Int($0)] })
        case .floats(let numbers): mapped = .floats(codes.map { numbers[Int($0)] })
        case .codes(let newCodes, let dictionary):
            let mappedCodes = codes.map { newCodes[Int($0)] }
            return Vector(type: type, values: .codes(mappedCodes, dictionary: dictionary))
        case .strings(let table): mapped = .strings(table.taking(codes))
        }
        return Vector(type: type, values: mapped, validity: validity(codes))
    }

    /// The rows whose code a condition is true for.
    func select(_ codes: [UInt32]) -> Bitmap {
        guard case .booleans(let matches) = values else {
            fatalError("a condition of type \(type)")
        }
        if let trueRange { return CodeKernels.select(codes, in: trueRange) }
        return CodeKernels.select(codes, matches)
    }

    private func validity(_ codes: [UInt32]) -> Bitmap? {
        guard let present else { return nil }
        let bits =
            isNullForNullOnly
            ? CodeKernels.select(codes, in: 1..<UInt32(present.count))
            : CodeKernels.select(codes, present)
        return bits.population == codes.count ? nil : bits
    }

    /// The range of the ones; nil if there is a zero between two of them.
    private static func runOfOnes(_ bytes: [UInt8]) -> Range<UInt32>? {
        guard let first = bytes.firstIndex(of: 1), let last = bytes.lastIndex(of: 1) else {
            return 0..<0
        }
        if bytes[first...last].contains(0) { return nil }
        return UInt32(first)..<UInt32(last + 1)
    }

    /// Texts as codes of a dictionary of the distinct ones; code 0 for those without a value.
    private static func pooled(_ vector: Vector) -> Values {
        if case .codes(let codes, let dictionary) = vector.values {
            return .codes(codes, dictionary: dictionary)
        }
        let reader = TextReader(vector)
        var pool = TextPool()
        let codes = (0..<vector.count).map { row -> UInt32 in
            vector.validity?[row] ?? true ? pool.code(reader.slice(row)) : 0
        }
        return .codes(codes, dictionary: pool.table)
    }
}
