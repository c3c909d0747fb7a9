/// Random numbers that a seed determines, the same everywhere (splitmix64): for faults, benchmarks
/// and tests, so that a printed seed repeats a failure.
///
/// The numbers of a seed may never change: golden files are made of them.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    /// What the numbers started from, to be printed.
    package let seed: UInt64
    private var state: UInt64

    /// Starts the numbers of the seed.
    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return hash64(state)
    }

    /// True with the given probability.
    package mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &self) < probability
    }

    /// A number from 0 up to, not including, the limit, which must be positive.
    package mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}
