internal import Base

/// A sequence of numbers that its seed determines (splitmix64).
package struct Randomness: Sendable {
    private var state: UInt64

    /// Starts the sequence of a seed.
    package init(seed: UInt64) { state = hash64(seed) }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return hash64(state)
    }

    /// A number below `bound`, evenly spread.
    package mutating func below(_ bound: Int) -> Int {
        Int(UInt64(bound).multipliedFullWidth(by: next()).high)
    }

    /// A number from 0 up to 1.
    package mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}

/// Draws indexes with given weights in constant time (the alias method of Walker and Vose).
///
/// Every column holds two indexes and the share of the first; a draw picks a column evenly, then
/// one of its two.
package struct AliasTable: Sendable {
    private var shares: [UInt32]
    private var aliases: [UInt32]

    /// A table of any positive weights.
    package init(weights: [Double]) {
        let count = weights.count
        let sum = weights.reduce(0, +)
        var scaled = weights.map { $0 * Double(count) / sum }
        shares = Array(repeating: .max, count: count)
        aliases = (0..<count).map { UInt32($0) }
        var small = (0..<count).filter { scaled[$0] < 1 }
        var large = (0..<count).filter { scaled[$0] >= 1 }
        while let less = small.popLast(), let more = large.last {
            shares[less] = UInt32(max(0, scaled[less]) * 4_294_967_295)
            aliases[less] = UInt32(more)
            scaled[more] -= 1 - scaled[less]
            if scaled[more] < 1 {
                large.removeLast()
                small.append(more)
            }
        }
    }

    /// A table in which index i weighs (i + 1 + shift) to the power of -exponent.
    package static func zipf(count: Int, exponent: Double, shift: Double = 0) -> AliasTable {
        AliasTable(weights: (0..<count).map { power(Double($0 + 1) + shift, -exponent) })
    }

    /// The index that 64 random bits choose.
    package func draw(_ random: UInt64) -> Int {
        let column = Int(((random >> 32) &* UInt64(shares.count)) >> 32)
        return UInt32(truncatingIfNeeded: random) <= shares[column]
            ? column : Int(aliases[column])
    }
}
