// Makes the rows of derived tables from a slice of their base.
//
// A table is made from the smallest rows made before that have its dimensions and whose buckets lie
// in its own, else from the slice: the columns that it lacks are left out, the buckets widened, and
// the rows go the way of a flush, which sorts them and adds up those of equal keys.

internal import Base
internal import Expressions
internal import PartFormat

/// One slice of a derivation.
struct Derivation {
    /// The tables in an order in which each can be made from those before it.
    private let tables: [DerivedTable]

    init(_ tables: [DerivedTable]) {
        self.tables = tables.sorted { left, right in
            (-left.dimensions.count, left.tier, left.name)
                < (-right.dimensions.count, right.tier, right.name)
        }
    }

    /// The sorted rows of each table, by partition.
    func derive(_ slice: MemoryPart) throws(StoreError) -> [SortedRows] {
        var made: [(table: DerivedTable, rows: MemoryPart)] = []
        var derived: [SortedRows] = []
        for table in tables {
            let source = made.filter { Self.contains($0.table, table) }
                .min { $0.rows.rowCount < $1.rows.rowCount }
            let rows = Self.project(source?.rows ?? slice, to: table)
            let runs = try FlushRows(rows).split(partitionsMost: .max)
            // A partition of a base lies within one of the derived table.
            if runs.count == 1 { made.append((table, MemoryPart(runs[0]))) }
            derived += runs
        }
        return derived
    }

    private static func contains(_ finer: DerivedTable, _ table: DerivedTable) -> Bool {
        finer.tier <= table.tier && Set(finer.dimensions).isSuperset(of: table.dimensions)
    }

    /// The columns of a table from those of its base, with wider buckets.
    private static func project(_ source: MemoryPart, to table: DerivedTable) -> MemoryPart {
        var columns: [MemoryPart.Column] = []
        for column in table.schema.columns {
            guard let index = source.schema.columnIndex(column.name, type: column.type) else {
                columns.append(.vector(.nulls(type: column.type, count: source.rowCount)))
                continue
            }
            guard column.name == table.schema.timeColumn,
                case .integers(let times) = source.vector(column: index).values
            else {
                columns.append(source.columns[index])
                continue
            }
            let buckets = truncated(times, width: table.tier.width)
            columns.append(.vector(Vector(type: column.type, values: .integers(buckets))))
        }
        return MemoryPart(schema: table.schema, rowCount: source.rowCount, columns: columns)
    }

    private static func truncated(_ times: [Milliseconds], width: Milliseconds) -> [Milliseconds] {
        var buckets: [Milliseconds] = []
        buckets.reserveCapacity(times.count)
        // Neighbours often share a bucket, which spares a division.
        var bucket: Milliseconds = 0
        for time in times {
            if time < bucket || time >= bucket + width { bucket = floorDivide(time, width) * width }
            buckets.append(bucket)
        }
        return buckets
    }
}

extension MemoryPart {
    /// The same rows.
    fileprivate init(_ rows: SortedRows) {
        self.init(
            schema: rows.schema, rowCount: rows.rowCount, columns: rows.columns.map { .vector($0) })
    }
}
