import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

/// What merges hold in memory is bounded, whatever their inputs; `weir-bench store` measures it.
@Suite struct MergeMemoryTests {
    @Test func theSumOfWhatAMergeHoldsIsBounded() {
        #expect(StoreOptions().mergeBytesMost <= 96 << 20)
    }

    /// The more columns a table has, the fewer rows its granules have, flushed and merged.
    @Test func granulesOfWideTablesHaveFewerRows() throws {
        let store = try Scenario.open(FaultingDisk(seed: 51), "/data", Self.options())
        for flush in 1...3 {
            try store.commit(
                Scenario.batch(UInt64(flush), parts: [Self.part(flush, columnCount: 40)]))
        }
        let flushed = store.view().parts(table: "events")
        #expect(flushed.count == 3 && flushed.allSatisfy { $0.granuleCount == 12 })
        while try store.mergeOnce() {}
        let merged = store.view().parts(table: "events")
        #expect(merged.count == 1)
        #expect(merged.allSatisfy { $0.granuleCount == 36 && $0.rowCount(granule: 0) == 10 })
        store.close()
    }

    /// Strings of entries that many rows share stay entries until they are written, and a granule
    /// ends before they are too many.
    @Test func longStringsMakeShortGranules() throws {
        var options = Self.options()
        options.granuleBytes = 1_000
        options.dictionaryBytes = 12_000
        let store = try Scenario.open(FaultingDisk(seed: 52), "/data", options)
        var expected: [String] = []
        for flush in 1...3 {
            // Different in each part, so that the union is too large.
            let entries = (0..<20).map { "\(flush) \($0) " + String(repeating: "y", count: 400) }
            let texts = (0..<120).map { $0 % 7 == 0 ? nil : entries[$0 % 20] }
            expected += texts.map { $0 ?? "-" }
            let part = Self.part(flush, columnCount: 3, text: TestRows.coded(texts))
            try store.commit(Scenario.batch(UInt64(flush), parts: [part]))
        }
        while try store.mergeOnce() {}
        let parts = store.view().parts(table: "events")
        #expect(parts.count == 1)
        let part = try #require(parts.first)
        let text = try #require(part.schema.columnIndex("text", type: .string))
        #expect(!part.hasDictionary(column: text))
        var found: [String] = []
        for vectors in try part.read(columns: [text], granules: Array(0..<part.granuleCount)) {
            guard case .strings(let table) = vectors[0].values else {
                Issue.record("a column of plain strings")
                continue
            }
            #expect(table.bytes.count <= 1_000 || table.count == 1)
            for row in 0..<table.count {
                found.append(vectors[0].validity?[row] == false ? "-" : table[row])
            }
        }
        #expect(found.sorted() == expected.sorted())
        store.close()
    }

    private static func options() -> StoreOptions {
        var options = Scenario.options()
        options.granuleRows = 100
        options.granuleCells = 400
        options.granuleBytes = 1 << 20
        return options
    }

    private static func part(_ flush: Int, columnCount: Int, text: Vector? = nil) -> MemoryPart {
        let rowCount = 120
        let times = (0..<rowCount).map { Milliseconds($0 * 1_000 + flush) }
        var columns = [ColumnSchema(name: "timestamp", type: .timestamp, role: .key)]
        var vectors = [Vector(type: .timestamp, values: .integers(times))]
        if let text {
            columns.append(ColumnSchema(name: "text", type: .string, role: .value))
            vectors.append(text)
        }
        for number in columns.count..<columnCount {
            columns.append(ColumnSchema(name: "n\(number)", type: .integer, role: .value))
            vectors.append(Vector(type: .integer, values: .integers(times)))
        }
        let schema = TableSchema(
            name: "events", kind: .raw, partitioning: .day, timeColumn: "timestamp",
            sortKey: ["timestamp"], columns: columns)
        return MemoryPart(
            schema: schema, rowCount: rowCount, columns: vectors.map { .vector($0) })
    }
}
