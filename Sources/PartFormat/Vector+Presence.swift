internal import Base
internal import Expressions

/// The values of the rows that `validity` has, without the others.
func presentValues<Value>(_ values: [Value], _ validity: Bitmap) -> [Value] {
    var present: [Value] = []
    present.reserveCapacity(values.count)
    for row in values.indices where validity[row] { present.append(values[row]) }
    return present
}

/// The same for bits.
func presentValues(_ values: Bitmap, _ validity: Bitmap) -> Bitmap {
    var present = Bitmap(count: 0)
    for row in 0..<values.count where validity[row] { present.append(values[row]) }
    return present
}

/// The same for strings.
func presentValues(_ values: StringTable, _ validity: Bitmap) -> StringTable {
    var present = StringTable()
    for row in 0..<values.count where validity[row] { present.append(values.bytes(at: row)) }
    return present
}

/// The strings of all codes but 0.
func presentValues(codes: [UInt32], _ dictionary: StringTable) -> StringTable {
    var present = StringTable()
    present.offsets.reserveCapacity(codes.count + 1)
    for code in codes where code != 0 { present.append(dictionary.bytes(at: Int(code) - 1)) }
    return present
}

/// Puts values back on the rows that `validity` has; the others get `absent`.
func spreadValues<Value>(_ present: [Value], _ validity: Bitmap, absent: Value) -> [Value] {
    invariant(validity.population == present.count)
    var values = [Value](repeating: absent, count: validity.count)
    var next = 0
    for (index, bits) in validity.words.enumerated() {
        var rest = bits
        while rest != 0 {
            values[index &* 64 &+ rest.trailingZeroBitCount] = present[next]
            next &+= 1
            rest &= rest &- 1
        }
    }
    return values
}

/// The same for bits.
func spreadValues(_ present: Bitmap, _ validity: Bitmap) -> Bitmap {
    invariant(validity.population == present.count)
    var values = Bitmap(count: validity.count)
    var next = 0
    for row in 0..<validity.count where validity[row] {
        if present[next] { values[row] = true }
        next += 1
    }
    return values
}

/// The same for strings: the bytes stay, the others become empty.
func spreadValues(_ present: StringTable, _ validity: Bitmap) -> StringTable {
    invariant(validity.population == present.count)
    var offsets = [UInt32](repeating: 0, count: validity.count + 1)
    var next = 0
    for row in 0..<validity.count {
        next &+= validity[row] ? 1 : 0
        offsets[row &+ 1] = present.offsets[next]
    }
    return StringTable(offsets: offsets, bytes: present.bytes)
}

extension Vector {
    /// The rows of a range.
    func slice(_ rows: Range<Int>) -> Vector {
        let values: Values =
            switch self.values {
            case .codes(let codes, let dictionary):
                .codes(Array(codes[rows]), dictionary: dictionary)
            case .strings(let table): .strings(table.slice(rows))
            case .integers(let numbers): .integers(Array(numbers[rows]))
            case .floats(let numbers): .floats(Array(numbers[rows]))
            case .booleans(let bits): .booleans(bits.slice(rows))
            }
        return Vector(type: type, values: values, validity: validity?.slice(rows))
    }
}

extension Bitmap {
    fileprivate func slice(_ rows: Range<Int>) -> Bitmap {
        var slice = Bitmap(count: 0)
        for row in rows { slice.append(self[row]) }
        return slice
    }
}

extension StringTable {
    fileprivate func slice(_ rows: Range<Int>) -> StringTable {
        var slice = StringTable()
        for row in rows { slice.append(bytes(at: row)) }
        return slice
    }
}
