internal import Base

/// Reads the texts of an operand row by row, however they are held; NULL is the empty text.
struct TextReader: Sendable {
    /// All bytes; a row's are found by its entry.
    let bytes: [UInt8]
    private let offsets: [UInt32]
    /// From 1, 0 is NULL; nil where entries are rows.
    private let codes: [UInt32]?
    /// Whether entry 0 stands in all rows.
    private let isConstant: Bool

    init(_ operand: Operand) {
        switch operand {
        case .vector(let vector): self.init(vector)
        case .constant(.string(let text)): self.init(constant: Array(text.utf8))
        case .constant: self.init(constant: [])
        }
    }

    init(_ vector: Vector) {
        isConstant = false
        switch vector.values {
        case .codes(let rows, let dictionary):
            (bytes, offsets, codes) = (dictionary.bytes, dictionary.offsets, rows)
        case .strings(let table):
            (bytes, offsets, codes) = (table.bytes, table.offsets, nil)
        case .integers, .floats, .booleans:
            fatalError("\(vector.type) where text was bound")
        }
    }

    private init(constant: [UInt8]) {
        isConstant = true
        codes = nil
        bytes = constant
        offsets = [0, UInt32(constant.count)]
    }

    /// Where the text of a row lies in `bytes`.
    @inline(__always)
    func range(_ row: Int) -> Range<Int> {
        var entry = isConstant ? 0 : row
        if let codes {
            entry = Int(codes[row]) - 1
            if entry < 0 { return 0..<0 }
        }
        return Int(offsets[entry])..<Int(offsets[entry + 1])
    }

    /// The text of a row.
    @inline(__always)
    func slice(_ row: Int) -> ArraySlice<UInt8> { bytes[range(row)] }

    /// Copies the text of each row to its place in the bytes, and moves the place behind it.
    func write(_ count: Int, into target: inout [UInt8], at places: inout [UInt32]) {
        unsafe target.withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                for row in 0..<count {
                    let range = range(row)
                    let place = Int(places[row])
                    let slot = unsafe UnsafeMutableRawBufferPointer(
                        rebasing: target[place..<place + range.count])
                    unsafe slot.copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[range]))
                    places[row] &+= UInt32(truncatingIfNeeded: range.count)
                }
            }
        }
    }

    /// Whether row `r` is entry `r` of the bytes, one behind the other.
    var isPlain: Bool { codes == nil && !isConstant }

    /// Where the text of a row ends, of a plain reader.
    @inline(__always)
    func end(_ row: Int) -> Int { Int(offsets[row + 1]) }

    /// The text of a row as a string.
    func string(_ row: Int) -> String { String(decoding: slice(row), as: UTF8.self) }
}
