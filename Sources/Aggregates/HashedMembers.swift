package import Base

/// The members of many sets before any state is made of them: pairs of a set and a member's hash,
/// in the order in which they came, repetitions included.
///
/// Taking a member is an append of 12 bytes, and a copy shares all but the newest few thousand
/// pairs with what it was copied from. So sets that grow with every event can be published many
/// times a second; who needs states makes them then.
package struct HashedMembers: Sendable {
    /// Copies share whole chunks.
    private static let chunkPairs = 8_192

    fileprivate struct Chunk: Sendable {
        var sets: [UInt32] = []
        var hashes: [UInt64] = []
    }

    fileprivate var chunks: [Chunk] = []
    /// How many pairs there are.
    package private(set) var count = 0

    /// No members.
    package init() {}

    /// The memory of the pairs, in bytes.
    package var byteCount: Int { chunks.count * Self.chunkPairs * 12 }

    /// Takes one pair for each index of both; the hash 0 is nobody.
    package mutating func append(sets: [UInt32], hashes: [UInt64]) {
        invariant(sets.count == hashes.count)
        var index = 0
        while index < sets.count {
            if chunks.isEmpty || chunks[chunks.count - 1].sets.count >= Self.chunkPairs {
                var chunk = Chunk()
                chunk.sets.reserveCapacity(Self.chunkPairs)
                chunk.hashes.reserveCapacity(Self.chunkPairs)
                chunks.append(chunk)
            }
            let last = chunks.count - 1
            let room = Self.chunkPairs - chunks[last].sets.count
            let end = min(sets.count, index + room)
            for pair in index..<end where hashes[pair] != 0 {
                chunks[last].sets.append(sets[pair])
                chunks[last].hashes.append(hashes[pair])
                count &+= 1
            }
            index = end
        }
    }

    /// The members set by set, for sets numbered below `setCount`; O(pairs + sets).
    package func bySet(setCount: Int) -> MembersBySet {
        var ends = [UInt32](repeating: 0, count: setCount + 1)
        for chunk in chunks {
            for set in chunk.sets { ends[Int(set) + 1] &+= 1 }
        }
        for set in 0..<setCount { ends[set + 1] &+= ends[set] }
        var next = ends
        var hashes = [UInt64](repeating: 0, count: count)
        for chunk in chunks {
            for index in chunk.sets.indices {
                let set = Int(chunk.sets[index])
                hashes[Int(next[set])] = chunk.hashes[index]
                next[set] &+= 1
            }
        }
        return MembersBySet(offsets: ends, hashes: hashes)
    }
}

/// Members of sets, the sets one behind the other.
package struct MembersBySet: Sendable {
    /// Set `i` has the hashes from `offsets[i]` to `offsets[i + 1]`.
    fileprivate let offsets: [UInt32]
    fileprivate let hashes: [UInt64]

    /// Appends the hashes of a set.
    package func append(set: Int, to target: inout [UInt64]) {
        let range = Int(offsets[set])..<Int(offsets[set + 1])
        // Most sets have one or a few.
        for index in range { target.append(hashes[index]) }
    }
}

extension HyperLogLog {
    /// Inserts the members of set `i` into state `states[targets[i]]`; those of sets whose target
    /// is `UInt32.max` are left out.
    package static func insert(
        _ members: HashedMembers, targets: [UInt32], into states: inout [HyperLogLog]
    ) {
        for chunk in members.chunks {
            for index in chunk.sets.indices {
                let target = targets[Int(chunk.sets[index])]
                if target == .max { continue }
                states[Int(target)].insert(hash: chunk.hashes[index])
            }
        }
    }

    /// Appends the canonical bytes of the state that holds these hashes, which are left in no
    /// order.
    ///
    /// O(n log n); no table is made while the state stays sparse.
    package static func serialize(hashes: inout [UInt64], into writer: inout ByteWriter) {
        if hashes.count > 1 {
            hashes.sort()
            var kept = 1
            for index in 1..<hashes.count
            where hashes[index] &>> keptShift != hashes[kept - 1] &>> keptShift {
                hashes[kept] = hashes[index]
                kept += 1
            }
            hashes.removeLast(hashes.count - kept)
        }
        if hashes.count > sparseLimit {
            var state = HyperLogLog()
            state.insert(hashes: hashes.span)
            state.serialize(into: &writer)
            return
        }
        writer.appendFixed(UInt16(hashes.count))
        for hash in hashes { append(value: hash &>> keptShift, to: &writer) }
    }

    /// How far a hash is shifted to become the value that is kept of it.
    private static let keptShift = 64 - valueBits
}
