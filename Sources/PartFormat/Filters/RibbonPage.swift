internal import Base

/// One page of a filter: a ribbon (Dillinger and Walzer, "Ribbon filter", 2021) over a few thousand
/// keys.
///
/// Each key is an equation over 64 slots in a row: those that its coefficients name, combined by
/// exclusive or, are its fingerprint. The page holds a solution of all equations, so it answers yes
/// for every key that it was made of; for any other, the slots give its fingerprint by chance.
/// A key takes about 1.13 times the bits of its fingerprint; a Bloom filter needs 1.44 times as
/// many for the same rate of false answers.
package enum RibbonPage {
    /// Slots that one equation is over.
    package static let ribbonWidth = 64
    /// Keys of a page, on average.
    package static let keysPerPage = 4_096
    /// Bits of a fingerprint, at most.
    package static let bitsMax = 16
    /// Slots of a page, at most.
    package static let slotsMax = 1 << 16

    /// What is asked of a page for one key; all of it follows from the hash of a value.
    package struct Equation {
        /// The page of the filter that the key belongs to.
        package let page: Int
        let start: Int
        let coefficients: UInt64
        let fingerprint: UInt64

        /// The equation of `hash64` of a value's bytes.
        package init(hash: UInt64, _ shape: FilterShape) {
            let mixed = hash64(hash ^ shape.seed)
            let second = hash64(mixed)
            page = Int(mixed.multipliedFullWidth(by: UInt64(shape.pageCount)).high)
            let starts = UInt64(shape.slots - RibbonPage.ribbonWidth + 1)
            start = Int(second.multipliedFullWidth(by: starts).high)
            coefficients = hash64(second) | 1
            fingerprint = mixed & ((1 &<< UInt64(shape.bits)) &- 1)
        }
    }

    /// Solves the equations of one page; nil if they contradict each other.
    package static func solve(_ equations: [Equation], _ shape: FilterShape) -> [UInt64]? {
        var rows = [UInt64](repeating: 0, count: shape.slots)
        var sums = [UInt64](repeating: 0, count: shape.slots)
        for equation in equations {
            var place = equation.start
            var coefficients = equation.coefficients
            var sum = equation.fingerprint
            while rows[place] != 0 {
                coefficients ^= rows[place]
                sum ^= sums[place]
                if coefficients == 0 { break }
                let zeros = coefficients.trailingZeroBitCount
                coefficients &>>= UInt64(zeros)
                place &+= zeros
            }
            if coefficients == 0 {
                // It follows from the others, as that of a value that comes twice, or contradicts.
                if sum != 0 { return nil }
                continue
            }
            rows[place] = coefficients
            sums[place] = sum
        }
        return substitute(rows, sums, shape)
    }

    /// The slots, bit by bit of the fingerprint, from the last to the first.
    private static func substitute(
        _ rows: [UInt64], _ sums: [UInt64], _ shape: FilterShape
    ) -> [UInt64] {
        let wordCount = shape.slots / 64
        var words = [UInt64](repeating: 0, count: wordCount * shape.bits)
        for bit in 0..<shape.bits {
            // Bit k is the slot k + 1 behind the one that is next.
            var known: UInt64 = 0
            for place in stride(from: shape.slots - 1, through: 0, by: -1) {
                let others = (rows[place] &>> 1) & known
                var slot = UInt64(others.nonzeroBitCount & 1) ^ (sums[place] &>> UInt64(bit) & 1)
                if rows[place] == 0 { slot = 0 }
                known = known &<< 1 | slot
                words[bit * wordCount + place &>> 6] |= slot &<< UInt64(place & 63)
            }
        }
        return words
    }

    /// Whether the key may be one that the page was made of: surely, if it was.
    package static func contains(
        _ equation: Equation, _ words: [UInt64], _ shape: FilterShape
    ) -> Bool {
        let wordCount = shape.slots / 64
        invariant(words.count == wordCount * shape.bits)
        let first = equation.start >> 6
        let shift = UInt64(equation.start & 63)
        for bit in 0..<shape.bits {
            let column = bit * wordCount
            var window = words[column + first] &>> shift
            if shift > 0 { window |= words[column + first + 1] &<< (64 &- shift) }
            let parity = UInt64((window & equation.coefficients).nonzeroBitCount & 1)
            if parity != equation.fingerprint &>> UInt64(bit) & 1 { return false }
        }
        return true
    }
}

/// What the pages of one filter have in common.
package struct FilterShape: Sendable, Equatable {
    /// How many pages there are.
    package var pageCount: Int
    /// Slots of a page, a multiple of 64.
    package var slots: Int
    /// Bits of a fingerprint: one in 2^bits of other keys is taken for one of the filter's.
    package var bits: Int
    /// What hashes are mixed with.
    package var seed: UInt64

    /// Makes a shape; the slots are those of its fullest page.
    package init(pageCount: Int, slots: Int, bits: Int, seed: UInt64) {
        self.pageCount = pageCount
        self.slots = slots
        self.bits = bits
        self.seed = seed
    }

    /// The bytes of a page: its slots, then their checksum.
    package var pageBytes: Int { slots / 8 * bits + 4 }
}
