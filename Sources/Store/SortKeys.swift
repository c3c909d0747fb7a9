// Rows are sorted, merged and compared by packed keys: the columns of the sort key side by side in
// as few 64-bit words as they need, most significant first, so that comparing rows is comparing
// integers. Codes of ordered dictionaries stand for strings; null is the least value.

internal import Base
internal import Expressions

/// How the values of a sort key are packed into words.
struct KeyLayout {
    /// One run of bits of a key.
    struct Field {
        /// Its word; 0 is the most significant.
        var word: Int
        var shift: UInt64
        var content: Content
    }

    enum Content {
        /// Null (0) before others (1): stands before a field whose values may be null.
        case validity(column: Int)
        case codes(column: Int)
        /// The distance from the least value.
        case integers(column: Int, least: Int64)
        case floats(column: Int)
        case booleans(column: Int)
        /// A rank that the caller supplies, such as that of a row's partition.
        case rank
    }

    private(set) var fields: [Field] = []
    /// How many low bits of each word are in use.
    private(set) var wordBits: [Int] = []

    /// Appends a field of values below 2^`bits`.
    mutating func append(_ content: Content, bits: Int) {
        if bits == 0 { return }
        if wordBits.isEmpty || wordBits[wordBits.count - 1] + bits > 64 {
            wordBits.append(0)
        }
        let word = wordBits.count - 1
        // Room is made below: what stands in the word already moves up.
        for index in fields.indices where fields[index].word == word {
            fields[index].shift += UInt64(bits)
        }
        wordBits[word] += bits
        fields.append(Field(word: word, shift: 0, content: content))
    }

    /// Appends the fields of a column whose integers, if it has any, lie in `integers`.
    mutating func append(
        column: Int, type: ValueType, hasNulls: Bool, codeCount: Int,
        integers: ClosedRange<Int64>
    ) {
        switch type {
        case .string, .json:
            append(.codes(column: column), bits: KeyLayout.bits(UInt64(codeCount)))
            return
        default: break
        }
        if hasNulls { append(.validity(column: column), bits: 1) }
        switch type {
        case .integer, .timestamp:
            let span = UInt64(bitPattern: integers.upperBound &- integers.lowerBound)
            append(
                .integers(column: column, least: integers.lowerBound), bits: KeyLayout.bits(span))
        case .float: append(.floats(column: column), bits: 64)
        case .boolean: append(.booleans(column: column), bits: 1)
        case .state: invariant(false, "a state cannot be sorted by")
        case .string, .json: break
        }
    }

    /// The bits that hold any value up to `greatest`.
    static func bits(_ greatest: UInt64) -> Int { 64 - greatest.leadingZeroBitCount }

    /// The keys of the rows: one array for each word.
    ///
    /// `ranks` are those of the `rank` field.
    func pack(_ columns: [Vector], rowCount: Int, ranks: [UInt32] = []) -> [[UInt64]] {
        var words = wordBits.map { _ in [UInt64](repeating: 0, count: rowCount) }
        for field in fields {
            KeyLayout.pack(field, columns, ranks, into: &words[field.word])
        }
        return words
    }

    private static func pack(
        _ field: Field, _ columns: [Vector], _ ranks: [UInt32], into word: inout [UInt64]
    ) {
        let shift = field.shift
        switch field.content {
        case .rank: for row in word.indices { word[row] |= UInt64(ranks[row]) &<< shift }
        case .validity(let column):
            guard let validity = columns[column].validity else {
                for row in word.indices { word[row] |= 1 &<< shift }
                return
            }
            for row in word.indices { word[row] |= (validity[row] ? 1 : 0) &<< shift }
        case .codes(let column):
            guard case .codes(let codes, _) = columns[column].values else { break }
            for row in word.indices { word[row] |= UInt64(codes[row]) &<< shift }
        case .integers(let column, let least):
            guard case .integers(let numbers) = columns[column].values else { break }
            if let validity = columns[column].validity {
                for row in word.indices where validity[row] {
                    word[row] |= UInt64(bitPattern: numbers[row] &- least) &<< shift
                }
            } else {
                for row in word.indices {
                    word[row] |= UInt64(bitPattern: numbers[row] &- least) &<< shift
                }
            }
        case .floats(let column):
            guard case .floats(let numbers) = columns[column].values else { break }
            for row in word.indices { word[row] |= orderedBits(numbers[row]) &<< shift }
        case .booleans(let column):
            guard case .booleans(let bits) = columns[column].values else { break }
            for row in word.indices { word[row] |= (bits[row] ? 1 : 0) &<< shift }
        }
    }

    /// Bits that compare as IEEE 754 totalOrder does.
    private static func orderedBits(_ number: Double) -> UInt64 {
        let bits = number.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }
}

/// Sorts rows by packed keys.
enum RowSort {
    /// Digits of this many bits: a histogram of 2,048 counts stays in the first-level cache.
    private static let digitBits = 11

    /// The rows in ascending order of their keys; equal keys keep their order.
    static func permutation(words: [[UInt64]], wordBits: [Int], rowCount: Int) -> [UInt32] {
        var rows = (0..<UInt32(rowCount)).map { $0 }
        if rowCount < 2 { return rows }
        var scratch = rows
        for index in words.indices.reversed() {
            var keys = words[index]
            // The first pass meets the rows in their own order.
            if index < words.count - 1 {
                for position in rows.indices { keys[position] = words[index][Int(rows[position])] }
            }
            sort(&keys, &rows, &scratch, bits: wordBits[index])
        }
        return rows
    }

    /// A radix sort from the least digit up, which skips digits that all keys share.
    private static func sort(
        _ keys: inout [UInt64], _ rows: inout [UInt32], _ scratch: inout [UInt32], bits: Int
    ) {
        var otherKeys = keys
        let size = 1 << digitBits
        let mask = UInt64(size - 1)
        for shift in stride(from: 0, to: bits, by: digitBits) {
            let distance = UInt64(shift)
            var starts = [Int](repeating: 0, count: size)
            for key in keys { starts[Int(truncatingIfNeeded: key &>> distance & mask)] &+= 1 }
            if starts.contains(keys.count) { continue }
            var sum = 0
            for digit in starts.indices {
                let count = starts[digit]
                starts[digit] = sum
                sum &+= count
            }
            for position in keys.indices {
                let digit = Int(truncatingIfNeeded: keys[position] &>> distance & mask)
                let target = starts[digit]
                starts[digit] = target &+ 1
                otherKeys[target] = keys[position]
                scratch[target] = rows[position]
            }
            swap(&keys, &otherKeys)
            swap(&rows, &scratch)
        }
    }
}
