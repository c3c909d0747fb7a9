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
        let groups = Self.first(limit, of: keys.count) { left, right in
            let (mine, theirs) = (totals[left], totals[right])
            if mine == theirs {
                return keys.precedes(
                    tuple: keys.tuple(group: left), keys.tuple(group: right))
            }
            return selection.order == .greatest ? mine > theirs : mine < theirs
        }
        var kept = KeptTuples(
            isKept: [Bool](repeating: false, count: keys.tupleCount),
            tuples: groups.map { keys.tuple(group: $0) })
        for tuple in kept.tuples { kept.isKept[tuple] = true }
        return kept
    }

    /// The numbers below `count` that come first, in no order: O(count) where few are wanted.
    private static func first(
        _ limit: Int, of count: Int, precedes: (Int, Int) -> Bool
    ) -> [Int] {
        // A heap with the last of those found so far at its root.
        var heap: [Int] = []
        heap.reserveCapacity(limit)
        for number in 0..<count {
            if heap.count < limit {
                heap.append(number)
                var child = heap.count - 1
                while child > 0, precedes(heap[(child - 1) / 2], heap[child]) {
                    heap.swapAt(child, (child - 1) / 2)
                    child = (child - 1) / 2
                }
            } else if limit > 0, precedes(number, heap[0]) {
                heap[0] = number
                sink(&heap, precedes)
            }
        }
        return heap
    }

    private static func sink(_ heap: inout [Int], _ precedes: (Int, Int) -> Bool) {
        var parent = 0
        while true {
            var last = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && precedes(heap[last], heap[child]) { last = child }
            if last == parent { return }
            heap.swapAt(parent, last)
            parent = last
        }
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
