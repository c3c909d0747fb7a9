internal import Base
internal import Events
internal import Expressions

/// The values of one dimension in the windows: a dictionary that grows with the generation, and
/// for the block at hand the code of each row.
///
/// A field (`eventType`, `userId`, `sessionId`) or a property, whose values of all types are read
/// as text. What a string costs is paid once a block, not once a row.
struct DimensionColumn {
    let name: String
    private var interner = StringInterner()
    /// One code a row of the block at hand; 0 is absent.
    private(set) var codes: [UInt32] = []
    private var translation: [UInt32] = []

    init(name: String) { self.name = name }

    /// All values so far; code `k` is entry `k - 1`.
    var dictionary: StringTable { interner.table }
    var byteCount: Int { interner.byteCount }

    /// Reads the dimension of every row of the block.
    mutating func read(_ block: EventBlock) {
        switch name {
        case "eventType": read(block.eventType)
        case "userId": read(block.userId)
        case "sessionId": read(block.sessionId)
        default:
            codes.removeAll(keepingCapacity: true)
            codes.append(contentsOf: repeatElement(0, count: block.count))
            for column in block.properties where column.name == name { read(column) }
        }
    }

    private mutating func read(_ column: CodedColumn) {
        interner.internAll(column.dictionary, into: &translation)
        codes.removeAll(keepingCapacity: true)
        codes.reserveCapacity(column.codes.count)
        for code in column.codes { codes.append(translation[Int(code)]) }
    }

    private mutating func read(_ column: PropertyColumn) {
        switch column.values {
        case .codes(let values, let dictionary):
            interner.internAll(dictionary, into: &translation)
            Self.scatter(values, column.rows, translation, into: &codes)
        case .integers(let numbers):
            for (row, number) in zip(column.rows, numbers) { fill(row, String(number)) }
        case .floats(let numbers):
            for (row, number) in zip(column.rows, numbers) { fill(row, Literal.text(number)) }
        case .booleans(let bits):
            for (row, bit) in zip(column.rows, bits) { fill(row, bit ? "true" : "false") }
        }
    }

    private static func scatter(
        _ values: [UInt32], _ rows: [UInt32], _ translation: [UInt32], into codes: inout [UInt32]
    ) {
        for index in rows.indices {
            let row = Int(rows[index])
            if codes[row] == 0 { codes[row] = translation[Int(values[index])] }
        }
    }

    private mutating func fill(_ row: UInt32, _ text: String) {
        if codes[Int(row)] == 0 { codes[Int(row)] = interner.intern(text) }
    }
}
