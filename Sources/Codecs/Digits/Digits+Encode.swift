internal import Base

extension Digits {
    static func encode(_ strings: StringTable, _ shape: Shape, into target: inout [UInt8]) {
        target.appendVarint(UInt64(shape.pieces.count))
        for piece in shape.pieces {
            target.appendVarint(UInt64(piece.literal.count))
            target += piece.literal
            target.append(UInt8(piece.digits))
            if piece.digits > 0 { target.append(piece.alphabet.rawValue) }
        }
        target.append(shape.isVariable ? 1 : 0)
        var pieces = shape.pieces
        if shape.isVariable, let last = pieces.popLast() {
            let fixed = UInt32(shape.fixedBytes)
            let counts = (0..<strings.count).map {
                strings.offsets[$0 &+ 1] &- strings.offsets[$0] &- fixed
            }
            target.appendStream(counts)
            target.appendStream(variableNumbers(strings, last, at: shape.fixedBytes))
        }
        var place = 0
        for piece in pieces {
            place += piece.literal.count
            if piece.digits > 0 {
                target.appendStream(numbers(strings, piece, at: place))
                place += piece.digits
            }
        }
    }

    /// The numbers of digits that stand in each string.
    private static func numbers(_ strings: StringTable, _ piece: Piece, at place: Int) -> [Int64] {
        let reader = DigitReader(piece.alphabet)
        var numbers = [Int64](repeating: 0, count: strings.count)
        let bytes = strings.bytes.span
        for index in numbers.indices {
            let start = Int(strings.offsets[index]) &+ place
            numbers[index] = reader.number(bytes, start, digits: piece.digits)
        }
        return numbers
    }

    /// The numbers of digits of which a string may lack the last ones.
    private static func variableNumbers(
        _ strings: StringTable, _ piece: Piece, at place: Int
    ) -> [Int64] {
        let reader = DigitReader(piece.alphabet)
        let powers = (0...piece.digits).map { piece.alphabet.power(piece.digits - $0) }
        var numbers = [Int64](repeating: 0, count: strings.count)
        let bytes = strings.bytes.span
        for index in numbers.indices {
            let start = Int(strings.offsets[index]) &+ place
            let digits = Int(strings.offsets[index &+ 1]) &- start
            // Without a digit the power may wrap around, but then it counts nothing.
            let number = digits == 0 ? 0 : reader.number(bytes, start, digits: digits)
            numbers[index] = number &* Int64(bitPattern: powers[digits])
        }
        return numbers
    }
}

/// Reads digits that are known to be of the alphabet.
private struct DigitReader {
    private let alphabet: Digits.Alphabet
    private let powers: [UInt64]

    init(_ alphabet: Digits.Alphabet) {
        self.alphabet = alphabet
        powers = (0...8).map { alphabet.power($0) }
    }

    func number(_ bytes: Span<UInt8>, _ start: Int, digits: Int) -> Int64 {
        let head = min(8, digits)
        var number = alphabet.number(word(bytes, start, count: head))
        if digits > 8 {
            let rest = alphabet.number(word(bytes, start &+ 8, count: digits &- 8))
            number = number &* powers[digits &- 8] &+ rest
        }
        return Int64(bitPattern: number)
    }

    /// One to eight bytes, the last in the lowest byte.
    private func word(_ bytes: Span<UInt8>, _ start: Int, count: Int) -> UInt64 {
        if start &+ 8 <= bytes.count {
            let word = unsafe bytes.bytes.unsafeLoadUnaligned(
                fromByteOffset: start, as: UInt64.self)
            return word.byteSwapped &>> UInt64(64 &- 8 &* count)
        }
        var word: UInt64 = 0
        for place in start..<start &+ count { word = word &<< 8 | UInt64(bytes[place]) }
        return word
    }
}
