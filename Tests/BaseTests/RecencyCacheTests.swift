import Base
import Testing

@Suite struct RecencyCacheTests {
    @Test func letsGoOfWhatWasNotUsedTheLongest() {
        var cache = RecencyCache<String, Int>(budget: 30)
        for (number, key) in ["a", "b", "c"].enumerated() {
            #expect(cache.insert(number, for: key, byteCount: 10).isEmpty)
        }
        #expect(cache.find("a") == 0)
        #expect(cache.insert(3, for: "d", byteCount: 10) == [1])
        #expect(cache.find("b") == nil && cache.find("c") == 2 && cache.byteCount == 30)
        #expect(cache.insert(4, for: "e", byteCount: 25) == [0, 3, 2])
        #expect(cache.count == 1 && cache.byteCount == 25)
        // What is larger than the budget does not stay.
        #expect(cache.insert(5, for: "f", byteCount: 31) == [4, 5])
        #expect(cache.count == 0 && cache.byteCount == 0)
    }

    @Test func equalsATwinThatSearches() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let budget = 50
        var cache = RecencyCache<Int, Int>(budget: budget)
        // The one that was used last is at the end.
        var twin: [(key: Int, value: Int, byteCount: Int)] = []
        for step in 0..<5_000 {
            let key = Int.random(in: 0..<12, using: &random)
            let place = twin.firstIndex { $0.key == key }
            if Bool.random(using: &random) {
                #expect(cache.find(key) == place.map { twin[$0].value }, "seed \(seed)")
                if let place { twin.append(twin.remove(at: place)) }
            } else {
                let byteCount = Int.random(in: 1..<20, using: &random)
                _ = cache.insert(step, for: key, byteCount: byteCount)
                if let place { twin.remove(at: place) }
                twin.append((key, step, byteCount))
                while twin.reduce(0, { $0 + $1.byteCount }) > budget { twin.removeFirst() }
            }
            #expect(cache.byteCount == twin.reduce(0) { $0 + $1.byteCount })
            #expect(cache.count == twin.count)
        }
    }
}
