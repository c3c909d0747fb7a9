import Base
import HTTP
import Query
import Server
import Testing

private func key(_ question: Int, version: UInt8 = 0) -> AnswerKey {
    AnswerKey(question: Array("question \(100 + question)".utf8), version: [version])
}

private func answer(_ byte: UInt8, count: Int = 100) -> CachedAnswer {
    CachedAnswer(
        body: [UInt8](repeating: byte, count: count),
        headers: [Response.Header("Content-Type", "text/csv")])
}

@Suite("The cache of results")
struct ResultCacheTests {
    @Test func findsTheVersionThatWasKeptLast() {
        let cache = ResultCache(budget: 1 << 20)
        #expect(cache.find(key(1)) == nil)
        cache.insert(answer(7), for: key(1))
        #expect(cache.find(key(1))?.body.first == 7)
        #expect(cache.find(key(1))?.headers == answer(7).headers)
        #expect(cache.find(key(1, version: 1)) == nil)
        #expect(cache.find(key(2)) == nil)
        let held = cache.byteCount
        cache.insert(answer(8), for: key(1, version: 1))
        #expect(cache.byteCount == held)
        #expect(cache.find(key(1, version: 1))?.body.first == 8)
        #expect(cache.find(key(1)) == nil)
    }

    @Test func dropsWhatWasNotAskedForTheLongestTime() {
        let one = ResultCache(budget: 1 << 20)
        one.insert(answer(0), for: key(0))
        let cache = ResultCache(budget: one.byteCount * 10)
        for number in 0..<10 { cache.insert(answer(UInt8(number)), for: key(number)) }
        #expect(cache.byteCount == one.byteCount * 10)
        #expect(cache.find(key(0)) != nil && cache.find(key(3)) != nil)
        for number in 10..<13 { cache.insert(answer(UInt8(number)), for: key(number)) }
        let kept = (0..<13).filter { cache.find(key($0)) != nil }
        #expect(kept == [0, 3, 5, 6, 7, 8, 9, 10, 11, 12])
        #expect(cache.byteCount <= one.byteCount * 10)
    }

    @Test func keepsNothingThatIsLargerThanAnEighth() {
        let cache = ResultCache(budget: 80_000)
        cache.insert(answer(1, count: 10_000), for: key(1))
        #expect(cache.find(key(1)) == nil && cache.byteCount == 0)
        cache.insert(answer(1, count: 9_000), for: key(1))
        #expect(cache.find(key(1)) != nil)
        let long = AnswerKey(question: [UInt8](repeating: 1, count: 70_000), version: [])
        let large = ResultCache(budget: 1 << 30)
        large.insert(answer(1), for: long)
        #expect(large.find(long) == nil && large.byteCount == 0)
        let none = ResultCache(budget: 0)
        none.insert(answer(1, count: 0), for: key(1))
        #expect(none.find(key(1)) == nil)
    }

    /// The order of use and the bytes held, against a list that is searched from its start.
    @Test func agreesWithANaiveTwin() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let one = ResultCache(budget: 1 << 20)
        one.insert(answer(0, count: 0), for: key(0))
        let overhead = one.byteCount
        let cache = ResultCache(budget: 12_000)
        var twin: [(question: Int, version: UInt8, count: Int)] = []
        for _ in 0..<3_000 {
            let question = random.below(10) + random.below(2) * 5
            let version = UInt8(random.below(3))
            let place = twin.firstIndex { $0.question == question && $0.version == version }
            if random.chance(0.5) {
                #expect(
                    (cache.find(key(question, version: version)) != nil) == (place != nil),
                    "seed \(seed)")
                if let place { twin.append(twin.remove(at: place)) }
            } else {
                let count = random.below(1_000)
                cache.insert(
                    answer(version, count: count), for: key(question, version: version))
                twin.removeAll { $0.question == question }
                twin.append((question, version, count))
                func bytes() -> Int {
                    twin.reduce(0) { $0 + $1.count + overhead }
                }
                while bytes() > 12_000 { twin.removeFirst() }
                #expect(cache.byteCount == bytes(), "seed \(seed)")
            }
        }
    }
}
