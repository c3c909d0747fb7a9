package import Expressions

/// Sorts rows by keys; rows that are equal in all keys keep their order.
///
/// The rows are held as they come, and sorted as `RowOrder` says. Where they need more than the
/// query's memory, the query ends.
package struct SortOperator: BatchOperator {
    private let control: QueryControl
    private let keys: [SortKey]
    private var columns: ComputedColumns
    private var held: HeldRows

    /// A sort by keys, the first of which decides first.
    package init(_ keys: [SortKey], control: QueryControl) {
        self.keys = keys
        columns = ComputedColumns(keys.map(\.expression))
        self.control = control
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
        let rows = try rowsInOrder()
        return try held.batches(of: rows[...], columnCount: columns.inputCount)
    }

    private mutating func rowsInOrder() throws(QueryError) -> [UInt32] {
        let order = RowOrder(
            try columns.orderKeys(keys) { index throws(QueryError) in try held.column(index) },
            rowCount: held.rowCount)
        try held.reserve(order.byteCount)
        return try order.sorted(control)
    }
}
