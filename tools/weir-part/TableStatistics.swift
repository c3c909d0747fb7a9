internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// How one column is kept, over all parts that have it.
struct ColumnStatistics {
    let name: String
    let type: ValueType
    let role: ColumnSchema.Role
    var rowCount = 0
    var nullCount = 0
    var storedBytes = 0
    var plainBytes = 0
    var dictionaryBytes = 0
    var dictionaryEntries = 0
    /// Blocks by how they are encoded.
    var encodings: [String: Int] = [:]
    var distinct = HyperLogLog()

    init(_ column: ColumnSchema) {
        name = column.name
        type = column.type
        role = column.role
    }

    /// How many times smaller the column is than its plain values.
    var ratio: Double { storedBytes == 0 ? 0 : Double(plainBytes) / Double(storedBytes) }

    /// Encodings, the most frequent first.
    var encodingText: String {
        let sorted = encodings.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if sorted.count == 1 { return sorted[0].key }
        return sorted.map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ")
    }

    mutating func add(block: [UInt8]) {
        storedBytes += block.count
        guard let facts = try? BlockFacts(of: block.span) else { return }
        let name = facts.encoding + (facts.isCompressed ? "+zstd" : "")
        encodings[name, default: 0] += 1
    }

    mutating func add(dictionary block: [UInt8], entries: Int) {
        storedBytes += block.count
        dictionaryBytes += block.count
        dictionaryEntries += entries
    }

    mutating func add(map byteCount: Int) {
        storedBytes += byteCount
        dictionaryBytes += byteCount
    }

    mutating func add(_ vector: Vector, seen: inout [Bool]) {
        rowCount += vector.count
        nullCount += vector.nullCount
        switch vector.values {
        case .codes(let codes, let dictionary):
            for code in codes where code != 0 {
                let entry = Int(code) - 1
                plainBytes += 4 + dictionary.range(entry).count
                if entry < seen.count {
                    if seen[entry] { continue }
                    seen[entry] = true
                }
                insert(dictionary.bytes(at: entry))
            }
        case .strings(let table):
            for row in 0..<vector.count where vector.validity?[row] ?? true {
                plainBytes += 4 + table.range(row).count
                insert(table.bytes(at: row))
            }
        case .integers(let numbers):
            plainBytes += 8 * (vector.count - vector.nullCount)
            for row in numbers.indices where vector.validity?[row] ?? true {
                distinct.insert(hash: hash64(UInt64(bitPattern: numbers[row])))
            }
        case .floats(let numbers):
            plainBytes += 8 * (vector.count - vector.nullCount)
            for row in numbers.indices where vector.validity?[row] ?? true {
                distinct.insert(hash: hash64(numbers[row].bitPattern))
            }
        case .booleans(let bits):
            plainBytes += (vector.count - vector.nullCount + 7) / 8
            for row in 0..<bits.count where vector.validity?[row] ?? true {
                distinct.insert(hash: hash64(bits[row] ? 1 : 0))
            }
        }
    }

    private mutating func insert(_ bytes: ArraySlice<UInt8>) {
        distinct.insert(hash: unsafe bytes.withUnsafeBytes { unsafe hash64($0) })
    }
}

/// How a table is kept: its columns, and what parts take beside them.
struct TableStatistics {
    private(set) var schema: TableSchema
    private(set) var columns: [ColumnStatistics] = []
    private var partCount = 0
    private var wideCount = 0
    private var rowCount = 0
    private var granuleCount = 0
    private var fileBytes = 0
    private var filterBytes = 0
    private var timeRange: ClosedRange<Milliseconds>?

    init(_ schema: TableSchema) { self.schema = schema }

    /// Adds a part, column by column.
    mutating func add(
        _ part: PartFiles, _ findings: Findings, _ console: Console
    ) throws(StoreError) {
        let footer = part.footer
        partCount += 1
        wideCount += footer.container == .wide ? 1 : 0
        rowCount += footer.rowCount
        granuleCount += footer.granuleCount
        for file in 0..<part.fileCount { fileBytes += try part.size(file: file) }
        filterBytes += footer.filters.reduce(0) { $0 + $1.range.count }
        if let times = footer.timeRange {
            let known = timeRange ?? times
            timeRange =
                min(known.lowerBound, times.lowerBound)...max(known.upperBound, times.upperBound)
        }
        var reader = ColumnReader(part, findings, console)
        for column in footer.schema.columns.indices {
            let place = place(of: footer.schema.columns[column])
            try TableStatistics.add(column, &columns[place], &reader)
            reader.forget(column: column)
        }
    }

    private mutating func place(of column: ColumnSchema) -> Int {
        if let place = columns.firstIndex(where: {
            $0.name == column.name && $0.type == column.type
        }) {
            return place
        }
        columns.append(ColumnStatistics(column))
        return columns.count - 1
    }

    private static func add(
        _ column: Int, _ statistics: inout ColumnStatistics, _ reader: inout ColumnReader
    ) throws(StoreError) {
        let footer = reader.part.footer
        var seen: [Bool] = []
        if let range = footer.dictionaryRange(column: column) {
            let entries = footer.dictionaryCount(column: column) ?? 0
            let file = footer.container.file(column: column)
            let block = try reader.part.read(file: file, [range])[0]
            statistics.add(dictionary: block, entries: entries)
            seen = [Bool](repeating: false, count: entries)
        }
        // The map stands beside the dictionary: it takes bytes, and has no entries.
        statistics.add(map: footer.mapRange(column: column)?.count ?? 0)
        for batch in reader.batches(column: column) {
            let blocks = try reader.blocks(column: column, batch)
            for (granule, block) in zip(batch, blocks) {
                statistics.add(block: block)
                if let vector = try reader.decode(column, granule, block) {
                    statistics.add(vector, seen: &seen)
                }
            }
        }
    }
}

extension TableStatistics {
    private var columnBytes: Int { columns.reduce(0) { $0 + $1.storedBytes } }

    /// For people.
    func lines() -> [String] {
        var head = [
            "\(schema.name): \(grouped(partCount)) parts (\(grouped(wideCount)) wide), "
                + "\(grouped(rowCount)) rows in \(grouped(granuleCount)) granules, "
                + "\(byteText(fileBytes))"
        ]
        if rowCount > 0 {
            head[0] += ", \(decimal(Double(fileBytes) / Double(rowCount), 2)) bytes a row"
        }
        if let timeRange {
            head.append(
                "times \(timeText(timeRange.lowerBound)) to \(timeText(timeRange.upperBound))")
        }
        var table = TextTable([
            .left("column"), .left("type"), .left("role"), .right("bytes"), .right("a row"),
            .right("ratio"), .right("distinct"), .right("nulls"), .right("entries"),
            .left("encodings"),
        ])
        for column in columns { table.append(cells(column)) }
        let rest = fileBytes - columnBytes - filterBytes
        for (name, byteCount) in [("filters", filterBytes), ("headers, footers", rest)]
        where name != "filters" || byteCount > 0 {
            table.append(
                [name, "", "", grouped(byteCount), perRow(byteCount)]
                    + [String](repeating: "", count: 5))
        }
        return head + table.lines()
    }

    private func cells(_ column: ColumnStatistics) -> [String] {
        let estimate = column.distinct.estimate()
        return [
            column.name, "\(column.type)", column.role.name, grouped(column.storedBytes),
            perRow(column.storedBytes), decimal(column.ratio, 1),
            (estimate.isExact ? "" : "~") + grouped(Int(estimate.value)), grouped(column.nullCount),
            column.dictionaryEntries == 0 ? "" : grouped(column.dictionaryEntries),
            column.encodingText,
        ]
    }

    private func perRow(_ byteCount: Int) -> String {
        rowCount == 0 ? "" : decimal(Double(byteCount) / Double(rowCount), 3)
    }

    /// One line of JSON.
    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("table", schema.name)
        writer.field("parts", partCount)
        writer.field("wideParts", wideCount)
        writer.field("rows", rowCount)
        writer.field("granules", granuleCount)
        writer.field("bytes", fileBytes)
        writer.field("filterBytes", filterBytes)
        writer.field("timeMin", timeRange.map { timeText($0.lowerBound) })
        writer.field("timeMax", timeRange.map { timeText($0.upperBound) })
        writer.key("columns")
        writer.beginArray()
        for column in columns { write(column, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }

    private func write(_ column: ColumnStatistics, to writer: inout JSONWriter) {
        let estimate = column.distinct.estimate()
        writer.beginObject()
        writer.field("name", column.name)
        writer.field("type", "\(column.type)")
        writer.field("role", column.role.name)
        writer.field("rows", column.rowCount)
        writer.field("nulls", column.nullCount)
        writer.field("distinct", estimate.value)
        writer.field("distinctIsExact", estimate.isExact)
        writer.field("bytes", column.storedBytes)
        writer.field("plainBytes", column.plainBytes)
        writer.field("ratio", column.ratio)
        writer.field("dictionaryBytes", column.dictionaryBytes)
        writer.field("dictionaryEntries", column.dictionaryEntries)
        writer.key("encodings")
        writer.beginObject()
        for (name, count) in column.encodings.sorted(by: { $0.key < $1.key }) {
            writer.field(name, count)
        }
        writer.endObject()
        writer.endObject()
    }
}
