package import Expressions
internal import Store

/// Leaves out the first rows, and all behind some after them.
package struct LimitOperator: BatchOperator {
    /// How many rows are still left out.
    private var toSkip: Int
    /// How many rows are still wanted; nil is all.
    private var wanted: Int?
    private let control: QueryControl
    private var held: HeldRows

    /// At most `count` rows, all if it is nil, behind the first `offset`; neither is negative.
    package init(count: Int?, offset: Int, control: QueryControl) {
        toSkip = offset
        wanted = count
        self.control = control
        held = HeldRows(control)
    }

    /// Whether further rows would change nothing.
    package var isSatisfied: Bool { wanted == 0 }

    /// Takes some rows.
    package mutating func take(_ batch: Batch) throws(QueryError) {
        try control.check()
        let start = min(toSkip, batch.rowCount)
        toSkip -= start
        let count = min(wanted ?? .max, batch.rowCount - start)
        wanted? -= count
        if count == 0 { return }
        try held.append(
            Batch(columns: batch.columns.map { $0.slice(start..<start + count) }, rowCount: count))
    }

    /// The rows, once all were taken.
    package mutating func finish() throws(QueryError) -> [Batch] {
        defer { held.removeAll() }
        return held.batches
    }
}
