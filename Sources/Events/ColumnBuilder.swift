internal import Base
internal import CSimdjson
internal import Expressions

/// One property column while a block is gathered.
struct ColumnBuilder: ~Copyable {
    let name: String
    let type: ValueType
    private var rows = GrowingBuffer<UInt32>()
    /// Codes, for texts.
    private var codes = GrowingBuffer<UInt32>()
    private var interner = TextInterner()
    /// Integers, the bits of floats, and 0 or 1 for booleans.
    private var numbers = GrowingBuffer<UInt64>()

    init(name: String, type: ValueType) {
        self.name = name
        self.type = type
    }

    var count: Int { rows.count }

    var byteCount: Int { rows.count * 4 + codes.count * 4 + numbers.count * 8 + interner.byteCount }

    /// Takes the values of a body, whose first row is `firstRow` of the block.
    mutating func append(_ column: event_column, firstRow: Int) {
        let count = Int(unsafe column.count)
        rows.reserve(count)
        let base = UInt32(firstRow)
        guard let bodyRows = unsafe column.rows, let values = unsafe column.values,
            let lengths = unsafe column.lengths
        else { return }
        for index in 0..<count { rows.append(unsafe bodyRows[index] &+ base) }
        switch type {
        case .string, .json:
            interner.intern(
                unsafe TextList(starts: values, lengths: lengths, count: count), into: &codes)
        default:
            unsafe numbers.append(values, count: count)
        }
    }

    /// The column of the finished block.
    borrowing func column() -> PropertyColumn {
        let values: PropertyColumn.Values =
            switch type {
            case .integer: .integers(numbers.array(as: Int64.self))
            case .float: .floats(numbers.array(as: Double.self))
            case .boolean: .booleans(numbers.array().map { $0 != 0 })
            default: .codes(codes.array(), dictionary: interner.table())
            }
        return PropertyColumn(name: name, type: type, rows: rows.array(), values: values)
    }

    mutating func removeAll() {
        rows.removeAll()
        codes.removeAll()
        numbers.removeAll()
        interner.removeAll()
    }
}

/// The property columns of a builder, in the order in which they first appeared.
///
/// Columns stay when a block is finished, empty but with their memory, as the next block mostly
/// has the same.
@safe
struct ColumnList: ~Copyable {
    private var columns: UnsafeMutablePointer<ColumnBuilder>
    private(set) var count = 0
    private var capacity = 16
    /// All columns by name, then type; made anew when a column has come.
    private var sorted: [Int] = []

    init() { unsafe columns = .allocate(capacity: capacity) }

    deinit {
        unsafe columns.deinitialize(count: count)
        unsafe columns.deallocate()
    }

    mutating func append(_ column: consuming ColumnBuilder) {
        if count == capacity {
            let moved = UnsafeMutablePointer<ColumnBuilder>.allocate(capacity: capacity * 2)
            unsafe moved.moveInitialize(from: columns, count: count)
            unsafe columns.deallocate()
            unsafe columns = moved
            capacity *= 2
        }
        unsafe columns.advanced(by: count).initialize(to: column)
        count += 1
    }

    /// Takes a body's values for one column; returns by how much its memory grew.
    mutating func append(_ values: event_column, to index: Int, firstRow: Int) -> Int {
        invariant(index < count)
        let before = unsafe columns[index].byteCount
        unsafe columns[index].append(values, firstRow: firstRow)
        return unsafe columns[index].byteCount - before
    }

    /// The columns that have values, by name (its UTF-8 bytes), then type.
    mutating func finish() -> [PropertyColumn] {
        if sorted.count != count { sort() }
        var result: [PropertyColumn] = []
        result.reserveCapacity(count)
        for index in sorted {
            guard unsafe columns[index].count > 0 else { continue }
            result.append(unsafe columns[index].column())
            unsafe columns[index].removeAll()
        }
        return result
    }

    mutating func removeAll() {
        unsafe columns.deinitialize(count: count)
        count = 0
        sorted = []
    }

    private mutating func sort() {
        let keys = (0..<count).map { index in
            unsafe (columns[index].name, columns[index].type.rawValue)
        }
        sorted = (0..<count).sorted { left, right in
            PropertyColumn.precedes(keys[left].0, keys[left].1, keys[right].0, keys[right].1)
        }
    }
}

extension PropertyColumn {
    /// The order of columns in a block: by the UTF-8 bytes of the name, then by type.
    static func precedes(
        _ leftName: String, _ leftType: UInt8, _ rightName: String, _ rightType: UInt8
    ) -> Bool {
        if leftName.utf8.elementsEqual(rightName.utf8) { return leftType < rightType }
        return leftName.utf8.lexicographicallyPrecedes(rightName.utf8)
    }
}
