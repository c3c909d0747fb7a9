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
        var restriction = GroupKeys.Restriction(isKept: kept.isKept)
        if query.selection.addsOther {
            restriction.other = tuples.makeTuple(of: MetricsAggregation.otherText)
        } else {
            self.query.filters += Self.filters(query, tuples, kept)
        }
        keys = GroupKeys(query, limits, tuplesOf: tuples, restriction)
    }

    /// By dimension, the values that winners have.
    private static func filters(
        _ query: MetricsQuery, _ keys: GroupKeys, _ kept: KeptTuples
    ) -> [MetricsQuery.Filter] {
        guard kept.tuples.count <= filterValuesMax else { return [] }
        return query.dimensions.enumerated().map { index, name in
            let codes = Set(kept.tuples.map { keys.code(tuple: $0, dimension: index) })
            let values = keys.dimensions[index].values
            let texts = codes.filter { $0 != 0 }.map { Literal.string(values[Int($0) - 1]) }
            return MetricsQuery.Filter(
                dimension: name,
                predicate: codes.contains(0) ? .any([.isNull, .oneOf(texts)]) : .oneOf(texts))
        }
    }
}
