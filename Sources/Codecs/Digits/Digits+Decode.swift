internal import Base

extension Digits {
    static func decode(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> StringTable {
        let start = reader.offset
        let shape = try readShape(&reader)
        var offsets = [UInt32](repeating: 0, count: count + 1)
        var digitCounts: [UInt32] = []
        // Counts of at most 2^20 strings of some hundred bytes do not wrap in 64 bits.
        var end = 0
        if shape.isVariable {
            digitCounts = [UInt32](repeating: 0, count: count)
            try NumberStream.decode(try reader.readEncoding(), &reader, into: &digitCounts)
            end = fill(&offsets, digitCounts, fixed: shape.fixedBytes)
        } else {
            end = fill(&offsets, length: shape.byteCount)
        }
        let most = UInt32(shape.pieces.last?.digits ?? 0)
        guard digitCounts.allSatisfy({ $0 <= most }), end <= CodecLimits.bodyBytesMax else {
            throw CorruptionError(
                offset: start, expected: "strings of at most \(most) last digits each",
                found: "more, or \(end) bytes")
        }
        // Digits whose number varies are written eight at a time, beyond their end.
        var bytes = [UInt8](repeating: 0, count: end + digitsMax)
        try decodePieces(&reader, shape, offsets, into: &bytes)
        bytes.removeLast(digitsMax)
        return StringTable(offsets: offsets, bytes: bytes)
    }

    private static func fill(_ offsets: inout [UInt32], length: Int) -> Int {
        for index in 1..<max(1, offsets.count) {
            offsets[index] = UInt32(truncatingIfNeeded: index &* length)
        }
        return (offsets.count - 1) * length
    }

    private static func fill(
        _ offsets: inout [UInt32], _ digitCounts: [UInt32], fixed: Int
    ) -> Int {
        var end = 0
        for index in digitCounts.indices {
            end &+= fixed &+ Int(digitCounts[index])
            offsets[index &+ 1] = UInt32(truncatingIfNeeded: end)
        }
        return end
    }

    private static func decodePieces(
        _ reader: inout ByteReader, _ shape: Shape, _ offsets: [UInt32], into bytes: inout [UInt8]
    ) throws(CorruptionError) {
        var numbers = [Int64](repeating: 0, count: offsets.count - 1)
        var pieces = shape.pieces
        if shape.isVariable, let last = pieces.popLast() {
            try decodeNumbers(&reader, last, into: &numbers)
            writeVariable(numbers, last, at: shape.fixedBytes, offsets, into: &bytes)
            pieces.append(Piece(literal: last.literal))
        }
        var template: [UInt8] = []
        for piece in pieces {
            template += piece.literal + [UInt8](repeating: 0, count: piece.digits)
        }
        write(template, offsets, into: &bytes)
        var place = 0
        for piece in pieces {
            place += piece.literal.count
            if piece.digits > 0 {
                try decodeNumbers(&reader, piece, into: &numbers)
                write(numbers, piece, at: place, offsets, into: &bytes)
                place += piece.digits
            }
        }
    }

    private static func decodeNumbers(
        _ reader: inout ByteReader, _ piece: Piece, into numbers: inout [Int64]
    ) throws(CorruptionError) {
        let start = reader.offset
        let encoding = try reader.readEncoding()
        try NumberStream.decode(encoding, &reader, into: &numbers)
        try requireNumbers(numbers, piece, at: start)
    }

    private static func requireNumbers(
        _ numbers: [Int64], _ piece: Piece, at start: Int
    ) throws(CorruptionError) {
        guard let limit = piece.alphabet.limit(digits: piece.digits) else { return }
        var greatest: UInt64 = 0
        for number in numbers { greatest = max(greatest, UInt64(bitPattern: number)) }
        guard greatest < limit else {
            throw CorruptionError(
                offset: start, expected: "numbers of \(piece.digits) digits", found: "\(greatest)")
        }
    }

    private static func readShape(_ reader: inout ByteReader) throws(CorruptionError) -> Shape {
        let start = reader.offset
        let count = try reader.readCount(atMost: piecesMax, of: "pieces")
        var shape = Shape(pieces: [])
        for _ in 0..<count {
            let length = try reader.readCount(
                atMost: CodecLimits.templateBytesMax - shape.byteCount, of: "bytes of a literal")
            var piece = Piece(literal: try reader.readBytes(length))
            piece.digits = Int(try reader.readByte())
            if piece.digits > 0 {
                guard let alphabet = Alphabet(rawValue: try reader.readByte()) else {
                    throw CorruptionError(
                        offset: reader.offset - 1, expected: "a known alphabet", found: "another")
                }
                piece.alphabet = alphabet
            }
            shape.pieces.append(piece)
            guard piece.digits <= digitsMax, shape.byteCount <= CodecLimits.templateBytesMax else {
                throw CorruptionError(
                    offset: reader.offset, expected: "at most \(digitsMax) digits a piece",
                    found: "\(piece.digits)")
            }
        }
        let flag = try reader.readByte()
        guard count > 0, flag <= 1, flag == 0 || (shape.pieces.last?.digits ?? 0) > 0 else {
            throw CorruptionError(
                offset: start, expected: "pieces and a flag of 0 or 1",
                found: "\(count) pieces, \(flag)")
        }
        shape.isVariable = flag == 1
        return shape
    }
}
