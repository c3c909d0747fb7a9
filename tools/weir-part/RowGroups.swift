internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// The rows of a table in the order of its sort key, those of equal keys together.
///
/// A merge of the table's parts, each of which ascends. Rows of rollups with equal keys are
/// combined to one; those of raw events come in an order that does not depend on the parts.
struct RowGroups: ~Copyable {
    private var cursors: [PartCursor] = []
    private let columns: [ColumnSchema]
    private let keyCount: Int
    private let isRollup: Bool

    init(
        _ table: DiffTable, _ columns: [ColumnSchema], keyCount: Int, _ console: Console
    ) throws(StoreError) {
        self.columns = columns
        self.keyCount = keyCount
        isRollup = table.schema.kind == .rollup
        for part in table.parts {
            let cursor = PartCursor(
                part, columns, keyCount: keyCount, table.findings, console)
            try cursor.advance()
            if cursor.key != nil { cursors.append(cursor) }
        }
    }

    /// The order of two rows by their keys.
    static func order(_ left: [Cell], _ right: [Cell], _ keyCount: Int) -> Int {
        for index in 0..<keyCount {
            let order = Cell.order(left[index], right[index])
            if order != 0 { return order }
        }
        return 0
    }

    /// The rows of the next key; nil behind the last.
    mutating func next() throws(StoreError) -> [[Cell]]? {
        guard var least = cursors.first?.key else { return nil }
        for cursor in cursors.dropFirst() {
            if let key = cursor.key, RowGroups.order(key, least, keyCount) < 0 { least = key }
        }
        var rows: [[Cell]] = []
        for cursor in cursors {
            while let key = cursor.key, RowGroups.order(key, least, keyCount) == 0 {
                rows.append(cursor.row())
                try cursor.advance()
            }
        }
        cursors.removeAll { $0.key == nil }
        if rows.count == 1 { return rows }
        if isRollup { return [combined(rows)] }
        return rows.sorted { left, right in
            for (first, second) in zip(left, right) {
                let order = Cell.order(first, second)
                if order != 0 { return order < 0 }
            }
            return false
        }
    }

    /// One row of all: counts added, states united.
    private func combined(_ rows: [[Cell]]) -> [Cell] {
        columns.indices.map { index in
            let cells = rows.map { $0[index] }
            switch columns[index].role {
            case .key, .value: return cells[0]
            case .count:
                return .integer(
                    cells.reduce(0) { sum, cell in
                        if case .integer(let number) = cell { sum &+ number } else { sum }
                    })
            case .uniq:
                var union = HyperLogLog()
                for case .bytes(let bytes) in cells {
                    // Bytes that are no state are compared as they are.
                    guard let state = try? HyperLogLog(decoding: bytes.span) else {
                        return cells[0]
                    }
                    union.formUnion(state)
                }
                return .bytes(union.serialized())
            }
        }
    }
}

/// The rows of one part, one after another.
private final class PartCursor {
    private let part: PartFiles
    private let keyCount: Int
    /// Where each column stands among those that are read; nil if the part has not got it.
    private var indexes: [Int?] = []
    private var places: [Int] = []
    private var reader: ColumnReader
    private var vectors: [Vector] = []
    private var granule = -1
    private var rowIndex = 0
    /// The key of the row; nil behind the last.
    private(set) var key: [Cell]?

    init(
        _ part: PartFiles, _ columns: [ColumnSchema], keyCount: Int, _ findings: Findings,
        _ console: Console
    ) {
        self.part = part
        self.keyCount = keyCount
        reader = ColumnReader(part, findings, console)
        for column in columns {
            let index = part.footer.schema.columns.firstIndex(of: column)
            indexes.append(index.map { _ in places.count })
            if let index { places.append(index) }
        }
    }

    /// Goes to the next row; granules that are damaged are left out.
    func advance() throws(StoreError) {
        rowIndex += 1
        while granule < 0 || rowIndex >= (vectors.first?.count ?? 0) {
            granule += 1
            rowIndex = 0
            guard granule < part.footer.granuleCount else {
                key = nil
                return
            }
            let read = try reader.read(columns: places, granule: granule)
            let whole = read.compactMap { $0 }
            vectors = whole.count == read.count ? whole : []
        }
        key = indexes[..<keyCount].map(cell)
    }

    /// The row's values.
    func row() -> [Cell] { indexes.map(cell) }

    private func cell(_ index: Int?) -> Cell { index.map { vectors[$0].cell(rowIndex) } ?? .null }
}
