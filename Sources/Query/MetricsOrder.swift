/// Puts combinations of dimensions in order.
enum MetricsOrder {
    /// For each tuple that one of the groups has its place among all such tuples.
    static func tuplePlaces(of groups: [Int], _ keys: GroupKeys) -> [Int] {
        // Few of many, as where the greatest were chosen, are compared one by one.
        guard groups.count < keys.tupleCount else { return tuplePlaces(keys) }
        var places = [Int](repeating: 0, count: keys.tupleCount)
        let tuples = Set(groups.map { keys.tuple(group: $0) })
        guard tuples.count * 8 < keys.tupleCount else { return tuplePlaces(keys) }
        for (place, tuple) in tuples.sorted(by: { keys.precedes(tuple: $0, $1) }).enumerated() {
            places[tuple] = place
        }
        return places
    }

    /// For each tuple its place among all tuples.
    private static func tuplePlaces(_ keys: GroupKeys) -> [Int] {
        var keyed = [(key: UInt64, tuple: Int)]()
        keyed.reserveCapacity(keys.tupleCount)
        for tuple in 0..<keys.tupleCount { keyed.append((0, tuple)) }
        var places = [Int](repeating: 0, count: keys.tupleCount)
        // Dimension by dimension, the ranks of those before it being one number: the place so far.
        for (dimension, codes) in keys.dimensions.enumerated() {
            let ranks = codes.ranks()
            for tuple in keyed.indices {
                let rank = ranks[Int(keys.code(tuple: tuple, dimension: dimension))]
                keyed[tuple] = (UInt64(places[tuple]) &<< 32 | UInt64(rank), tuple)
            }
            number(keyed, into: &places)
        }
        return places
    }

    /// Equal keys get equal numbers, in the order of keys.
    private static func number(_ keyed: [(key: UInt64, tuple: Int)], into places: inout [Int]) {
        let sorted = keyed.sorted { $0.key < $1.key }
        var place = 0
        for index in sorted.indices {
            if index > 0, sorted[index].key != sorted[index - 1].key { place += 1 }
            places[sorted[index].tuple] = place
        }
    }

    /// Groups by bucket, then by the place of their tuple; no comparisons, two passes of counting.
    static func sorted(_ groups: [Int], _ keys: GroupKeys, places: [Int]) -> [Int] {
        let byPlace = sorted(groups, keyCount: places.count) { places[keys.tuple(group: $0)] }
        let starts = keys.bucketStarts
        var order = [Int](repeating: 0, count: starts.count)
        for (place, bucket) in starts.indices.sorted(by: { starts[$0] < starts[$1] }).enumerated() {
            order[bucket] = place
        }
        return sorted(byPlace, keyCount: starts.count) { order[keys.bucketNumber(group: $0)] }
    }

    /// Stable; `key` is below `keyCount`.
    private static func sorted(_ groups: [Int], keyCount: Int, key: (Int) -> Int) -> [Int] {
        var next = [Int](repeating: 0, count: keyCount + 1)
        for group in groups { next[key(group) + 1] += 1 }
        for index in 1..<next.count { next[index] += next[index - 1] }
        var sorted = [Int](repeating: 0, count: groups.count)
        for group in groups {
            let place = key(group)
            sorted[next[place]] = group
            next[place] += 1
        }
        return sorted
    }
}
