/// Values by key, within a budget of bytes: when it is spent, those that were not asked for the
/// longest time go.
///
/// O(1) a call. Not for several threads at once.
package struct RecencyCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let key: Key
        let value: Value
        let byteCount: Int
        /// The neighbours in the order of use; -1 at its ends.
        var older = -1
        var newer = -1
    }

    private let budget: Int
    /// What the values take, in bytes.
    package private(set) var byteCount = 0
    private var places: [Key: Int] = [:]
    private var entries: [Entry?] = []
    private var free: [Int] = []
    private var oldestPlace = -1
    private var newest = -1

    /// A cache that keeps within so many bytes.
    package init(budget: Int) { self.budget = budget }

    /// How many values are kept.
    package var count: Int { places.count }

    /// The value that was not asked for the longest time.
    package var oldest: Value? { oldestPlace < 0 ? nil : entries[oldestPlace]?.value }

    /// The value of a key, if it is wanted; it becomes the one that was used last.
    package mutating func find(
        _ key: Key, where isWanted: (Value) -> Bool = { _ in true }
    ) -> Value? {
        guard let place = places[key], let entry = entries[place], isWanted(entry.value) else {
            return nil
        }
        unlink(place)
        link(place)
        return entry.value
    }

    /// Keeps a value of so many bytes, in place of the one that the key had.
    ///
    /// What had to go is returned, so that the caller can release it outside of a lock.
    package mutating func insert(_ value: Value, for key: Key, byteCount: Int) -> [Value] {
        var gone: [Value] = []
        if let place = places[key], let replaced = remove(place) { gone.append(replaced) }
        let entry = Entry(key: key, value: value, byteCount: byteCount)
        let place = free.popLast() ?? entries.count
        if place == entries.count { entries.append(entry) } else { entries[place] = entry }
        places[key] = place
        self.byteCount += byteCount
        link(place)
        while self.byteCount > budget, oldestPlace >= 0, let last = remove(oldestPlace) {
            gone.append(last)
        }
        return gone
    }

    private mutating func remove(_ place: Int) -> Value? {
        guard let entry = entries[place] else { return nil }
        unlink(place)
        entries[place] = nil
        free.append(place)
        places[entry.key] = nil
        byteCount -= entry.byteCount
        return entry.value
    }

    /// Takes an entry out of the order of use.
    private mutating func unlink(_ place: Int) {
        guard let entry = entries[place] else { return }
        if entry.older < 0 {
            oldestPlace = entry.newer
        } else {
            entries[entry.older]?.newer = entry.newer
        }
        if entry.newer < 0 {
            newest = entry.older
        } else {
            entries[entry.newer]?.older = entry.older
        }
    }

    /// Makes an entry the one that was used last.
    private mutating func link(_ place: Int) {
        entries[place]?.older = newest
        entries[place]?.newer = -1
        if newest < 0 { oldestPlace = place } else { entries[newest]?.newer = place }
        newest = place
    }
}
