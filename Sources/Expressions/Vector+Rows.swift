package import Base

extension Vector {
    /// The rows of these numbers, in their order; a dictionary is kept as it is.
    ///
    /// O(rows), and the bytes of strings.
    package func taking(_ rows: [UInt32]) -> Vector {
        var takenValidity = validity.map { $0.taking(rows) }
        if takenValidity?.population == rows.count { takenValidity = nil }
        let taken: Values =
            switch values {
            case .codes(let codes, let dictionary):
                .codes(gather(codes, rows), dictionary: dictionary)
            case .strings(let table): .strings(table.taking(rows))
            case .integers(let numbers): .integers(gather(numbers, rows))
            case .floats(let numbers): .floats(gather(numbers, rows))
            case .booleans(let bits): .booleans(bits.taking(rows))
            }
        return Vector(type: type, values: taken, validity: takenValidity)
    }

    /// The rows that are in the set.
    package func filtered(_ selection: Bitmap) -> Vector {
        invariant(selection.count == count)
        return selection.population == count ? self : taking(selection.rows)
    }

    /// All rows of several vectors of one type, one vector behind the other.
    ///
    /// Codes stay codes where the dictionaries are small beside the rows; equal dictionaries are
    /// not joined but kept.
    package static func concatenated(_ vectors: [Vector], type: DataType) -> Vector {
        guard vectors.count != 1 else { return vectors[0] }
        var sources: [VectorMerge.Piece] = []
        var row: UInt32 = 0
        for vector in vectors {
            let end = row + UInt32(vector.count)
            sources.append(VectorMerge.Piece(rows: Array(row..<end), vector: vector))
            row = end
        }
        return VectorMerge.merge(sources, valueType: type.valueType, count: Int(row))
    }
}

/// The elements at these places.
@inline(__always)
private func gather<Element>(_ elements: [Element], _ rows: [UInt32]) -> [Element] {
    unsafe Array(unsafeUninitializedCapacity: rows.count) { buffer, count in
        for index in rows.indices {
            unsafe buffer.initializeElement(at: index, to: elements[Int(rows[index])])
        }
        count = rows.count
    }
}

extension Bitmap {
    /// The bits of these rows, in their order.
    func taking(_ rows: [UInt32]) -> Bitmap {
        Bitmap.make(rows.count) { self[Int(rows[$0])] }
    }
}

extension StringTable {
    /// The entries of these numbers, in their order.
    func taking(_ rows: [UInt32]) -> StringTable {
        var byteCount = 0
        for row in rows { byteCount &+= Int(offsets[Int(row) + 1] &- offsets[Int(row)]) }
        var table = StringTable()
        table.offsets.reserveCapacity(rows.count + 1)
        table.bytes.reserveCapacity(byteCount)
        for row in rows { table.append(bytes(at: Int(row))) }
        return table
    }
}

/// Puts vectors together that each have the values of some rows.
enum VectorMerge {
    /// The values of some rows, in the order of the row numbers.
    struct Piece {
        var rows: [UInt32]
        var vector: Vector
    }

    /// A vector of `count` rows, each of which is in one piece.
    static func merge(_ pieces: [Piece], valueType: ValueType, count: Int) -> Vector {
        if pieces.count == 1, pieces[0].rows.count == count { return pieces[0].vector }
        switch valueType {
        case .integer, .timestamp:
            let numbers = scatter(pieces, 0, count) { vector -> [Int64] in
                if case .integers(let numbers) = vector.values { return numbers }
                fatalError("\(vector.type) among integers")
            }
            return Vector(
                type: valueType, values: .integers(numbers), validity: validity(pieces, count))
        case .float:
            let numbers = scatter(pieces, 0, count) { vector -> [Double] in
                if case .floats(let numbers) = vector.values { return numbers }
                fatalError("\(vector.type) among floats")
            }
            return Vector(
                type: valueType, values: .floats(numbers), validity: validity(pieces, count))
        case .boolean:
            var bits = Bitmap(count: count)
            for piece in pieces {
                guard case .booleans(let set) = piece.vector.values else {
                    fatalError("\(piece.vector.type) among booleans")
                }
                for (index, row) in piece.rows.enumerated() where set[index] {
                    bits[Int(row)] = true
                }
            }
            return Vector(
                type: valueType, values: .booleans(bits), validity: validity(pieces, count))
        case .string, .json, .state:
            return mergeText(pieces, valueType, count)
        }
    }

    private static func scatter<Element>(
        _ pieces: [Piece], _ zero: Element, _ count: Int, _ elements: (Vector) -> [Element]
    ) -> [Element] {
        var result = [Element](repeating: zero, count: count)
        for piece in pieces {
            let source = elements(piece.vector)
            for index in piece.rows.indices { result[Int(piece.rows[index])] = source[index] }
        }
        return result
    }

    private static func validity(_ pieces: [Piece], _ count: Int) -> Bitmap? {
        if pieces.allSatisfy({ $0.vector.validity == nil }) { return nil }
        var validity = Bitmap(repeating: true, count: count)
        for piece in pieces {
            guard let valid = piece.vector.validity else { continue }
            for (index, row) in piece.rows.enumerated() where !valid[index] {
                validity[Int(row)] = false
            }
        }
        return validity
    }

    /// Dictionaries are joined where that costs less than writing out the rows.
    private static func mergeText(_ pieces: [Piece], _ type: ValueType, _ count: Int) -> Vector {
        var entryCount = 0
        var areCodes = true
        var first: StringTable?
        var haveOne = true
        for piece in pieces {
            guard case .codes(_, let dictionary) = piece.vector.values else {
                areCodes = false
                break
            }
            if let first { haveOne = haveOne && first.isSame(dictionary) }
            first = first ?? dictionary
            entryCount += dictionary.count
        }
        if areCodes, let first, haveOne || type != .state && entryCount <= count / 2 + 64 {
            return mergeCodes(pieces, type, count, haveOne ? first : nil)
        }
        return mergeStrings(pieces, type, count)
    }

    private static func mergeCodes(
        _ pieces: [Piece], _ type: ValueType, _ count: Int, _ shared: StringTable?
    ) -> Vector {
        var result = [UInt32](repeating: 0, count: count)
        var joined = TextPool()
        for piece in pieces {
            guard case .codes(let codes, let dictionary) = piece.vector.values else { continue }
            if shared != nil {
                for index in piece.rows.indices { result[Int(piece.rows[index])] = codes[index] }
                continue
            }
            var newCodes: [UInt32] = [0]
            for entry in 0..<dictionary.count {
                newCodes.append(joined.code(dictionary.bytes(at: entry)))
            }
            for index in piece.rows.indices {
                result[Int(piece.rows[index])] = newCodes[Int(codes[index])]
            }
        }
        return Vector(type: type, values: .codes(result, dictionary: shared ?? joined.table))
    }

    private static func mergeStrings(
        _ pieces: [Piece], _ type: ValueType, _ count: Int
    ) -> Vector {
        // Where each row's text is: the piece and the place in it.
        var places = [(piece: UInt32, index: UInt32)](repeating: (0, 0), count: count)
        for (number, piece) in pieces.enumerated() {
            for index in piece.rows.indices {
                places[Int(piece.rows[index])] = (UInt32(number), UInt32(index))
            }
        }
        let readers = pieces.map { TextReader($0.vector) }
        let present = pieces.map(\.vector.presence)
        var validity: Bitmap?
        var table = StringTable()
        table.offsets.reserveCapacity(count + 1)
        for row in 0..<count {
            let place = places[row]
            let piece = Int(place.piece)
            if present[piece]?[Int(place.index)] ?? true {
                table.append(readers[piece].slice(Int(place.index)))
            } else {
                table.append("")
                if validity == nil { validity = Bitmap(repeating: true, count: count) }
                validity?[row] = false
            }
        }
        return Vector(type: type, values: .strings(table), validity: validity)
    }
}

/// Distinct texts and their codes, from 1.
struct TextPool {
    private(set) var table = StringTable()
    private var codes: [ArraySlice<UInt8>: UInt32] = [:]

    /// The code of a text, which is added if it is new.
    mutating func code(_ text: ArraySlice<UInt8>) -> UInt32 {
        if let code = codes[text] { return code }
        table.append(text)
        let code = UInt32(table.count)
        codes[text] = code
        return code
    }
}

extension StringTable {
    /// Whether both are the same buffers, not only equal ones.
    func isSame(_ other: StringTable) -> Bool { identity == other.identity }

    /// A number that no other table has as long as this one, or a copy of it, is kept unchanged.
    var identity: UInt {
        unsafe offsets.withUnsafeBufferPointer { buffer in
            unsafe buffer.baseAddress.map { UInt(bitPattern: $0) } ?? 0
        }
    }
}
