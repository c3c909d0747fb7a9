internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Rows of one granule that count: their numbers, and the columns that were read.
struct SelectedRows: Sendable {
    var rows: [UInt32]
    /// By column of the part; nil where it was not read.
    var vectors: [Vector?]
    /// Where the part holds the states of the measure ready-made, as live generations do.
    var sketches: [HyperLogLog]?
}

/// Reads the rows of one part that count, some granules at a time.
///
/// With filters, only what decides is read at first, and the rest of those granules alone in which
/// a row counts.
struct PartScan: Sendable {
    /// How many granules are read at once: enough for one batch of reads, few enough for memory.
    static let granulesPerBatch = 16

    private let part: any TablePart
    private let layout: ScanLayout
    private let selectionColumns: [Int]
    private let valueColumns: [Int]
    private let sketches: [HyperLogLog]?
    private var selection: RowSelection
    private var waiting: ArraySlice<Int>
    /// How many rows were looked at so far.
    private(set) var rowsScanned = 0

    init(
        _ part: any TablePart, _ plan: MetricsPlan, _ layout: ScanLayout, withEvents: Bool
    ) {
        self.part = part
        self.layout = layout
        sketches = layout.measure.flatMap { (part as? MemoryPart)?.sketches(column: $0) }
        let hasSketches = sketches != nil
        let values = layout.valueColumns(withEvents: withEvents)
            .filter { !(hasSketches && $0 == layout.measure) }
        if plan.query.filters.isEmpty {
            selectionColumns = Set(layout.selectionColumns + values).sorted()
            valueColumns = []
        } else {
            let first = layout.selectionColumns
            selectionColumns = first
            valueColumns = values.filter { !first.contains($0) }
        }
        selection = RowSelection(
            range: plan.query.range, predicates: plan.query.filters.map(\.predicate))
        waiting = Pruning.granules(of: part, plan, layout)[...]
    }

    /// The rows that count of the next granules; nil at the end.
    mutating func next() throws(StoreError) -> [SelectedRows]? {
        guard !waiting.isEmpty else { return nil }
        let granules = Array(waiting.prefix(Self.granulesPerBatch))
        waiting = waiting.dropFirst(granules.count)
        var selected: [SelectedRows] = []
        var hits: [Int] = []
        let read = try part.read(columns: selectionColumns, granules: granules)
        for (granule, vectors) in zip(granules, read) {
            rowsScanned += part.rowCount(granule: granule)
            var columns = [Vector?](repeating: nil, count: part.schema.columns.count)
            for (column, vector) in zip(selectionColumns, vectors) { columns[column] = vector }
            let rows = selection.rows(
                times: try times(columns),
                filters: layout.filters.map { $0.flatMap { columns[$0] } })
            guard !rows.isEmpty else { continue }
            hits.append(granule)
            selected.append(SelectedRows(rows: rows, vectors: columns, sketches: sketches))
        }
        if !valueColumns.isEmpty, !hits.isEmpty {
            let rest = try part.read(columns: valueColumns, granules: hits)
            for (index, vectors) in rest.enumerated() {
                for (column, vector) in zip(valueColumns, vectors) {
                    selected[index].vectors[column] = vector
                }
            }
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
    /// The states of a column, where they are held as such.
    func sketches(column: Int) -> [HyperLogLog]? {
        if case .sketches(let sketches) = columns[column] { return sketches }
        return nil
    }
}
