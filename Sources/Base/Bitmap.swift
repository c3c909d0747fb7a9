/// A set of row numbers, one bit a row, lowest bit of the first word first.
package struct Bitmap: Sendable, Equatable {
    /// Row `r` is bit `r % 64` of word `r / 64`; bits past `count` are zero.
    package private(set) var words: [UInt64]
    /// How many rows there are, set or not.
    package private(set) var count: Int

    /// All rows set, or none.
    package init(repeating bit: Bool = false, count: Int) {
        self.count = count
        words = [UInt64](repeating: bit ? .max : 0, count: (count + 63) / 64)
        clearTail()
    }

    /// Takes words in this form; bits past `count` are cleared.
    package init(words: [UInt64], count: Int) {
        invariant(words.count == (count + 63) / 64)
        self.words = words
        self.count = count
        clearTail()
    }

    /// Whether the row is in the set.
    ///
    /// O(1). A row past the last word traps.
    @inlinable
    package subscript(row: Int) -> Bool {
        get { (words[row &>> 6] &>> UInt64(row & 63)) & 1 == 1 }
        set {
            let mask: UInt64 = 1 &<< UInt64(row & 63)
            if newValue {
                setWord(row &>> 6, orMask: mask)
            } else {
                clearWord(row &>> 6, mask: mask)
            }
        }
    }

    /// Adds a row behind the last; amortised O(1).
    package mutating func append(_ bit: Bool) {
        if count & 63 == 0 { words.append(0) }
        if bit { words[count &>> 6] |= 1 &<< UInt64(count & 63) }
        count += 1
    }

    /// How many bits are set.
    package var population: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Keeps the rows that are in both; the counts must be equal.
    ///
    /// O(count / 64).
    package mutating func formIntersection(_ other: Bitmap) {
        invariant(count == other.count)
        for index in words.indices { words[index] &= other.words[index] }
    }

    /// Adds the rows of the other; the counts must be equal.
    ///
    /// O(count / 64).
    package mutating func formUnion(_ other: Bitmap) {
        invariant(count == other.count)
        for index in words.indices { words[index] |= other.words[index] }
    }

    /// The rows that are not in it.
    package var complemented: Bitmap { Bitmap(words: words.map { ~$0 }, count: count) }

    /// Sets the bits of a mask in one word.
    ///
    /// The subscript is inlined into other modules, which cannot write `words`.
    @usableFromInline
    package mutating func setWord(_ index: Int, orMask mask: UInt64) { words[index] |= mask }

    /// Clears the bits of a mask in one word; see `setWord`.
    @usableFromInline
    package mutating func clearWord(_ index: Int, mask: UInt64) { words[index] &= ~mask }

    private mutating func clearTail() {
        if count & 63 != 0, !words.isEmpty {
            words[words.count - 1] &= (1 &<< UInt64(count & 63)) - 1
        }
    }
}
