internal import Base
package import Expressions

extension Vector {
    /// The rows of those numbers, in that order.
    ///
    /// A dictionary is kept as it is.
    package func gathered(_ rows: ArraySlice<UInt32>) -> Vector {
        var gatheredValidity: Bitmap?
        if let validity {
            gatheredValidity = Vector.gather(validity, rows)
            if gatheredValidity?.population == rows.count { gatheredValidity = nil }
        }
        let gatheredValues: Values =
            switch values {
            case .codes(let codes, let dictionary):
                .codes(Vector.gather(codes, rows), dictionary: dictionary)
            case .strings(let table): .strings(Vector.gather(table, rows))
            case .integers(let numbers): .integers(Vector.gather(numbers, rows))
            case .floats(let numbers): .floats(Vector.gather(numbers, rows))
            case .booleans(let bits): .booleans(Vector.gather(bits, rows))
            }
        return Vector(type: type, values: gatheredValues, validity: gatheredValidity)
    }

    /// A run of rows.
    package func slice(_ rows: Range<Int>) -> Vector {
        if rows == 0..<count { return self }
        var slicedValidity: Bitmap?
        if let validity {
            slicedValidity = Vector.slice(validity, rows)
            if slicedValidity?.population == rows.count { slicedValidity = nil }
        }
        let slicedValues: Values =
            switch values {
            case .codes(let codes, let dictionary):
                .codes(Array(codes[rows]), dictionary: dictionary)
            case .strings(let table):
                .strings(Vector.slice(table, rows))
            case .integers(let numbers): .integers(Array(numbers[rows]))
            case .floats(let numbers): .floats(Array(numbers[rows]))
            case .booleans(let bits): .booleans(Vector.slice(bits, rows))
            }
        return Vector(type: type, values: slicedValues, validity: slicedValidity)
    }

    /// A column that has no value in any row.
    package static func nulls(type: ValueType, count: Int) -> Vector {
        let none = Bitmap(repeating: false, count: count)
        switch type {
        case .string, .json:
            return Vector(
                type: type,
                values: .codes([UInt32](repeating: 0, count: count), dictionary: StringTable()))
        case .integer, .timestamp:
            return Vector(
                type: type, values: .integers([Int64](repeating: 0, count: count)), validity: none)
        case .float:
            return Vector(
                type: type, values: .floats([Double](repeating: 0, count: count)), validity: none)
        case .boolean: return Vector(type: type, values: .booleans(none), validity: none)
        case .state:
            let empty = StringTable(offsets: [UInt32](repeating: 0, count: count + 1), bytes: [])
            return Vector(type: type, values: .strings(empty), validity: none)
        }
    }

    /// The memory of the rows, without a dictionary.
    package var rowBytes: Int {
        switch values {
        case .codes(let codes, _): codes.count * 4
        case .strings(let table): table.byteCount
        case .integers(let numbers): numbers.count * 8
        case .floats(let numbers): numbers.count * 8
        case .booleans(let bits): bits.count / 8
        }
    }

    private static func gather<Value: BitwiseCopyable>(
        _ values: [Value], _ rows: ArraySlice<UInt32>
    ) -> [Value] {
        unsafe [Value](unsafeUninitializedCapacity: rows.count) { buffer, count in
            unsafe gatherRows(values, rows, buffer)
            count = rows.count
        }
    }

    private static func gatherRows<Value: BitwiseCopyable>(
        _ values: [Value], _ rows: ArraySlice<UInt32>, _ target: UnsafeMutableBufferPointer<Value>
    ) {
        var position = 0
        for row in rows {
            // The subscript of `values` is checked; `target` has one place a row.
            unsafe target[position] = values[Int(row)]
            position &+= 1
        }
    }

    private static func gather(_ bits: Bitmap, _ rows: ArraySlice<UInt32>) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (rows.count + 63) / 64)
        var position = 0
        for row in rows {
            let bit: UInt64 = bits[Int(row)] ? 1 : 0
            words[position &>> 6] |= bit &<< UInt64(position & 63)
            position &+= 1
        }
        return Bitmap(words: words, count: rows.count)
    }

    private static func slice(_ bits: Bitmap, _ rows: Range<Int>) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (rows.count + 63) / 64)
        for (position, row) in rows.enumerated() where bits[row] {
            words[position &>> 6] |= 1 &<< UInt64(position & 63)
        }
        return Bitmap(words: words, count: rows.count)
    }

    private static func gather(_ table: StringTable, _ rows: ArraySlice<UInt32>) -> StringTable {
        var byteCount = 0
        for row in rows { byteCount &+= table.range(Int(row)).count }
        var gathered = StringTable()
        gathered.bytes.reserveCapacity(byteCount)
        gathered.offsets.reserveCapacity(rows.count + 1)
        for row in rows { gathered.append(table.bytes(at: Int(row))) }
        return gathered
    }

    private static func slice(_ table: StringTable, _ rows: Range<Int>) -> StringTable {
        let start = table.offsets[rows.lowerBound]
        let end = table.offsets[rows.upperBound]
        return StringTable(
            offsets: table.offsets[rows.lowerBound...rows.upperBound].map { $0 - start },
            bytes: Array(table.bytes[Int(start)..<Int(end)]))
    }
}
