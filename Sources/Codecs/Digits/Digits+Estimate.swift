internal import Base

extension Digits {
    /// An upper bound of the bytes, and the shape; nil where the strings have none.
    static func estimate(_ strings: StringTable) -> (byteCount: Int, shape: Shape)? {
        guard strings.count > 0,
            // Most columns without a shape show it in a few rows.
            ShapeFinder.find(strings, step: max(1, strings.count / 16)) != nil,
            let shape = ShapeFinder.find(strings, step: 1)
        else { return nil }
        var byteCount = 2
        for piece in shape.pieces {
            byteCount += 2 + varintByteCount(UInt64(piece.literal.count)) + piece.literal.count
            if piece.digits > 0 {
                byteCount += 2 + integersBound(piece, count: strings.count)
            }
        }
        if shape.isVariable {
            byteCount += 12 + packedByteCount(strings.count, width: bitWidth(UInt64(digitsMax)))
        }
        return (byteCount, shape)
    }

    private static func integersBound(_ piece: Piece, count: Int) -> Int {
        let width = piece.alphabet.limit(digits: piece.digits).map { bitWidth($0 - 1) } ?? 64
        guard width <= CodecLimits.packedWidthMax else { return count * 8 }
        return min(count * 8, 11 + packedByteCount(count, width: width))
    }
}

/// Finds at which places strings differ, and which digits stand there.
private struct ShapeFinder {
    private static let decimal: UInt8 = 1
    private static let lower: UInt8 = 2
    private static let upper: UInt8 = 4

    /// By byte: of which alphabets it is a digit.
    private static let classes: [UInt8] = (0..<256).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): decimal | lower | upper
        case UInt8(ascii: "a")...UInt8(ascii: "f"): lower
        case UInt8(ascii: "A")...UInt8(ascii: "F"): upper
        default: 0
        }
    }

    /// The shape of every string whose index is a multiple of `step`.
    static func find(_ strings: StringTable, step: Int) -> Digits.Shape? {
        let first = Array(strings.bytes(at: 0))
        var (least, greatest) = (first.count, first.count)
        for index in stride(from: 0, to: strings.count, by: step) {
            let length = strings.range(index).count
            least = min(least, length)
            greatest = max(greatest, length)
        }
        guard greatest > 0, greatest <= CodecLimits.templateBytesMax,
            greatest - least <= Digits.digitsMax
        else { return nil }
        var finder = ShapeFinder(least: least, greatest: greatest)
        for index in stride(from: 0, to: strings.count, by: step) {
            finder.take(strings.bytes, strings.range(index), first)
        }
        return finder.shape(first)
    }

    private let least: Int
    private let greatest: Int
    /// By place below `least`: which bits are not those of the first string.
    private var differences: [UInt8]
    /// By place: of which alphabets all bytes are digits.
    private var alphabets: [UInt8]

    private init(least: Int, greatest: Int) {
        self.least = least
        self.greatest = greatest
        differences = [UInt8](repeating: 0, count: least)
        alphabets = [UInt8](repeating: 7, count: greatest)
    }

    private mutating func take(_ bytes: [UInt8], _ range: Range<Int>, _ first: [UInt8]) {
        let start = range.lowerBound
        for place in 0..<least {
            let byte = bytes[start &+ place]
            differences[place] |= byte ^ first[place]
            alphabets[place] &= ShapeFinder.classes[Int(byte)]
        }
        for place in least..<max(least, range.count) {
            alphabets[place] &= ShapeFinder.classes[Int(bytes[start &+ place])]
        }
    }

    private func shape(_ first: [UInt8]) -> Digits.Shape? {
        var shape = Digits.Shape(pieces: [], isVariable: greatest > least)
        // The last digits, whose number varies, are one piece.
        var tail = greatest
        if shape.isVariable {
            tail = least
            while tail > 0, greatest - tail < Digits.digitsMax, differences[tail - 1] != 0,
                alphabets[(tail - 1)..<greatest].reduce(7, &) != 0
            {
                tail -= 1
            }
        }
        var piece = Digits.Piece(literal: [])
        var common: UInt8 = 7
        for place in 0..<min(tail, least) {
            if differences[place] == 0 {
                if piece.digits > 0 { shape.close(&piece, &common) }
                piece.literal.append(first[place])
                continue
            }
            if common & alphabets[place] == 0 || piece.digits == Digits.digitsMax {
                shape.close(&piece, &common)
            }
            common &= alphabets[place]
            piece.digits += 1
            guard let alphabet = ShapeFinder.alphabet(common) else { return nil }
            piece.alphabet = alphabet
        }
        if shape.isVariable {
            if piece.digits > 0 { shape.close(&piece, &common) }
            piece.digits = greatest - tail
            common = alphabets[tail..<greatest].reduce(7, &)
            guard let alphabet = ShapeFinder.alphabet(common) else { return nil }
            piece.alphabet = alphabet
        }
        shape.close(&piece, &common)
        return shape.pieces.count <= Digits.piecesMax ? shape : nil
    }

    private static func alphabet(_ common: UInt8) -> Digits.Alphabet? {
        if common & decimal != 0 { return .decimal }
        if common & lower != 0 { return .lowerHexadecimal }
        return common & upper != 0 ? .upperHexadecimal : nil
    }
}

extension Digits.Shape {
    /// Appends the piece, and begins another.
    fileprivate mutating func close(_ piece: inout Digits.Piece, _ common: inout UInt8) {
        if !piece.literal.isEmpty || piece.digits > 0 { pieces.append(piece) }
        piece = Digits.Piece(literal: [])
        common = 7
    }
}
