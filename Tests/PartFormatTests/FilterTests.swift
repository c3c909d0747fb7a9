import Base
import Expressions
import PartFormat
import Testing

/// Filters: no value of theirs is ever denied, others are as rarely as stated, and bad bytes are
/// found.
@Suite struct FilterTests {
    private static func schema(_ type: ValueType = .string) -> TableSchema {
        TableSchema(
            name: "events", kind: .raw, partitioning: .day, timeColumn: "at", sortKey: [],
            columns: [
                ColumnSchema(name: "at", type: .timestamp, role: .value),
                ColumnSchema(name: "id", type: type, role: .value),
                ColumnSchema(name: "user", type: type, role: .value),
            ])
    }

    private static func options(granuleRows: Int, granules: Int = 128) -> PartWriterOptions {
        var options = PartWriterOptions()
        options.granuleRows = granuleRows
        options.hasFilters = true
        options.filterRowsLeast = 0
        options.filterEntriesLeast = 0
        options.filterGranules = granules
        return options
    }

    /// A part whose ids are all different, a third of them null, and whose users repeat.
    private static func part(
        rows: Int, _ options: PartWriterOptions
    ) throws -> (bytes: [UInt8], footer: PartFooter) {
        let users = StringTable((0..<rows / 7 + 1).map { "user_\($0)" }.sorted())
        var writer = PartWriter(schema: schema(), dictionaries: [2: users], options: options)
        for start in stride(from: 0, to: rows, by: options.granuleRows) {
            let range = start..<min(rows, start + options.granuleRows)
            var validity = Bitmap(count: 0)
            for row in range { validity.append(row % 3 != 2) }
            writer.append([
                Vector(type: .timestamp, values: .integers(range.map { Int64($0) })),
                Vector(
                    type: .string,
                    values: .strings(StringTable(range.map { $0 % 3 == 2 ? "" : "id\($0)" })),
                    validity: validity),
                Vector(
                    type: .string,
                    values: .codes(
                        range.map { UInt32($0 % (users.count + 1)) }, dictionary: users)),
            ])
        }
        writer.finish(PartSample.provenance)
        let bytes = writer.takeBytes()
        return (bytes, try openPart(bytes))
    }

    private static func mayContain(
        _ value: String, _ filter: PartFilter, _ bytes: [UInt8]
    ) throws -> Bool {
        let value = Array(value.utf8)
        let page = Array(bytes[filter.pageRange(of: value.span)])
        return try filter.mayContain(value.span, page: page.span)
    }

    @Test(arguments: [1, 2, 40, 3_000, 30_000])
    func everyValueIsFoundAndFewOthers(rows: Int) throws {
        let (bytes, footer) = try Self.part(rows: rows, Self.options(granuleRows: 1_000))
        #expect(footer.filters.map(\.column) == (rows == 1 ? [1] : [1, 2]))
        for filter in footer.filters {
            #expect(filter.granules == 0..<footer.granuleCount)
            let prefix = filter.column == 1 ? "id" : "user_"
            let count = filter.column == 1 ? rows : rows / 7 + 1
            for index in 0..<count where filter.column == 2 || index % 3 != 2 {
                // The first row has no user.
                if filter.column == 2, rows <= index + 1 { continue }
                let value = "\(prefix)\(index)"
                if filter.column == 2, rows < count + 1 { continue }
                #expect(try Self.mayContain(value, filter, bytes), "\(value)")
            }
            var others = 0
            for index in 0..<4_096 where try Self.mayContain("other\(index)", filter, bytes) {
                others += 1
            }
            // Twice as many as expected, and some, are as good as impossible.
            let expected = filter.column == 1 ? 4_096 / 16 : 4_096 / 128
            #expect(others < expected * 2, "\(others) of 4,096")
        }
    }

    /// Filters of few granules each: together they are of all granules, each knows its own alone.
    @Test func granulesAreDividedAmongFilters() throws {
        let (bytes, footer) = try Self.part(
            rows: 3_000, Self.options(granuleRows: 100, granules: 4))
        let ids = footer.filters.filter { $0.column == 1 }
        #expect(ids.map(\.granules) == (0..<7).map { $0 * 4 + 0..<$0 * 4 + 4 } + [28..<30])
        var kept = 0
        for row in 0..<3_000 where row % 3 != 2 {
            for filter in ids {
                let may = try Self.mayContain("id\(row)", filter, bytes)
                if filter.granules.contains(row / 100) { #expect(may) } else { kept += may ? 1 : 0 }
            }
        }
        // One in sixteen of 2,000 values in each of seven filters that do not have it.
        #expect(kept < 2_000 * 7 / 16 * 2)
        #expect(try readCells(bytes, footer).count == 3)
    }

    @Test func aValueTakesAboutItsBits() throws {
        let (_, footer) = try Self.part(rows: 60_000, Self.options(granuleRows: 8_192))
        let ids = try #require(footer.filters.first)
        let bits = Double(ids.range.count * 8) / 40_000
        #expect(bits < 4 * 1.2, "\(bits) bits")
    }

    @Test func smallPartsAndFewEntriesHaveNone() throws {
        var options = Self.options(granuleRows: 100)
        options.filterRowsLeast = 3_001
        #expect(try Self.part(rows: 3_000, options).footer.filters.isEmpty)
        options.filterRowsLeast = 3_000
        options.filterEntriesLeast = 500
        #expect(try Self.part(rows: 3_000, options).footer.filters.map(\.column) == [1])
        options.hasFilters = false
        #expect(try Self.part(rows: 3_000, options).footer.filters.isEmpty)
    }

    @Test func aChangedPageIsNoticed() throws {
        let (bytes, footer) = try Self.part(rows: 40, Self.options(granuleRows: 10))
        let filter = try #require(footer.filters.first)
        let range = filter.pageRange(of: Array("id1".utf8).span)
        for place in range {
            var changed = bytes
            changed[place] ^= 0x20
            #expect(throws: CorruptionError.self) {
                _ = try Self.mayContain("id1", filter, changed)
            }
        }
    }

    /// The page of the document.
    @Test func theWorkedExample() throws {
        var writer = PartWriter(schema: Self.schema(), options: Self.options(granuleRows: 10))
        writer.append([
            Vector(type: .timestamp, values: .integers([0])),
            Vector(type: .string, values: .strings(StringTable(["ab"]))),
            Vector(
                type: .string, values: .strings(StringTable([""])),
                validity: Bitmap(count: 1)),
        ])
        writer.finish(PartSample.provenance)
        let bytes = writer.takeBytes()
        let filters = try openPart(bytes).filters
        #expect(filters.map(\.column) == [1])
        let filter = try #require(filters.first)
        let page = Array(bytes[filter.pageRange(of: Array("ab".utf8).span)])
        let column = [0x08] + [UInt8](repeating: 0, count: 15)
        let words = column + column + column + column
        let checksum = crc32c(words)
        #expect(page == words + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) })
        #expect(page.suffix(4) == [0xCA, 0x3F, 0xFC, 0x2D])
    }
}
