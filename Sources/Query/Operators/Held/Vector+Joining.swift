internal import Base
internal import Expressions
internal import Store

extension Vector {
    /// The rows of several vectors of one type, at least one vector, one behind the other.
    ///
    /// Text stays codes where its dictionaries are one, or small beside the rows; then their
    /// entries are numbered anew, each looked up once. O(rows + entries of dictionaries).
    static func joined(_ pieces: [Vector]) throws(QueryError) -> Vector {
        if pieces.count == 1 { return pieces[0] }
        let type = pieces[0].type
        let count = pieces.reduce(0) { $0 + $1.count }
        switch pieces[0].values {
        case .integers:
            var numbers: [Int64] = []
            numbers.reserveCapacity(count)
            for piece in pieces {
                guard case .integers(let part) = piece.values else { mismatch(piece, type) }
                numbers += part
            }
            return Vector(
                type: type, values: .integers(numbers), validity: validity(pieces, count))
        case .floats:
            var numbers: [Double] = []
            numbers.reserveCapacity(count)
            for piece in pieces {
                guard case .floats(let part) = piece.values else { mismatch(piece, type) }
                numbers += part
            }
            return Vector(type: type, values: .floats(numbers), validity: validity(pieces, count))
        case .booleans:
            var bits = BitmapJoin(count)
            for piece in pieces {
                guard case .booleans(let part) = piece.values else { mismatch(piece, type) }
                bits.append(part)
            }
            return Vector(
                type: type, values: .booleans(bits.bitmap), validity: validity(pieces, count))
        case .codes, .strings:
            return try joinedText(pieces, type, count)
        }
    }

    private static func mismatch(_ piece: Vector, _ type: ValueType) -> Never {
        fatalError("values of \(piece.type) among those of \(type)")
    }

    private static func validity(_ pieces: [Vector], _ count: Int) -> Bitmap? {
        if pieces.allSatisfy({ $0.validity == nil }) { return nil }
        var bits = BitmapJoin(count)
        for piece in pieces {
            bits.append(piece.validity ?? Bitmap(repeating: true, count: piece.count))
        }
        return bits.bitmap
    }

    // MARK: Text

    private static func joinedText(
        _ pieces: [Vector], _ type: ValueType, _ count: Int
    ) throws(QueryError) -> Vector {
        var shared: StringTable?
        var isOne = true
        var entryCount = 0
        for piece in pieces {
            switch piece.values {
            case .codes(_, let dictionary) where dictionary.count == 0: break
            case .codes(_, let dictionary):
                if let before = shared, before.sharesMemory(with: dictionary) { break }
                isOne = isOne && shared == nil
                shared = dictionary
                entryCount += dictionary.count
            case .strings(let table):
                isOne = false
                entryCount += table.count
            case .integers, .floats, .booleans: mismatch(piece, type)
            }
        }
        if isOne {
            return joinedCodes(pieces, type, count, shared ?? StringTable())
        }
        if entryCount <= count / 2 + 64, type != .state {
            return try translated(pieces, type, count)
        }
        return try joinedStrings(pieces, type, count)
    }

    /// Of one dictionary.
    private static func joinedCodes(
        _ pieces: [Vector], _ type: ValueType, _ count: Int, _ dictionary: StringTable
    ) -> Vector {
        var codes: [UInt32] = []
        codes.reserveCapacity(count)
        for piece in pieces {
            if case .codes(let part, _) = piece.values { codes += part }
        }
        return Vector(type: type, values: .codes(codes, dictionary: dictionary))
    }

    /// Of dictionaries with entries in common.
    private static func translated(
        _ pieces: [Vector], _ type: ValueType, _ count: Int
    ) throws(QueryError) -> Vector {
        var texts = TextLimit()
        for piece in pieces { try texts.add(piece) }
        var numbering = DimensionCodes()
        var codes: [UInt32] = []
        codes.reserveCapacity(count)
        var part: [UInt32] = []
        for piece in pieces {
            numbering.translate(piece, rows: nil, rowCount: piece.count, into: &part)
            codes += part
        }
        return Vector(type: type, values: .codes(codes, dictionary: numbering.values))
    }

    private static func joinedStrings(
        _ pieces: [Vector], _ type: ValueType, _ count: Int
    ) throws(QueryError) -> Vector {
        var table = StringTable()
        table.offsets.reserveCapacity(count + 1)
        var valid = BitmapJoin(count)
        for piece in pieces {
            switch piece.values {
            case .codes(let codes, let dictionary):
                for code in codes {
                    if code == 0 {
                        table.append([])
                        continue
                    }
                    let entry = dictionary.bytes(at: Int(code) - 1)
                    try TextLimit.check(table.bytes.count + entry.count)
                    table.append(entry)
                }
            case .strings(let part):
                try TextLimit.check(table.bytes.count + part.bytes.count)
                let base = UInt32(table.bytes.count)
                table.bytes += part.bytes
                table.offsets += part.offsets.dropFirst().lazy.map { base + $0 }
            case .integers, .floats, .booleans: mismatch(piece, type)
            }
            valid.append(piece.presence ?? Bitmap(repeating: true, count: piece.count))
        }
        let validity = valid.bitmap
        return Vector(
            type: type, values: .strings(table),
            validity: validity.population == count ? nil : validity)
    }
}

extension Vector {
    /// The same rows without their dictionary, where it is much larger than they need.
    var detached: Vector {
        guard case .codes(let codes, let dictionary) = values,
            dictionary.count > 16 * codes.count + 64
        else { return self }
        var table = StringTable()
        table.offsets.reserveCapacity(codes.count + 1)
        for code in codes { table.append(code == 0 ? [] : dictionary.bytes(at: Int(code) - 1)) }
        return Vector(type: type, values: .strings(table), validity: presence)
    }
}

/// The bytes of the texts of one vector, which are counted in 32 bits.
struct TextLimit {
    private var byteCount = 0

    /// Counts the texts of a vector, as if they were all different from those before.
    mutating func add(_ vector: Vector) throws(QueryError) {
        switch vector.values {
        case .codes(_, let table), .strings(let table): byteCount += table.bytes.count
        case .integers, .floats, .booleans: break
        }
        try Self.check(byteCount)
    }

    /// Ends the query where so many bytes are too many.
    static func check(_ byteCount: Int) throws(QueryError) {
        guard byteCount > Int(UInt32.max) else { return }
        throw QueryError(
            status: 422, code: "query_limit",
            message: "the query would hold more than 4 GiB of text of one column; ask for fewer "
                + "rows or a shorter range")
    }
}

/// Puts sets of rows one behind the other, word by word.
private struct BitmapJoin {
    private var words: [UInt64] = []
    private var count = 0

    init(_ count: Int) { words.reserveCapacity(count / 64 + 1) }

    mutating func append(_ bitmap: Bitmap) {
        let shift = UInt64(count & 63)
        if shift == 0 {
            words += bitmap.words
        } else {
            for word in bitmap.words {
                words[words.count - 1] |= word &<< shift
                words.append(word &>> (64 - shift))
            }
        }
        count += bitmap.count
        words.removeLast(words.count - (count + 63) / 64)
    }

    var bitmap: Bitmap { Bitmap(words: words, count: count) }
}
