internal import Base
internal import Glibc
internal import PartFormat

/// Makes pages of a filter of random keys, and asks them for keys that they have and have not.
struct FilterBenchmark {
    let bits: Int
    let pageCount: Int

    static let columns = [
        "bits of a fingerprint", "bits a key", "bits a key of an xor filter",
        "bits a key of a Bloom filter", "false, of 10,000", "make, ns a key", "ask, ns",
    ]

    /// A row of the table.
    func measure(passes: Int) throws(UsageError) -> [JSONValue] {
        let keyCount = RibbonPage.keysPerPage
        let slots = (keyCount * 21 / 20 + RibbonPage.ribbonWidth + 63) / 64 * 64
        let shape = FilterShape(pageCount: 1, slots: slots, bits: bits, seed: 0)
        var random = SeededRandom(seed: 1)
        var makeTime = UInt64.max
        var askTime = UInt64.max
        var passed = 0
        for _ in 0..<max(1, min(passes, pageCount)) {
            let keys = (0..<keyCount).map { _ in random.next() }
            let start = Clock.monotonicNanoseconds()
            let equations = keys.map { RibbonPage.Equation(hash: $0, shape) }
            guard let words = RibbonPage.solve(equations, shape) else {
                throw UsageError(failure: "\(keyCount) keys do not fit into \(slots) slots")
            }
            let made = Clock.monotonicNanoseconds()
            for equation in equations where !RibbonPage.contains(equation, words, shape) {
                throw UsageError(failure: "a filter denies a key of its own")
            }
            let asked = Clock.monotonicNanoseconds()
            for _ in 0..<keyCount {
                let other = RibbonPage.Equation(hash: random.next(), shape)
                if RibbonPage.contains(other, words, shape) { passed += 1 }
            }
            makeTime = min(makeTime, made - start)
            askTime = min(askTime, asked - made)
        }
        let asked = keyCount * max(1, min(passes, pageCount))
        let figures: [Double] = [
            Double(bits), Double(shape.pageBytes * 8) / Double(keyCount), 1.23 * Double(bits),
            Double(bits) / log(2), Double(passed) * 10_000 / Double(asked),
            Double(makeTime) / Double(keyCount), Double(askTime) / Double(keyCount),
        ]
        return figures.map { .number(($0 * 100).rounded() / 100) }
    }
}
