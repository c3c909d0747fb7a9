/// Strings that differ in nothing but digits at the same places: UUIDs, hashes, hexadecimal ids,
/// numbers behind a prefix.
///
/// ```
/// number of pieces p: varint, 1 to 16
/// │ p times: length of the literal: varint │ literal │ digits d: 1 byte, 0 to 16
/// │          and if d > 0: alphabet: 1 byte, 1 decimal, 2 hexadecimal a-f, 3 hexadecimal A-F
/// │ 0: each string has all digits of the last piece; or 1: it has the first ones
/// │    │ encoding: 1 byte │ stream of n codes: how many
/// │    │ encoding: 1 byte │ stream of n integers: the last piece
/// │ for each other piece with digits: encoding: 1 byte │ stream of n integers
/// ```
/// A string is its pieces one behind the other: the literal, then the digits. Each integer is the
/// number that the d digits are; where a string has fewer, zeros stand for those it lacks, so that
/// numbers compare as their strings do.
enum Digits {
    static let piecesMax = 16
    /// Sixteen hexadecimal digits fill an integer.
    static let digitsMax = 16

    enum Alphabet: UInt8 {
        case decimal = 1
        case lowerHexadecimal = 2
        case upperHexadecimal = 3

        /// The factor that one digit more means.
        var radix: UInt64 { self == .decimal ? 10 : 16 }

        /// The numbers of so many digits are below it; nil for 2^64.
        func limit(digits: Int) -> UInt64? {
            guard self == .decimal || digits < Digits.digitsMax else { return nil }
            return power(digits)
        }

        /// The radix to that power, modulo 2^64.
        func power(_ exponent: Int) -> UInt64 {
            var power: UInt64 = 1
            for _ in 0..<exponent { power &*= radix }
            return power
        }
    }

    struct Piece: Equatable {
        var literal: [UInt8]
        var digits = 0
        var alphabet = Alphabet.decimal
    }

    /// What strings have in common.
    struct Shape: Equatable {
        var pieces: [Piece]
        /// Whether strings differ in how many digits of the last piece they have.
        var isVariable = false

        /// The bytes of a string that has all digits.
        var byteCount: Int { pieces.reduce(0) { $0 + $1.literal.count + $1.digits } }

        /// The bytes before the digits whose number may vary.
        var fixedBytes: Int { isVariable ? byteCount - (pieces.last?.digits ?? 0) : byteCount }
    }
}
