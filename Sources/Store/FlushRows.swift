// How the rows of a flush become sorted runs, one for each partition:
//
// 1. dictionaries are brought into the order of their bytes, so that codes compare as strings do;
// 2. each row gets the rank of its partition; the smallest partitions share one, `mixed`, where
//    there are more than a flush may open;
// 3. rank and sort key are packed into words, and the rows' numbers sorted by them;
// 4. each partition is a run of the sorted rows: its columns are gathered, and rows of a rollup
//    with equal keys are combined.

internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat

/// Rows of one partition, sorted by the sort key, with dictionaries in order.
struct SortedRows {
    var schema: TableSchema
    var partition: Partition
    var rowCount: Int
    /// In the order of `schema.columns`.
    var columns: [Vector]
    var timeRange: ClosedRange<Milliseconds>
}

/// Sorts and splits the rows of one table.
struct FlushRows {
    private let schema: TableSchema
    private let rowCount: Int
    private var columns: [Vector]
    /// Members of which no states are made yet, by column.
    private var members: [Int: MembersBySet] = [:]
    private let timeColumn: Int

    /// Takes a part whose rows are in any order.
    init(_ part: MemoryPart) throws(StoreError) {
        schema = part.schema
        rowCount = part.rowCount
        guard let timeColumn = schema.columnIndex(schema.timeColumn, type: .timestamp) else {
            throw StoreError.invalid(message: "table \(schema.name) has no time column")
        }
        self.timeColumn = timeColumn
        columns = []
        for (index, column) in part.columns.enumerated() {
            switch column {
            case .vector(let vector):
                invariant(vector.count == rowCount, "column \(index) of \(schema.name)")
                columns.append(FlushRows.ordered(vector))
            case .members(let pairs):
                members[index] = pairs.bySet(setCount: rowCount)
                columns.append(Vector.nulls(type: .state, count: rowCount))
            }
        }
    }

    private static func ordered(_ vector: Vector) -> Vector {
        guard case .codes(var codes, let dictionary) = vector.values else { return vector }
        let sorted = DictionaryOrder.sort(codes: &codes, dictionary: dictionary)
        return Vector(type: vector.type, values: .codes(codes, dictionary: sorted))
    }

    /// The sorted rows, at most `partitionsMost` partitions and `mixed`.
    func split(partitionsMost: Int) throws(StoreError) -> [SortedRows] {
        guard case .integers(let times) = columns[timeColumn].values, rowCount > 0 else {
            return []
        }
        let (partitions, ranks) = rank(times, partitionsMost: partitionsMost)
        var layout = KeyLayout()
        layout.append(.rank, bits: KeyLayout.bits(UInt64(partitions.count - 1)))
        var keyColumns = columns
        try appendKeys(to: &layout, &keyColumns)
        let words = layout.pack(keyColumns, rowCount: rowCount, ranks: ranks)
        let rows = RowSort.permutation(
            words: words, wordBits: layout.wordBits, rowCount: rowCount)

        var runs: [SortedRows] = []
        var start = 0
        for (rank, partition) in partitions.enumerated() {
            var end = partitions.count == 1 ? rowCount : start
            if partitions.count > 1 {
                while end < rowCount, ranks[Int(rows[end])] == UInt32(rank) { end &+= 1 }
            }
            if end > start {
                runs.append(
                    try run(rows[start..<end], words, partition, isWhole: partitions.count == 1))
            }
            start = end
        }
        invariant(start == rowCount, "\(start) of \(rowCount) rows were split")
        return runs
    }

    /// The partitions, and the index of each row's partition among them.
    private func rank(
        _ times: [Milliseconds], partitionsMost: Int
    ) -> (partitions: [Partition], ranks: [UInt32]) {
        var counts: [Partition: Int] = [:]
        // Neighbours mostly share their day, so that the dictionary is asked once a run of rows.
        var lastDay = Int64.min
        var last = Partition.mixed
        var days: [Int64: Partition] = [:]
        var run = 0
        for time in times {
            let day = floorDivide(time, CivilTime.millisecondsPerDay)
            if day != lastDay {
                if run > 0 { counts[last, default: 0] += run }
                run = 0
                lastDay = day
                last = days[day] ?? Partition(time, schema.partitioning)
                days[day] = last
            }
            run &+= 1
        }
        counts[last, default: 0] += run
        if counts.count == 1 { return ([last], []) }

        let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        var partitions = ordered.prefix(partitionsMost).sorted()
        let mixed = UInt32(partitions.count)
        if ordered.count > partitions.count { partitions.append(.mixed) }
        var rankOfPartition: [Partition: UInt32] = [:]
        for (index, partition) in partitions.enumerated() {
            rankOfPartition[partition] = UInt32(index)
        }
        let rankOfDay = days.mapValues { rankOfPartition[$0] ?? mixed }
        var ranks: [UInt32] = []
        ranks.reserveCapacity(times.count)
        lastDay = .min
        var rank: UInt32 = 0
        for time in times {
            let day = floorDivide(time, CivilTime.millisecondsPerDay)
            if day != lastDay {
                lastDay = day
                rank = rankOfDay[day] ?? mixed
            }
            ranks.append(rank)
        }
        return (partitions, ranks)
    }

    private func appendKeys(
        to layout: inout KeyLayout, _ keyColumns: inout [Vector]
    ) throws(StoreError) {
        for name in schema.sortKey {
            guard let index = schema.sortColumnIndex(name) else { continue }
            let vector = columns[index]
            var codeCount = 0
            var integers: ClosedRange<Int64> = 0...0
            switch vector.values {
            case .codes(_, let dictionary): codeCount = dictionary.count
            case .strings(let table):
                let codes = FlushRows.coded(table, validity: vector.validity)
                codeCount = rowCount
                keyColumns[index] = Vector(
                    type: .string, values: .codes(codes, dictionary: StringTable()))
            case .integers(let numbers):
                if let least = numbers.min(), let greatest = numbers.max() {
                    integers = least...greatest
                }
            case .floats, .booleans: break
            }
            layout.append(
                column: index, type: schema.columns[index].type,
                hasNulls: vector.validity != nil, codeCount: codeCount, integers: integers)
        }
    }

    /// Ranks of strings that stand one a row, 0 where there is none.
    private static func coded(_ table: StringTable, validity: Bitmap?) -> [UInt32] {
        var isUsed = [Bool](repeating: true, count: table.count + 1)
        isUsed[0] = false
        let (_, ranks) = DictionaryOrder.sort(table, isUsed: isUsed)
        return (0..<table.count).map { row in
            if let validity, !validity[row] { 0 } else { ranks[row + 1] }
        }
    }

    /// The rows of one partition.
    private func run(
        _ rows: ArraySlice<UInt32>, _ words: [[UInt64]], _ partition: Partition, isWhole: Bool
    ) throws(StoreError) -> SortedRows {
        var groups = RowGroups(rows: rows)
        if schema.kind == .rollup { groups.combine(words: words) }
        var gathered: [Vector] = []
        for (index, column) in schema.columns.enumerated() {
            let role = column.role
            if role == .count, !groups.isTrivial {
                gathered.append(groups.sums(columns[index]))
            } else if role == .uniq {
                gathered.append(try groups.unions(columns[index], members[index]))
            } else {
                gathered.append(columns[index].gathered(groups.firstRows))
            }
            if !isWhole { gathered[index] = FlushRows.compacted(gathered[index]) }
        }
        var timeRange: ClosedRange<Milliseconds> = 0...0
        if case .integers(let times) = gathered[timeColumn].values, let least = times.min(),
            let greatest = times.max()
        {
            timeRange = least...greatest
        }
        return SortedRows(
            schema: schema, partition: partition, rowCount: groups.firstRows.count,
            columns: gathered, timeRange: timeRange)
    }

    private static func compacted(_ vector: Vector) -> Vector {
        guard case .codes(var codes, let dictionary) = vector.values else { return vector }
        let kept = DictionaryOrder.compact(codes: &codes, dictionary: dictionary)
        return Vector(type: vector.type, values: .codes(codes, dictionary: kept))
    }
}

extension TableSchema {
    /// The column that a name in the sort key means: of several types, the string.
    func sortColumnIndex(_ name: String) -> Int? {
        columnIndex(name, type: .string) ?? columnIndex(name)
    }
}
