internal import Base

// Writes pieces into a buffer that has all strings one behind the other, at offsets that were
// checked to lie within it.

extension Digits {
    /// Writes the same bytes at the beginning of each string.
    static func write(_ template: [UInt8], _ offsets: [UInt32], into bytes: inout [UInt8]) {
        if template.isEmpty { return }
        let count = template.count
        unsafe bytes.withUnsafeMutableBytes { room in
            unsafe template.withUnsafeBytes { source in
                for index in 0..<offsets.count &- 1 {
                    let start = Int(offsets[index])
                    unsafe UnsafeMutableRawBufferPointer(rebasing: room[start..<start &+ count])
                        .copyMemory(from: source)
                }
            }
        }
    }

    /// Writes all digits of a piece into each string.
    static func write(
        _ numbers: [Int64], _ piece: Piece, at place: Int, _ offsets: [UInt32],
        into bytes: inout [UInt8]
    ) {
        let (alphabet, digits) = (piece.alphabet, piece.digits)
        let power = alphabet.power(digitsMax - digits)
        unsafe bytes.withUnsafeMutableBytes { room in
            for index in numbers.indices {
                let words = words(numbers[index], power, alphabet)
                var start = Int(offsets[index]) &+ place
                var word = words.first
                if digits >= 8 {
                    unsafe room.storeBytes(of: word, toByteOffset: start, as: UInt64.self)
                    start &+= 8
                    word = words.second
                }
                if digits & 4 != 0 {
                    let four = UInt32(truncatingIfNeeded: word)
                    unsafe room.storeBytes(of: four, toByteOffset: start, as: UInt32.self)
                    start &+= 4
                    word = word &>> 32
                }
                if digits & 2 != 0 {
                    let two = UInt16(truncatingIfNeeded: word)
                    unsafe room.storeBytes(of: two, toByteOffset: start, as: UInt16.self)
                    start &+= 2
                    word = word &>> 16
                }
                if digits & 1 != 0 {
                    let one = UInt8(truncatingIfNeeded: word)
                    unsafe room.storeBytes(of: one, toByteOffset: start, as: UInt8.self)
                }
                if digits == digitsMax {
                    unsafe room.storeBytes(of: word, toByteOffset: start, as: UInt64.self)
                }
            }
        }
    }

    /// Writes sixteen digits into each string, from the first one to the last, which is the next
    /// one's to write over.
    static func writeVariable(
        _ numbers: [Int64], _ piece: Piece, at place: Int, _ offsets: [UInt32],
        into bytes: inout [UInt8]
    ) {
        let alphabet = piece.alphabet
        let power = alphabet.power(digitsMax - piece.digits)
        unsafe bytes.withUnsafeMutableBytes { room in
            for index in numbers.indices {
                let words = words(numbers[index], power, alphabet)
                let start = Int(offsets[index]) &+ place
                unsafe room.storeBytes(of: words.first, toByteOffset: start, as: UInt64.self)
                unsafe room.storeBytes(of: words.second, toByteOffset: start &+ 8, as: UInt64.self)
            }
        }
    }

    /// The number's digits and zeros behind them, sixteen in all, as they stand in memory.
    @inline(__always)
    private static func words(
        _ number: Int64, _ power: UInt64, _ alphabet: Alphabet
    ) -> (first: UInt64, second: UInt64) {
        let number = UInt64(bitPattern: number) &* power
        let head: UInt64
        let tail: UInt64
        if alphabet == .decimal {
            (head, tail) = (number / 100_000_000, number % 100_000_000)
        } else {
            (head, tail) = (number &>> 32, number & 0xFFFF_FFFF)
        }
        return (
            alphabet.characters(head).byteSwapped.littleEndian,
            alphabet.characters(tail).byteSwapped.littleEndian
        )
    }
}
