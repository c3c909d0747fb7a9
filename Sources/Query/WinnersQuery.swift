internal import Base
internal import Expressions

/// The second half of a query for the greatest combinations of dimensions: once they are known,
/// their rows alone are added up bucket by bucket.
struct WinnersQuery: Sendable {
    /// With filters that only winners meet, where that rules out much.
    var query: MetricsQuery
    /// Keys that know the winners.
    var keys: GroupKeys

    /// Filters of more values cost more than they spare: each is compared with every entry of the
    /// dictionaries.
    private static let filterValuesMax = 50

    /// `totals` is over the whole range; nil for `kept` means that all combinations win.
    init(
        _ query: MetricsQuery, _ limits: QueryLimits, totals: MetricsAggregation,
        _ kept: KeptTuples?
    ) {
        self.query = query
        var tuples = totals.keys
        guard let kept else {
            keys = GroupKeys(query, limits, tuplesOf: tuples, nil)
            return
        }
        var restriction = GroupKeys.Restriction(
            isKept: kept.isKept, mark: Self.mark(query, tuples, kept))
        if query.selection.addsOther {
            restriction.other = tuples.makeTuple(of: MetricsAggregation.otherText)
        } else {
            self.query.filters += Self.filters(query, tuples, kept)
        }
        keys = GroupKeys(query, limits, tuplesOf: tuples, restriction)
    }

    /// The values of the winners, in an order that does not depend on how they were found.
    private static func mark(
        _ query: MetricsQuery, _ keys: GroupKeys, _ kept: KeptTuples
    ) -> [UInt8] {
        let tuples = kept.tuples.map { tuple in
            var writer = ByteWriter(reserving: 64)
            for dimension in query.dimensions.indices {
                let code = Int(keys.code(tuple: tuple, dimension: dimension))
                let values = keys.dimensions[dimension].values
                writer.appendVarint(code == 0 ? 0 : values.range(code - 1).count + 1)
                if code > 0 { writer.append(values.bytes(at: code - 1)) }
            }
            return writer.bytes
        }
        var writer = ByteWriter(reserving: 64)
        writer.append(query.selection.addsOther ? 1 : 0 as UInt8)
        for tuple in tuples.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            writer.append(tuple)
        }
        return writer.bytes
    }

    /// By dimension, the values that winners have.
    private static func filters(
        _ query: MetricsQuery, _ keys: GroupKeys, _ kept: KeptTuples
    ) -> [MetricsQuery.Filter] {
        guard kept.tuples.count <= filterValuesMax else { return [] }
        return query.dimensions.enumerated().map { index, name in
            let codes = Set(kept.tuples.map { keys.code(tuple: $0, dimension: index) })
            let values = keys.dimensions[index].values
            let texts = codes.filter { $0 != 0 }.map { values[Int($0) - 1] }.sorted()
                .map { Literal.string($0) }
            return MetricsQuery.Filter(
                dimension: name,
                predicate: codes.contains(0) ? .any([.isNull, .oneOf(texts)]) : .oneOf(texts))
        }
    }
}
