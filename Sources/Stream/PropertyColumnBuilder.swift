internal import Base
internal import Events
internal import Expressions

/// A column of strings of a flush: codes into a dictionary of the whole flush.
struct CodedColumnBuilder {
    private var interner = StringInterner()
    private var codes: [UInt32]
    /// Block-local code → code here; 0 where it was not needed yet.
    private var translation: [UInt32] = []

    init(rowCount: Int) { codes = [UInt32](repeating: 0, count: rowCount) }

    /// Adds a column with one code a row.
    mutating func add(_ column: CodedColumn, _ targets: RowTargets) {
        translate(column.codes, column.dictionary, all: targets.takesAll) {
            $0
        } targets: { row in
            targets[row]
        }
    }

    /// Adds values that the given rows have.
    mutating func add(
        _ values: [UInt32], rows: [UInt32], _ dictionary: StringTable, _ targets: RowTargets
    ) {
        translate(values, dictionary, all: targets.takesAll) {
            Int(rows[$0])
        } targets: { row in
            targets[row]
        }
    }

    func finish(_ type: ValueType) -> Vector {
        Vector(type: type, values: .codes(codes, dictionary: interner.table))
    }

    @inline(__always)
    private mutating func translate(
        _ values: [UInt32], _ dictionary: StringTable, all: Bool, row: (Int) -> Int,
        targets: (Int) -> Int
    ) {
        if all {
            // Every entry of a block's dictionary occurs in it.
            interner.internAll(dictionary, into: &translation)
            for index in values.indices {
                codes[targets(row(index))] = translation[Int(values[index])]
            }
            return
        }
        translation.removeAll(keepingCapacity: true)
        translation.append(contentsOf: repeatElement(0, count: dictionary.count + 1))
        for index in values.indices {
            let target = targets(row(index))
            let value = Int(values[index])
            if target < 0 || value == 0 { continue }
            if translation[value] == 0 {
                translation[value] = interner.intern(dictionary, entry: value - 1)
            }
            codes[target] = translation[value]
        }
    }
}

/// A property's column of one type in a flush; rows without a value are null.
///
/// Of the four forms of storage the one of `type` is in use, the others stay empty: an enum with
/// payloads would copy its array for each block.
struct PropertyColumnBuilder {
    let name: String
    let type: ValueType
    private var coded: CodedColumnBuilder
    private var integers: [Int64]
    private var floats: [Double]
    private var booleans: Bitmap
    private var validity: Bitmap

    init(name: String, type: ValueType, rowCount: Int) {
        self.name = name
        self.type = type
        func count(_ types: ValueType...) -> Int { types.contains(type) ? rowCount : 0 }
        coded = CodedColumnBuilder(rowCount: count(.string, .json, .state))
        integers = [Int64](repeating: 0, count: count(.integer, .timestamp))
        floats = [Double](repeating: 0, count: count(.float))
        booleans = Bitmap(count: count(.boolean))
        validity = Bitmap(count: count(.integer, .timestamp, .float, .boolean))
    }

    /// Adds the values of a block's column of the same name and type.
    mutating func add(_ column: PropertyColumn, _ targets: RowTargets) {
        switch (type, column.values) {
        case (.string, .codes(let codes, let dictionary)),
            (.json, .codes(let codes, let dictionary)),
            (.state, .codes(let codes, let dictionary)):
            coded.add(codes, rows: column.rows, dictionary, targets)
        case (.integer, .integers(let added)), (.timestamp, .integers(let added)):
            scatter(added, column.rows, targets, into: &integers, &validity)
        case (.float, .floats(let added)):
            scatter(added, column.rows, targets, into: &floats, &validity)
        case (.boolean, .booleans(let added)):
            for (row, bit) in zip(column.rows, added) {
                let target = targets[Int(row)]
                if target < 0 { continue }
                if bit { booleans[target] = true }
                validity[target] = true
            }
        default:
            fatalError("column \(name) of type \(type) has values of another type")
        }
    }

    func finish() -> Vector {
        let isComplete = validity.population == validity.count
        let validity = isComplete ? nil : validity
        switch type {
        case .string, .json, .state: return coded.finish(type)
        case .integer, .timestamp:
            return Vector(type: type, values: .integers(integers), validity: validity)
        case .float: return Vector(type: type, values: .floats(floats), validity: validity)
        case .boolean: return Vector(type: type, values: .booleans(booleans), validity: validity)
        }
    }
}

private func scatter<Number>(
    _ added: [Number], _ rows: [UInt32], _ targets: RowTargets, into numbers: inout [Number],
    _ validity: inout Bitmap
) {
    for index in rows.indices {
        let target = targets[Int(rows[index])]
        if target < 0 { continue }
        numbers[target] = added[index]
        validity[target] = true
    }
}
