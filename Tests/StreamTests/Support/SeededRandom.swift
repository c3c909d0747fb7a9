import Base

extension SeededRandom {
    /// A seed of its own for each run, so that runs add up.
    static func fresh() -> SeededRandom { SeededRandom(seed: UInt64.random(in: 0 ... .max)) }

    mutating func int(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True once in `count` times.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}
