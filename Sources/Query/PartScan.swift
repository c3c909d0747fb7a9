internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Rows of one granule that count: their numbers, and the columns that were read.
struct SelectedRows: Sendable {
    /// Ascending; nil where all rows count.
    var rows: [UInt32]?
    var rowCount: Int
    /// By column of the part; nil where it was not read.
    var vectors: [Vector?]
    /// Where the measure's sets have no states yet, as in live generations: their members by row.
    var members: HashedMembers?
    /// Where the states of the measure are ready-made, as in subtotals.
    var sketches: [HyperLogLog]?
    /// What those states are estimated to hold, where that is known.
    var estimates: [HyperLogLog.Estimate]?
}

/// Reads the rows of one part that count, some granules at a time.
///
/// Granules that lie in the range as a whole are read at once where there are no filters. Of the
/// others only what decides is read at first, and the rest of those alone in which a row counts.
struct PartScan: Sendable {
    /// How many granules are read at once: enough for one batch of reads, few enough for memory.
    static let granulesPerBatch = 16

    private let part: any TablePart
    private let layout: ScanLayout
    private let selectionColumns: [Int]
    private let valueColumns: [Int]
    private let members: HashedMembers?
    private var selection: RowSelection
    private let filters: [MetricsQuery.Filter]
    /// Whether filters and dictionaries were asked which granules are left.
    private var isPruned = false
    /// Granules to be read, and whether all of their rows count.
    private var waiting: ArraySlice<(granule: Int, isWhole: Bool)>
    /// How many rows were looked at so far.
    private(set) var rowsScanned = 0

    init(
        _ part: any TablePart, _ layout: ScanLayout, _ filters: [MetricsQuery.Filter],
        range: Range<Milliseconds>, withEvents: Bool,
        withTime: Bool
    ) {
        self.part = part
        self.layout = layout
        self.filters = filters
        let members = layout.measure.flatMap { (part as? MemoryPart)?.members(column: $0) }
        self.members = members
        selectionColumns = layout.selectionColumns
        valueColumns = layout.valueColumns(withEvents: withEvents, withTime: withTime)
            .filter { !(members != nil && $0 == layout.measure) }
        selection = RowSelection(range: range, predicates: filters.map(\.predicate))
        let granules = Pruning.granules(of: part, layout, filters, in: range)
        let times = part.timeRange ?? 0...0
        waiting =
            granules.map { granule in
                let isWhole =
                    filters.isEmpty && Pruning.isWithin(range, part, granule, layout, times)
                return (granule, isWhole)
            }[...]
    }

    /// How many rows are still to be looked at.
    var rowsToScan: Int { waiting.reduce(0) { $0 + part.rowCount(granule: $1.granule) } }

    /// The rows that count of the next granules; nil at the end.
    mutating func next() throws(StoreError) -> [SelectedRows]? {
        try prune()
        guard let first = waiting.first else { return nil }
        let batch = waiting.prefix(Self.granulesPerBatch).prefix { $0.isWhole == first.isWhole }
        waiting = waiting.dropFirst(batch.count)
        let granules = batch.map(\.granule)
        for granule in granules { rowsScanned += part.rowCount(granule: granule) }
        return first.isWhole ? try whole(granules) : try selected(granules)
    }

    /// Leaves out, before the first read, granules that hold no row that counts.
    private mutating func prune() throws(StoreError) {
        if isPruned || filters.isEmpty { return }
        isPruned = true
        let kept = try Pruning.granules(waiting.map(\.granule), of: part, layout, filters)
        guard kept.count < waiting.count else { return }
        let left = Set(kept)
        waiting = waiting.filter { left.contains($0.granule) }[...]
    }

    private func whole(_ granules: [Int]) throws(StoreError) -> [SelectedRows] {
        let read = try part.read(columns: valueColumns, granules: granules)
        return zip(granules, read).map { granule, vectors in
            var columns = [Vector?](repeating: nil, count: part.schema.columns.count)
            for (column, vector) in zip(valueColumns, vectors) { columns[column] = vector }
            return SelectedRows(
                rows: nil, rowCount: part.rowCount(granule: granule), vectors: columns,
                members: members)
        }
    }

    private mutating func selected(_ granules: [Int]) throws(StoreError) -> [SelectedRows] {
        var selected: [SelectedRows] = []
        var hits: [Int] = []
        let read = try part.read(columns: selectionColumns, granules: granules)
        for (granule, vectors) in zip(granules, read) {
            var columns = [Vector?](repeating: nil, count: part.schema.columns.count)
            for (column, vector) in zip(selectionColumns, vectors) { columns[column] = vector }
            let rows = selection.rows(
                times: try times(columns),
                filters: layout.filters.map { $0.flatMap { columns[$0] } })
            guard !rows.isEmpty else { continue }
            hits.append(granule)
            selected.append(
                SelectedRows(
                    rows: rows, rowCount: part.rowCount(granule: granule), vectors: columns,
                    members: members))
        }
        let rest = valueColumns.filter { !selectionColumns.contains($0) }
        if rest.isEmpty || hits.isEmpty { return selected }
        for (index, vectors) in try part.read(columns: rest, granules: hits).enumerated() {
            for (column, vector) in zip(rest, vectors) { selected[index].vectors[column] = vector }
        }
        return selected
    }

    private func times(_ columns: [Vector?]) throws(StoreError) -> [Milliseconds] {
        guard case .integers(let times) = columns[layout.time]?.values else {
            throw .corrupt(
                CorruptionError(offset: 0, expected: "times as integers", found: "other values"))
        }
        return times
    }
}

extension MemoryPart {
    /// The members of a column's sets, where they are held as such.
    func members(column: Int) -> HashedMembers? {
        if case .members(let members) = columns[column] { return members }
        return nil
    }
}
