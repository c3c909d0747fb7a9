package import Expressions
internal import Store

/// The first rows in the order of a sort, without sorting all: equal to a sort and a limit.
///
/// At most a few times as many rows as wanted are held. Whenever so many have come together, they
/// are sorted and the first kept; the last of those is the *bound*, and of the rows that come then
/// only those before it are looked at any further (`KeyBound`).
package struct TopNOperator: BatchOperator {
    /// So many rows are compared with the bound at a time.
    private let chunkRows: Int
    /// Rows beyond twice the limit that are held before they are sorted.
    private let spareRows: Int
    private let control: QueryControl
    private let limit: Int
    private let keys: [SortKey]
    private var computed: ComputedColumns
    private var held: HeldRows
    private var bound: KeyBound?

    /// The first `limit` rows by keys, the first of which decides first; `limit` is not negative.
    package init(
        _ keys: [SortKey], limit: Int, control: QueryControl, chunkRows: Int = 8_192,
        spareRows: Int = 1_024
    ) {
        self.keys = keys
        computed = ComputedColumns(keys.map(\.expression))
        self.chunkRows = chunkRows
        self.spareRows = spareRows
        // More rows than that are in no table.
        self.limit = min(limit, Int(UInt32.max))
        self.control = control
        held = HeldRows(control)
    }

    /// Whether further rows would change nothing.
    package var isSatisfied: Bool { limit == 0 }

    /// Takes some rows.
    package mutating func take(_ batch: Batch) throws(QueryError) {
        try control.check()
        if limit == 0 { return }
        let batch = try computed.extend(batch)
        let orderKeys = try computed.orderKeys(keys) { batch.columns[$0] }
        var start = 0
        while start < batch.rowCount {
            // The first rows only make a bound.
            let count = bound == nil ? max(spareRows, limit) : chunkRows
            let end = min(batch.rowCount, start + count)
            try take(batch, orderKeys, start..<end)
            start = end
        }
    }

    private mutating func take(
        _ batch: Batch, _ orderKeys: [OrderKey], _ range: Range<Int>
    ) throws(QueryError) {
        var rows =
            bound?.rowsBefore(orderKeys, range)
            ?? [UInt32](UInt32(range.lowerBound)..<UInt32(range.upperBound))
        if rows.isEmpty { return }
        let areMany = rows.count > limit
        if areMany { rows = Self.first(limit, of: rows, orderKeys) }
        try held.append(
            Batch(
                columns: batch.columns.map { $0.gathered(rows[...]) }, rowCount: rows.count))
        let most = bound == nil || areMany ? limit : 2 * limit + spareRows
        if held.rowCount >= most { try compact() }
    }

    /// The first of some ascending rows by the keys, in order.
    private static func first(
        _ limit: Int, of rows: [UInt32], _ orderKeys: [OrderKey]
    ) -> [UInt32] {
        var rows = rows
        if rows.count > 4 * limit {
            // Where rows come ever better, as the latest do, the last ones leave out most others.
            let last = sorted(Array(rows.suffix(limit)), orderKeys)
            var bound = KeyBound(orderKeys, row: Int(last[limit - 1]))
            rows = bound.rowsUpTo(orderKeys, rows)
        }
        return Array(sorted(rows, orderKeys).prefix(limit))
    }

    private static func sorted(_ rows: [UInt32], _ orderKeys: [OrderKey]) -> [UInt32] {
        let keys = orderKeys.map { OrderKey($0.vector.gathered(rows[...]), $0.direction) }
        return RowOrder(keys, rowCount: rows.count).sorted().map { rows[Int($0)] }
    }

    /// Sorts the rows that are held, and keeps as many as wanted.
    private mutating func compact() throws(QueryError) {
        var columns: [Vector] = []
        for index in 0..<held.columnCount { columns.append(try held.column(index)) }
        let orderKeys = try computed.orderKeys(keys) { columns[$0] }
        let order = RowOrder(orderKeys, rowCount: held.rowCount)
        let rows = try order.sorted(control).prefix(limit)
        held.removeAll()
        try held.append(
            Batch(columns: columns.map { $0.gathered(rows) }, rowCount: rows.count))
        if rows.count == limit, let last = rows.last {
            bound = KeyBound(orderKeys, row: Int(last))
        }
    }

    /// The rows, once all were taken.
    package mutating func finish() throws(QueryError) -> [Batch] {
        defer { held.removeAll() }
        if held.rowCount == 0 { return [] }
        try compact()
        let rows = [UInt32](0..<UInt32(held.rowCount))
        return try held.batches(of: rows[...], columnCount: computed.inputCount)
    }
}
