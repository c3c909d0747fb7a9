internal import Base
package import Expressions
internal import Store

/// Window functions: the columns of the input, then one for each call; rows keep their order.
///
/// 1. Batches are held, with the values of all expressions that the calls need.
/// 2. For each pair of a partition and an order that calls name, the rows are sorted once
///    (`WindowRows`).
/// 3. Each call computes one vector over all rows: `RankFunctions`, `RowFunctions` for those that
///    take a value from another row, `FrameAggregate` for aggregates.
package struct WindowOperator: BatchOperator {
    /// Calls whose rows are sorted alike.
    private struct Window: Hashable {
        var partition: [Expression]
        var order: [SortKey]
    }

    private let calls: [WindowCall]
    private let control: QueryControl
    private var columns: ComputedColumns
    private var held: HeldRows

    /// The calls, each of which adds a column.
    package init(_ calls: [WindowCall], control: QueryControl) {
        self.calls = calls
        self.control = control
        columns = ComputedColumns(
            calls.flatMap { $0.partition + $0.order.map(\.expression) + $0.arguments })
        held = HeldRows(control)
    }

    /// Takes some rows.
    package mutating func take(_ batch: Batch) throws(QueryError) {
        try control.check()
        try held.append(try columns.extend(batch))
    }

    /// The rows, once all were taken.
    package mutating func finish() throws(QueryError) -> [Batch] {
        defer { held.removeAll() }
        if held.rowCount == 0 { return [] }
        var results = [Vector?](repeating: nil, count: calls.count)
        var isDone: Set<Window> = []
        for call in calls {
            let window = Window(partition: call.partition, order: call.order)
            guard isDone.insert(window).inserted else { continue }
            let rows = try sort(window)
            for (index, other) in calls.enumerated()
            where other.partition == window.partition && other.order == window.order {
                try control.check()
                let result = try compute(other, rows)
                try held.reserve(result.rowBytes)
                results[index] = result
            }
            control.release(rows.byteCount)
        }
        return output(results.compactMap { $0 })
    }

    private func column(_ expression: Expression) throws(QueryError) -> Vector {
        try held.column(columns.index(of: expression))
    }

    private func sort(_ window: Window) throws(QueryError) -> WindowRows {
        var partition: [OrderKey] = []
        for expression in window.partition { partition.append(OrderKey(try column(expression))) }
        var order = RowOrder(partition, rowCount: held.rowCount)
        let partitionStages = order.stages.count
        order.append(
            try columns.orderKeys(window.order) { index throws(QueryError) in
                try held.column(index)
            })
        try control.reserve(order.byteCount)
        defer { control.release(order.byteCount) }
        let rows = WindowRows(
            try order.sorted(control), order, partitionStages: partitionStages)
        try control.reserve(rows.byteCount)
        return rows
    }

    private func compute(_ call: WindowCall, _ rows: WindowRows) throws(QueryError) -> Vector {
        var arguments: [Vector] = []
        for argument in call.arguments { arguments.append(try column(argument)) }
        switch call.function {
        case .rowNumber, .rank, .denseRank, .percentRank, .cumulativeDistribution, .ntile:
            return RankFunctions.values(call.function, rows)
        case .lag, .firstValue, .lastValue:
            return try RowFunctions.values(call, arguments, rows)
        case .aggregate(let function):
            let aggregate = FrameAggregate(
                AggregateCall(function, call.arguments, type: call.type),
                call.frame, arguments, rows, control)
            return try aggregate.values()
        }
    }

    /// The batches of the input, each with its rows of the results.
    private func output(_ results: [Vector]) -> [Batch] {
        var start = 0
        return held.batches.map { batch in
            let range = start..<start + batch.rowCount
            start = range.upperBound
            return Batch(
                columns: batch.columns.prefix(columns.inputCount)
                    + results.map { $0.slice(range) },
                rowCount: batch.rowCount)
        }
    }
}
