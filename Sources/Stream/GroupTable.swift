internal import Aggregates
internal import Base

/// The groups of one rollup table that are in memory: for each key how many events, and who.
///
/// A key is a few 32-bit words (dimension codes, minute, perhaps hour of receipt). Keys and counts
/// lie in one array, record after record, so that finding a group costs one slot and one record.
struct GroupTable {
    let keyWords: Int
    private(set) var count = 0
    /// For each group its key words, then its count of events.
    private var records: [UInt32] = []
    /// Who did it, by group, where users are counted.
    private(set) var members = HashedMembers()
    /// Hash in the upper half, group + 1 in the lower; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt64](repeating: 0, count: 64)
    /// The hashes of the keys at hand.
    private var hashes: [UInt64] = []
    /// What reading slots ahead gave; kept so that the reads are not left out.
    private var warmth: UInt64 = 0

    init(keyWords: Int) { self.keyWords = keyWords }

    /// The memory of the groups, in bytes.
    var byteCount: Int { records.count * 4 + slots.count * 8 + members.byteCount }

    /// Counts one event for each key.
    ///
    /// A key is `keyWords` words of `keys`; `groups` gets the group of each.
    mutating func add(_ keys: [UInt32], groups: inout [UInt32]) {
        groups.removeAll(keepingCapacity: true)
        if keys.isEmpty { return }
        let keyCount = keys.count / keyWords
        groups.reserveCapacity(keyCount)
        reserve(count + keyCount)
        hashKeys(keys)
        addGroups(keys, groups: &groups)
    }

    /// Adds a user's hash to each of the groups; 0 is nobody.
    mutating func addUsers(_ hashes: [UInt64], groups: [UInt32]) {
        members.append(sets: groups, hashes: hashes)
    }

    /// One word of every group's key.
    func column(_ word: Int) -> [UInt32] { strided(from: word) }

    /// The events of every group.
    var eventCounts: [Int64] { strided(from: keyWords).map(Int64.init) }

    private func strided(from word: Int) -> [UInt32] {
        let stride = keyWords + 1
        return unsafe [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
            var source = word
            for group in 0..<count {
                unsafe buffer.initializeElement(at: group, to: records[source])
                source &+= stride
            }
            initialized = count
        }
    }

    /// Hashes all keys first and reads their slots, so that the cache misses of a block overlap.
    private mutating func hashKeys(_ keys: [UInt32]) {
        hashes.removeAll(keepingCapacity: true)
        let mask = slots.count &- 1
        var sum: UInt64 = 0
        var key = 0
        while key < keys.count {
            let hash = Self.hash(keys, key, keyWords)
            hashes.append(hash)
            sum &+= slots[Int(truncatingIfNeeded: hash &>> 32) & mask]
            key &+= keyWords
        }
        warmth = sum
    }

    private mutating func addGroups(_ keys: [UInt32], groups: inout [UInt32]) {
        let words = keyWords
        let stride = words &+ 1
        let mask = slots.count &- 1
        var key = 0
        for hash in hashes {
            let tag = hash & 0xFFFF_FFFF_0000_0000
            var index = Int(truncatingIfNeeded: hash &>> 32) & mask
            var group = -1
            while slots[index] != 0 {
                let slot = slots[index]
                if slot & 0xFFFF_FFFF_0000_0000 == tag {
                    let candidate = Int(slot & 0xFFFF_FFFF) &- 1
                    if Self.equal(keys, key, records, candidate &* stride, words) {
                        group = candidate
                        break
                    }
                }
                index = (index &+ 1) & mask
            }
            if group < 0 {
                group = count
                records.append(contentsOf: keys[key..<key &+ words])
                records.append(0)
                count &+= 1
                slots[index] = tag | UInt64(count)
            }
            records[group &* stride &+ words] &+= 1
            groups.append(UInt32(group))
            key &+= words
        }
    }

    private static func hash(_ keys: [UInt32], _ start: Int, _ words: Int) -> UInt64 {
        var state: UInt64 = 0xA076_1D64_78BD_642F
        var word = start
        let end = start &+ words
        while word &+ 1 < end {
            let pair = UInt64(keys[word]) | UInt64(keys[word &+ 1]) &<< 32
            state = fold(state ^ pair, 0xE703_7ED1_A0B4_28DB)
            word &+= 2
        }
        if word < end { state = fold(state ^ UInt64(keys[word]), 0x8EBC_6AF0_9C88_C6E3) }
        return state
    }

    private static func equal(
        _ keys: [UInt32], _ key: Int, _ records: [UInt32], _ record: Int, _ words: Int
    ) -> Bool {
        for word in 0..<words where keys[key &+ word] != records[record &+ word] { return false }
        return true
    }

    /// Makes the slots at least twice as many as the groups, once for a whole block.
    private mutating func reserve(_ groupCount: Int) {
        if groupCount * 2 <= slots.count { return }
        var slotCount = slots.count
        while slotCount < groupCount * 2 { slotCount *= 2 }
        var larger = [UInt64](repeating: 0, count: slotCount)
        for slot in slots where slot != 0 {
            var index = Int(slot &>> 32) & (slotCount &- 1)
            while larger[index] != 0 { index = (index &+ 1) & (slotCount &- 1) }
            larger[index] = slot
        }
        slots = larger
    }
}
