import Aggregates
import Base
import Testing

@Suite struct HashedMembersTests {
    /// Random pairs against states that got each of them: set by set, as bytes, and united.
    @Test(arguments: 0..<8) func givesTheStatesThatInsertingGives(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let setCount = 1 + random.below(5)
        let pairCount = [0, 1, 50, 20_000][round % 4]
        var members = HashedMembers()
        var states = [HyperLogLog](repeating: HyperLogLog(), count: setCount)
        var pairs = 0
        while pairs < pairCount {
            let count = min(pairCount - pairs, 1 + random.below(3_000))
            let sets = (0..<count).map { _ in UInt32(random.below(setCount)) }
            // Few enough that they repeat; 0 is nobody.
            let hashes = (0..<count).map { _ in
                random.chance(0.1) ? 0 : hash64(UInt64(random.below(9_000)))
            }
            members.append(sets: sets, hashes: hashes)
            for (set, hash) in zip(sets, hashes) where hash != 0 {
                states[Int(set)].insert(hash: hash)
            }
            pairs += count
        }
        let bySet = members.bySet(setCount: setCount)
        for set in 0..<setCount {
            var hashes: [UInt64] = []
            bySet.append(set: set, to: &hashes)
            var writer = ByteWriter()
            HyperLogLog.serialize(hashes: &hashes, into: &writer)
            #expect(writer.bytes == states[set].serialized(), "seed \(seed), set \(set)")
        }
        // Even sets go together, odd ones are left out.
        var united = [HyperLogLog()]
        let targets = (0..<setCount).map { $0.isMultiple(of: 2) ? UInt32(0) : .max }
        HyperLogLog.insert(members, targets: targets, into: &united)
        let even = stride(from: 0, to: setCount, by: 2).map { states[$0] }
        #expect(united[0] == HyperLogLog.union(even), "seed \(seed)")
    }

    @Test func copiesStayAsTheyWere() {
        var members = HashedMembers()
        members.append(sets: [0, 0], hashes: [1, 2])
        let copy = members
        members.append(sets: [0], hashes: [3])
        var hashes: [UInt64] = []
        copy.bySet(setCount: 1).append(set: 0, to: &hashes)
        #expect(hashes == [1, 2] && copy.count == 2 && members.count == 3)
    }
}
