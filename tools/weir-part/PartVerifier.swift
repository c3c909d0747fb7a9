internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Checks one part: what its files say, one against the other.
///
/// 1. The headers of the files, their sizes, and that no two blocks overlap.
/// 2. What the manifest says of the part, if there is one.
/// 3. Column by column: the dictionary, each block, its zone, and that its filters know each of its
///    values. States must decode.
/// 4. The columns of the sort key, granule by granule: the rows ascend.
/// 5. The time range of the footer is that of the rows.
///
/// In memory are a dictionary, the blocks of one batch and the rows of two granules.
struct PartVerifier: ~Copyable {
    private let part: PartFiles
    private let entry: PartEntry?
    private let findings: Findings
    private var reader: ColumnReader
    private var timeRange: ClosedRange<Milliseconds>?
    /// Of the column that is gone through.
    private var filters: FilterCheck?

    private var footer: PartFooter { part.footer }

    init(_ part: PartFiles, _ place: PartPlace, _ findings: Findings, _ console: Console) {
        self.part = part
        entry = place.entry
        self.findings = findings
        reader = ColumnReader(part, findings, console)
    }

    mutating func run() throws(StoreError) {
        try PartLayoutCheck(part: part, findings: findings).run()
        if let entry { EntryCheck(part: part, entry: entry, findings: findings).run() }
        let keys = footer.schema.sortIndexes
        for column in footer.schema.columns.indices where !keys.contains(column) {
            try checkColumn(column)
        }
        try checkOrder(keys)
        if reader.badBlockCount == 0, timeRange != footer.timeRange {
            addToFooter(
                expected: "times \(text(timeRange)), those of the rows",
                found: text(footer.timeRange))
        }
    }

    private func text(_ range: ClosedRange<Milliseconds>?) -> String {
        range.map { "\(timeText($0.lowerBound)) to \(timeText($0.upperBound))" } ?? "none"
    }

    private func addToFooter(expected: String, found: String) {
        let size = (try? part.size(file: 0)) ?? 0
        findings.add(part.name(file: 0), size, expected: expected, found: found)
    }

    private mutating func checkColumn(_ column: Int) throws(StoreError) {
        filters = try FilterCheck(part, column: column, findings)
        defer { filters = nil }
        for batch in reader.batches(column: column) {
            let blocks = try reader.blocks(column: column, batch)
            for (granule, block) in zip(batch, blocks) {
                if let vector = try reader.decode(column, granule, block) {
                    check(vector, column, granule)
                }
            }
        }
        reader.forget(column: column)
    }

    /// One granule of a column against its zone.
    private mutating func check(_ vector: Vector, _ column: Int, _ granule: Int) {
        let stored = footer.zone(column: column, granule: granule)
        let computed = Zone(of: vector, isSorted: footer.dictionaryRange(column: column) != nil)
        if stored.nullCount != computed.nullCount {
            add(
                column, granule,
                expected: "\(stored.nullCount) rows without a value, as the zone "
                    + "of the granule says", found: "\(computed.nullCount)")
        }
        if stored.bounds != .unknown, stored.bounds != computed.bounds {
            add(
                column, granule,
                expected: "\(text(stored.bounds)), as the zone of the granule says",
                found: text(computed.bounds))
        }
        if vector.type == .state { checkStates(vector, column, granule) }
        if let row = filters?.deniedRow(vector, granule: granule) {
            add(
                column, granule,
                expected: "a filter that knows the value of row "
                    + "\(footer.granuleStarts[granule] + row)", found: "one that does not")
        }
        let schema = footer.schema
        if column == schema.columnIndex(schema.timeColumn),
            case .integers(let range) =
                computed.bounds
        {
            let known = timeRange ?? range
            timeRange =
                min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
        }
    }

    private func checkStates(_ vector: Vector, _ column: Int, _ granule: Int) {
        guard footer.schema.columns[column].role == .uniq else { return }
        for row in 0..<vector.count {
            guard case .bytes(let state) = vector.cell(row) else { continue }
            do throws(CorruptionError) {
                _ = try HyperLogLog(decoding: state.span)
            } catch {
                // One of a block is enough to say that the block is wrong.
                return add(
                    column, granule,
                    expected:
                        "a state in row \(footer.granuleStarts[granule] + row), at its offset "
                        + "\(error.offset): \(error.expected)", found: error.found)
            }
        }
    }

    /// Rows ascend by the sort key, within granules and from one to the next.
    private mutating func checkOrder(_ keys: [Int]) throws(StoreError) {
        var before: [Cell]?
        for granule in 0..<footer.granuleCount {
            let vectors = try reader.read(columns: keys, granule: granule)
            for (key, vector) in zip(keys, vectors) {
                if let vector { check(vector, key, granule) }
            }
            let whole = vectors.compactMap { $0 }
            guard whole.count == keys.count, !keys.isEmpty else {
                before = nil
                continue
            }
            checkOrder(whole, keys, granule, after: before)
            before = whole.map { $0.cell(footer.rowCount(granule: granule) - 1) }
        }
        for key in keys { reader.forget(column: key) }
    }

    private func checkOrder(
        _ vectors: [Vector], _ keys: [Int], _ granule: Int, after before: [Cell]?
    ) {
        var previous = before
        for row in 0..<footer.rowCount(granule: granule) {
            defer { previous = nil }
            var order = 0
            var place = 0
            while order == 0, place < vectors.count {
                let vector = vectors[place]
                if let previous {
                    order = Cell.order(previous[place], vector.cell(row))
                } else if row > 0, !vector.isSame(row - 1, row) {
                    order = Cell.order(vector.cell(row - 1), vector.cell(row))
                }
                place += 1
            }
            let isFirst = row == 0 && before == nil
            if order > 0 {
                return add(
                    keys[place - 1], granule,
                    expected:
                        "rows in the order of \(footer.schema.sortKey.joined(separator: ", "))",
                    found: "row \(footer.granuleStarts[granule] + row) below the row before it")
            }
            if order == 0, !isFirst, footer.schema.kind == .rollup {
                return add(
                    keys[0], granule, expected: "one row for each key",
                    found: "row \(footer.granuleStarts[granule] + row) with the key of the row "
                        + "before it")
            }
        }
    }

    private func add(_ column: Int, _ granule: Int, expected: String, found: String) {
        let file = footer.container.file(column: column)
        let label = footer.schema.columnLabels[column]
        findings.add(
            part.name(file: file), footer.blockRange(column: column, granule: granule).lowerBound,
            expected: "in \(label), granule \(granule): \(expected)", found: found)
    }

    private func text(_ bounds: Zone.Bounds) -> String {
        switch bounds {
        case .empty: "no values"
        case .unknown: "values without bounds"
        case .integers(let range): "values from \(range.lowerBound) to \(range.upperBound)"
        case .floats(let range): "values from \(range.lowerBound) to \(range.upperBound)"
        case .strings(let least, let greatest):
            "values from “\(String(decoding: least, as: UTF8.self))” to "
                + "“\(String(decoding: greatest, as: UTF8.self))”"
        }
    }
}
