internal import Base
internal import Expressions

/// Packs the keys of rows into words, bit behind bit, so that words compare as the rows do.
///
/// A field takes as many bits as its values need here, so that several keys mostly fit one word.
struct KeyPacker {
    /// By word, then by row; a word may use its lower bits only.
    private(set) var words: [[UInt64]] = []
    private let rowCount: Int
    /// Bits of the last word that are used.
    private var used = 64

    init(rowCount: Int) { self.rowCount = rowCount }

    /// Adds a field below those before: a number of that many bits for each row.
    @inline(__always)
    mutating func append(width: Int, _ field: (Int) -> UInt64) {
        invariant((0...64).contains(width))
        if width == 0 || rowCount == 0 { return }
        let free = 64 - used
        let below = max(0, width - free)
        if free > 0 {
            var word = words.removeLast()
            Self.shift(&word, by: UInt64(width - below), below: UInt64(below), field)
            words.append(word)
            used += width - below
        }
        if below > 0 {
            let mask = below == 64 ? UInt64.max : (1 &<< UInt64(below)) &- 1
            words.append(Self.fill(rowCount, mask, field))
            used = below
        }
    }

    @inline(__always)
    private static func shift(
        _ word: inout [UInt64], by count: UInt64, below: UInt64, _ field: (Int) -> UInt64
    ) {
        var target = word.mutableSpan
        // A shift by 64 occurs only where the word is still empty, and `used` is never 0 then.
        for row in target.indices {
            target[row] = target[row] &<< count | field(row) &>> below
        }
    }

    @inline(__always)
    private static func fill(
        _ count: Int, _ mask: UInt64, _ field: (Int) -> UInt64
    ) -> [UInt64] {
        [UInt64](capacity: count) { target in
            for row in 0..<count { target.append(field(row) & mask) }
        }
    }
}

extension KeyPacker {
    /// Adds the numbers of a key, those without a value before or behind all others.
    mutating func append(_ numbers: [Int64], _ validity: Bitmap?, _ key: KeyDirection) {
        appendNulls(validity, key)
        guard let (least, greatest) = Self.bounds(numbers) else { return }
        let width = 64 - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
        let numbers = numbers.span
        let isDescending = key.isDescending
        guard let validity else {
            if isDescending {
                append(width: width) { UInt64(bitPattern: greatest &- numbers[$0]) }
            } else {
                append(width: width) { UInt64(bitPattern: numbers[$0] &- least) }
            }
            return
        }
        append(width: width) { row in
            guard validity[row] else { return 0 }
            return UInt64(
                bitPattern: isDescending ? greatest &- numbers[row] : numbers[row] &- least)
        }
    }

    /// Adds truth values, false before true.
    mutating func append(_ bits: Bitmap, _ validity: Bitmap?, _ key: KeyDirection) {
        appendNulls(validity, key)
        let isDescending = key.isDescending
        append(width: 1) { row in
            guard validity?[row] ?? true else { return 0 }
            return bits[row] != isDescending ? 1 : 0
        }
    }

    /// Adds ranks that codes have, from 1, NULL having code 0.
    mutating func append(_ codes: [UInt32], ranks: [UInt32], _ key: KeyDirection) {
        // Ranks turned where descending, NULL at its end: all values still fit into the bits.
        let greatest = ranks.max() ?? 0
        let places = ranks.indices.map { code -> UInt32 in
            if code == 0 { return key.nullsFirst ? 0 : greatest + 1 }
            return key.isDescending ? greatest + 1 - ranks[code] : ranks[code]
        }
        let width = 64 - UInt64(greatest + 1).leadingZeroBitCount
        let (codes, table) = (codes.span, places.span)
        append(width: width) { UInt64(table[Int(codes[$0])]) }
    }

    /// Adds a bit that says whether there is a value; none where all rows have one.
    mutating func appendNulls(_ validity: Bitmap?, _ key: KeyDirection) {
        guard let validity else { return }
        let nullsFirst = key.nullsFirst
        append(width: 1) { validity[$0] == nullsFirst ? 1 : 0 }
    }

    private static func bounds(_ numbers: [Int64]) -> (least: Int64, greatest: Int64)? {
        guard var least = numbers.first else { return nil }
        var greatest = least
        let numbers = numbers.span
        for row in numbers.indices {
            least = min(least, numbers[row])
            greatest = max(greatest, numbers[row])
        }
        return (least, greatest)
    }
}

/// How the values of a key are ordered.
struct KeyDirection: Sendable, Hashable {
    var isDescending = false
    var nullsFirst = false
}

/// A float as an integer that orders as SQL orders floats: NaN is one value, greater than all
/// others; negative zero is zero.
@inline(__always)
func orderedBits(_ number: Double) -> Int64 {
    let number = number.isNaN ? Double.nan : number + 0
    let pattern = Int64(bitPattern: number.bitPattern)
    // Of negative numbers all bits but the sign are inverted.
    return pattern ^ Int64(bitPattern: UInt64(bitPattern: pattern &>> 63) &>> 1)
}
