internal import Base

/// Puts the groups of an answer in order: by bucket, then by dimensions, nulls first, texts by
/// their bytes.
enum MetricsOrder {
    /// The numbers of the groups in order.
    static func order(_ keys: GroupKeys) -> [Int] {
        let places = tuplePlaces(keys)
        let rows = (0..<keys.count).map { group in
            (bucket: keys.bucket(group: group), place: places[keys.tuple(group: group)], group)
        }
        return rows.sorted { left, right in
            left.bucket != right.bucket ? left.bucket < right.bucket : left.place < right.place
        }.map(\.2)
    }

    /// For each tuple its place among all tuples.
    private static func tuplePlaces(_ keys: GroupKeys) -> [Int] {
        let ranks = keys.dimensions.map { $0.ranks() }
        let tuples = (0..<keys.tupleCount).map { tuple in
            zip(ranks, keys.codes(tuple: tuple)).map { ranks, code in ranks[Int(code)] }
        }
        var places = [Int](repeating: 0, count: tuples.count)
        let order = tuples.indices.sorted { tuples[$0].lexicographicallyPrecedes(tuples[$1]) }
        for (place, tuple) in order.enumerated() { places[tuple] = place }
        return places
    }
}
