internal import Base
internal import Expressions

/// Turns the values of one expression into small numbers: 0 is NULL, equal values have equal codes.
///
/// The codes of a part's dictionary are taken as they are while all rows come from it; else values
/// are numbered as they appear.
struct KeyCoder: Sendable {
    let type: DataType
    /// The dictionary whose codes are taken; its entries ascend.
    private(set) var adopted: StringTable?
    private var interned = DimensionCodes()
    private var numbers = NumberCodes()
    /// Where codes of all parts are known, if values come from a column of a table.
    private let joint: JointDictionary?
    /// By joint code, less one, once codes are joint ones.
    private var jointValues: StringTable?

    init(_ type: DataType, _ joint: JointDictionary? = nil) {
        self.type = type
        self.joint = joint
    }

    private var isEmpty: Bool {
        adopted == nil && jointValues == nil && interned.values.count == 0
    }

    /// Whether values are byte strings.
    var isText: Bool {
        switch type.valueType {
        case .string, .json, .state: true
        case .integer, .timestamp, .float, .boolean: false
        }
    }

    /// Codes are below this.
    var codeCount: Int {
        switch type.valueType {
        case .string, .json, .state: strings.count + 1
        case .integer, .timestamp, .float: numbers.values.count + 1
        case .boolean: 3
        }
    }

    /// Whether codes order as their values do.
    var isSorted: Bool {
        switch type.valueType {
        case .string, .json, .state: adopted != nil || isEmpty
        case .boolean: true
        case .integer, .timestamp, .float: false
        }
    }

    /// The memory of what is not shared with a part, in bytes.
    var byteCount: Int {
        interned.values.byteCount + interned.values.count * 24 + numbers.byteCount
    }

    /// By code, less one.
    var strings: StringTable { adopted ?? jointValues ?? interned.values }

    /// By code, less one: integers, or floats as sortable integers.
    var values: [Int64] { numbers.values }

    /// Writes the code of each row.
    ///
    /// `isOfPart` says that a dictionary is that of a part: distinct entries that ascend.
    mutating func codes(of vector: Vector, isOfPart: Bool, into codes: inout [UInt32]) {
        switch vector.values {
        case .codes(let local, let dictionary):
            if dictionary.count == 0 {
                codes = local
                return
            }
            if isOfPart, isEmpty { adopted = dictionary }
            if isOfPart, let adopted, adopted.sharesMemory(with: dictionary) {
                codes = local
                return
            }
            leaveAdopted()
            interned.translate(vector, rows: nil, rowCount: local.count, into: &codes)
        case .strings(let table):
            leaveAdopted()
            interned.translate(vector, rows: nil, rowCount: table.count, into: &codes)
        case .integers(let rows):
            numbers.codes(of: rows, validity: vector.validity, into: &codes)
        case .floats(let rows):
            // Negative zero is zero.
            numbers.codes(
                of: rows.map { sortable($0 + 0) }, validity: vector.validity, into: &codes)
        case .booleans(let bits):
            resize(&codes, to: bits.count)
            for row in codes.indices { codes[row] = bits[row] ? 2 : 1 }
            if let validity = vector.validity { NumberCodes.clear(&codes, outside: validity) }
        }
    }

    /// Values are numbered from now on; those of the dictionary keep their codes.
    private mutating func leaveAdopted() {
        guard let dictionary = adopted ?? jointValues else { return }
        adopted = nil
        jointValues = nil
        interned = DimensionCodes(adopting: dictionary)
    }

    /// By code of another coder, for those that are used, the code here.
    mutating func codes(of other: KeyCoder, used: [Bool]) -> [UInt32] {
        invariant(type.valueType == other.type.valueType && used.count == other.codeCount)
        switch type.valueType {
        case .string, .json, .state:
            return textCodes(of: other, used: used)
        case .integer, .timestamp, .float:
            var codes = [UInt32](repeating: 0, count: used.count)
            for (index, value) in other.numbers.values.enumerated() where used[index + 1] {
                codes[index + 1] = numbers.code(of: value)
            }
            return codes
        case .boolean: return [0, 1, 2]
        }
    }

    private mutating func textCodes(of other: KeyCoder, used: [Bool]) -> [UInt32] {
        let dictionary = other.strings
        if let adopted, adopted.sharesMemory(with: dictionary) { return Self.identity(used.count) }
        if let joint, jointValues != nil || isEmpty {
            if other.jointValues != nil, other.joint === joint {
                // Values are only ever added, so the longer one holds for both.
                if dictionary.count > jointValues?.count ?? 0 { jointValues = dictionary }
                return Self.identity(used.count)
            }
            let translation = joint.translate(
                dictionary, used: used, isLasting: other.adopted != nil,
                isBegun: jointValues != nil)
            if let translation {
                jointValues = translation.values
                return translation.codes
            }
        }
        if isEmpty, other.adopted != nil {
            adopted = dictionary
            return Self.identity(used.count)
        }
        leaveAdopted()
        return interned.codes(of: dictionary, used: used)
    }

    private static func identity(_ count: Int) -> [UInt32] { (0..<UInt32(count)).map { $0 } }

    /// Whether equal codes mean equal values here and there.
    func sharesCodes(with other: KeyCoder) -> Bool {
        guard isText else { return type.valueType == .boolean }
        if let adopted { return other.adopted.map { $0.sharesMemory(with: adopted) } ?? false }
        return jointValues != nil && other.jointValues != nil && joint === other.joint
    }

    /// By code in which of so many shares of all values its value is: by the code where coders have
    /// the same codes, else by the hash of the value.
    func shares(_ count: Int, byCode: Bool) -> [UInt8] {
        if byCode { return (0..<codeCount).map { UInt8($0 % count) } }
        var shares = [UInt8](repeating: 0, count: codeCount)
        if isText {
            let strings = strings
            unsafe strings.bytes.withUnsafeBytes { bytes in
                for entry in 0..<strings.count {
                    let range = strings.range(entry)
                    let hash = unsafe hash64(UnsafeRawBufferPointer(rebasing: bytes[range]))
                    shares[entry + 1] = UInt8(hash % UInt64(count))
                }
            }
            return shares
        }
        for (index, value) in numbers.values.enumerated() {
            shares[index + 1] = UInt8(hash64(UInt64(bitPattern: value)) % UInt64(count))
        }
        if type.valueType == .boolean { shares[2] = UInt8(1 % count) }
        return shares
    }

    /// The values of codes as a vector.
    func vector(_ codes: [UInt32]) -> Vector {
        switch type.valueType {
        case .string, .json, .state:
            return Vector(type: type.valueType, values: .codes(codes, dictionary: strings))
        case .integer, .timestamp:
            let values = numbers.values
            return Vector(
                type: type.valueType,
                values: .integers(codes.map { $0 == 0 ? 0 : values[Int($0) - 1] }),
                validity: Self.validity(codes))
        case .float:
            let values = numbers.values
            return Vector(
                type: .float,
                values: .floats(codes.map { $0 == 0 ? 0 : float(sortable: values[Int($0) - 1]) }),
                validity: Self.validity(codes))
        case .boolean:
            var bits = Bitmap(count: codes.count)
            for row in codes.indices where codes[row] == 2 { bits[row] = true }
            return Vector(
                type: .boolean, values: .booleans(bits), validity: Self.validity(codes))
        }
    }

    /// Nil where all rows have a value.
    static func validity(_ codes: [UInt32]) -> Bitmap? {
        guard codes.contains(0) else { return nil }
        var validity = Bitmap(repeating: true, count: codes.count)
        for row in codes.indices where codes[row] == 0 { validity[row] = false }
        return validity
    }

    /// Whether the value of a code sorts before that of another; neither is NULL.
    func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
        switch type.valueType {
        case .string, .json, .state:
            if adopted != nil { return left < right }
            let values = strings
            return values.precedes(Int(left) - 1, values, Int(right) - 1)
        case .integer, .timestamp, .float:
            return numbers.values[Int(left) - 1] < numbers.values[Int(right) - 1]
        case .boolean: return left < right
        }
    }

    /// By code its place in the order of values; NULL first.
    func ranks() -> [UInt32] {
        switch type.valueType {
        case .string, .json, .state:
            if adopted != nil { return Self.identity(codeCount) }
            return jointValues.map { DimensionCodes(adopting: $0).ranks() } ?? interned.ranks()
        case .boolean: return [0, 1, 2]
        case .integer, .timestamp, .float:
            let values = numbers.values
            let order = values.indices.sorted { values[$0] < values[$1] }
            var ranks = [UInt32](repeating: 0, count: values.count + 1)
            for (place, index) in order.enumerated() { ranks[index + 1] = UInt32(place + 1) }
            return ranks
        }
    }
}
