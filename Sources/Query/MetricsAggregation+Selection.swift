internal import Aggregates
internal import Base

extension MetricsAggregation {
    /// What every dimension of the rest is called.
    static let otherText = "__other__"

    /// The groups that the answer keeps: all, or those of the combinations of dimensions that are
    /// greatest (least) over the whole range, of equal ones the first by their dimensions.
    ///
    /// The rest is dropped, or added up bucket by bucket as the combination that has `__other__` in
    /// every dimension; one that the rows have already by that name takes it in.
    mutating func select(_ selection: MetricsQuery.Selection) -> [Int] {
        guard let limit = selection.limit else { return Array(0..<keys.count) }
        let totals = totals()
        var tuples = totals.indices.filter { totals[$0] != nil }
        guard tuples.count > limit else { return Array(0..<keys.count) }
        let places = MetricsOrder.tuplePlaces(keys)
        tuples.sort { left, right in
            let (mine, theirs) = (totals[left] ?? 0, totals[right] ?? 0)
            if mine == theirs { return places[left] < places[right] }
            return selection.order == .greatest ? mine > theirs : mine < theirs
        }
        var isKept = [Bool](repeating: false, count: totals.count)
        for tuple in tuples.prefix(limit) { isKept[tuple] = true }
        var kept: [Int] = []
        var rest: [Int] = []
        for group in 0..<keys.count {
            if isKept[keys.tuple(group: group)] { kept.append(group) } else { rest.append(group) }
        }
        if selection.addsOther { kept = Set(kept).union(merge(rest)).sorted() }
        return kept
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
