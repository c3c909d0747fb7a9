internal import Base
internal import Expressions
internal import Store

extension FrameAggregate {
    /// So many rows of frames are given to states together.
    private static let rowsMost = 1 << 16

    /// The value for each row, by the states of GROUP BY, whose groups are frames.
    ///
    /// Frames that are whole partitions are one group each. Those that only grow have one state,
    /// which gives a value wherever rows came in. Others are computed from all of their rows, so
    /// the cost is that of all frames together.
    func valuesByStates() throws(QueryError) -> Vector {
        if frame.isWhole { return try valuesOfPartitions() }
        if frame.start == .unboundedPreceding { return try valuesOfGrowingFrames() }
        return try valuesOfFrames()
    }

    private func update(
        _ state: inout any AggregateState, _ taken: [UInt32]?, groups: [UInt32]?,
        groupCount: Int
    ) throws(QueryError) {
        let vectors = taken.map { taken in arguments.map { $0.gathered(taken[...]) } }
        try state.update(
            AggregateRows(
                arguments: vectors ?? arguments, areOfPart: arguments.map { _ in false },
                rowCount: taken?.count ?? rows.count, groups: groups, groupCount: groupCount))
    }

    private func valuesOfPartitions() throws(QueryError) -> Vector {
        var groups = [UInt32](repeating: 0, count: rows.count)
        for (number, partition) in rows.partitions.enumerated() {
            for position in partition { groups[Int(rows.rows[position])] = UInt32(number) }
        }
        var state = call.makeState(call.arguments.map { _ in nil })
        try update(&state, nil, groups: groups, groupCount: rows.partitions.count)
        let results = try state.result([UInt32](0..<UInt32(rows.partitions.count)))
        return results.gathered(groups[...])
    }

    private func valuesOfGrowingFrames() throws(QueryError) -> Vector {
        var results = FrameResults(rows.count)
        for partition in rows.partitions {
            var state = call.makeState(call.arguments.map { _ in nil })
            var end = partition.lowerBound
            var isFirst = true
            for position in partition {
                let range = rows.frame(frame, at: position, of: partition)
                if range.upperBound > end || isFirst {
                    try control.check()
                    let taken = Array(rows.rows[end..<max(end, range.upperBound)])
                    try update(&state, taken, groups: nil, groupCount: 1)
                    results.append(try state.result([0]))
                    end = max(end, range.upperBound)
                    isFirst = false
                }
                results.assign(position)
            }
        }
        return try results.vector(rows)
    }

    private func valuesOfFrames() throws(QueryError) -> Vector {
        var results = FrameResults(rows.count)
        var taken: [UInt32] = []
        var groups: [UInt32] = []
        var count: UInt32 = 0
        for partition in rows.partitions {
            var before: Range<Int>?
            for position in partition {
                let range = rows.frame(frame, at: position, of: partition)
                if range != before {
                    if taken.count + range.count > Self.rowsMost, count > 0 {
                        results.append(try self.results(taken, groups, count))
                        (taken, groups, count) = ([], [], 0)
                    }
                    taken += rows.rows[range]
                    groups += repeatElement(count, count: range.count)
                    count += 1
                    before = range
                }
                results.assign(position, pending: Int(count))
            }
        }
        if count > 0 { results.append(try self.results(taken, groups, count)) }
        return try results.vector(rows)
    }

    private func results(
        _ taken: [UInt32], _ groups: [UInt32], _ count: UInt32
    ) throws(QueryError) -> Vector {
        try control.check()
        var state = call.makeState(call.arguments.map { _ in nil })
        try update(&state, taken, groups: groups, groupCount: Int(count))
        return try state.result([UInt32](0..<count))
    }
}

/// The results of distinct frames, and which positions have which.
private struct FrameResults {
    private var pieces: [Vector] = []
    private var count = 0
    private var places: [UInt32]

    init(_ count: Int) { places = [UInt32](repeating: 0, count: count) }

    mutating func append(_ results: Vector) {
        pieces.append(results)
        count += results.count
    }

    /// Gives a position the result that was appended last, or the last of those that come next.
    mutating func assign(_ position: Int, pending: Int = 0) {
        places[position] = UInt32(count + pending - 1)
    }

    func vector(_ rows: WindowRows) throws(QueryError) -> Vector {
        rows.byRow(try Vector.joined(pieces), places)
    }
}
