internal import Aggregates
internal import Base

/// The combinations of dimensions that an answer keeps.
struct KeptTuples: Sendable {
    /// By tuple.
    var isKept: [Bool]
    /// In no order.
    var tuples: [Int]
}

extension MetricsAggregation {
    /// What every dimension of the rest is called.
    static let otherText = "__other__"

    /// The combinations of dimensions that are greatest (least), of equal ones the first by their
    /// dimensions; nil where all are kept.
    ///
    /// The whole range must be one bucket: a group for each combination.
    func keptTuples(_ selection: MetricsQuery.Selection) -> KeptTuples? {
        guard let limit = selection.limit, keys.count > limit else { return nil }
        let totals = values(of: (0..<keys.count).map { $0 }).numbers
        let places = MetricsOrder.tuplePlaces(keys)
        let groups = (0..<keys.count).sorted { left, right in
            let (mine, theirs) = (totals[left], totals[right])
            if mine == theirs {
                return places[keys.tuple(group: left)] < places[keys.tuple(group: right)]
            }
            return selection.order == .greatest ? mine > theirs : mine < theirs
        }
        var kept = KeptTuples(
            isKept: [Bool](repeating: false, count: keys.tupleCount),
            tuples: groups.prefix(limit).map { keys.tuple(group: $0) })
        for tuple in kept.tuples { kept.isKept[tuple] = true }
        return kept
    }

    /// The groups that the answer keeps where the whole range is one bucket.
    ///
    /// The rest is dropped, or added up as the combination that has `__other__` in every dimension;
    /// one that the rows have already by that name takes it in.
    mutating func select(_ selection: MetricsQuery.Selection) -> [Int] {
        guard let kept = keptTuples(selection) else { return Array(0..<keys.count) }
        var groups: [Int] = []
        var rest: [Int] = []
        for group in 0..<keys.count {
            if kept.isKept[keys.tuple(group: group)] {
                groups.append(group)
            } else {
                rest.append(group)
            }
        }
        if selection.addsOther { groups = Set(groups).union(merge(rest)).sorted() }
        return groups
    }

    /// Adds groups up as the rest; the groups that hold it then.
    private mutating func merge(_ rest: [Int]) -> Set<Int> {
        var targets: Set<Int> = []
        let tuple = makeTuple(of: Self.otherText)
        for group in rest {
            let target = makeGroup(bucket: keys.bucket(group: group), tuple: tuple)
            targets.insert(target)
            if target != group { move(group, into: target) }
        }
        return targets
    }
}
