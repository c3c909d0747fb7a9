/// Puts combinations of dimensions in order.
enum MetricsOrder {
    /// For each tuple its place among all tuples.
    static func tuplePlaces(_ keys: GroupKeys) -> [Int] {
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
