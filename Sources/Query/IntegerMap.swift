internal import Base

/// Numbers the distinct keys that it meets, from 0, in the order of their first appearance.
///
/// Open addressing over the keys' numbers; a look-up costs a hash and, mostly, one comparison.
struct IntegerMap: Sendable {
    private(set) var keys: [UInt64] = []
    /// 0 for a free slot, else the number of a key plus one; a power of two, at most half full.
    private var slots = [UInt32](repeating: 0, count: 16)

    var count: Int { keys.count }

    /// The memory of the keys and the table, in bytes.
    var byteCount: Int { keys.count * 8 + slots.count * 4 }

    /// The number of a key, given out now if it is new.
    mutating func index(of key: UInt64) -> Int {
        let slot = search(key)
        if slots[slot] != 0 { return Int(slots[slot]) &- 1 }
        keys.append(key)
        slots[slot] = UInt32(keys.count)
        if keys.count &* 2 > slots.count { grow() }
        return keys.count &- 1
    }

    private func search(_ key: UInt64) -> Int {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash64(key)) & mask
        while slots[slot] != 0, keys[Int(slots[slot]) &- 1] != key { slot = (slot &+ 1) & mask }
        return slot
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, key) in keys.enumerated() { slots[search(key)] = UInt32(index + 1) }
    }
}
