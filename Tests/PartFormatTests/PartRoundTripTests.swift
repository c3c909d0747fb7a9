import Base
import Expressions
import PartFormat
import Testing

@Suite struct PartRoundTripTests {
    /// Granules and stripes of any size, with and without Zstd, few and many nulls.
    @Test(arguments: [1, 2, 7, 64, 300], [0, 1, 8] as [UInt64])
    func rowsComeBack(rows: Int, nulls: UInt64) throws {
        let sample = PartSample.random(rows: rows, nulls: nulls, seed: UInt64(rows) + nulls)
        for granuleRows in [1, 2, 64, 8_192] where rows / granuleRows <= 64 {
            for level in [nil, 1] {
                var options = PartWriterOptions()
                options.granuleRows = granuleRows
                options.stripeBytes = granuleRows == 2 ? 300 : 8 << 20
                options.compressionLevel = level
                let bytes = sample.write(options: options)
                let footer = try openPart(bytes)
                #expect(footer.schema == sample.schema)
                #expect(footer.provenance == PartSample.provenance)
                #expect(footer.rowCount == rows)
                #expect(footer.granuleCount == (rows + granuleRows - 1) / granuleRows)
                #expect(try readCells(bytes, footer) == sample.cells)
            }
        }
    }

    /// A wide part has a file for each column, which holds its blocks without gaps.
    @Test(arguments: [1, 64, 300], [0, 1] as [UInt64])
    func rowsOfWidePartsComeBack(rows: Int, nulls: UInt64) throws {
        let sample = PartSample.random(rows: rows, nulls: nulls, seed: UInt64(rows) + nulls)
        for stripeBytes in [300, 8 << 20] {
            var options = PartWriterOptions()
            options.granuleRows = 16
            options.stripeBytes = stripeBytes
            options.container = .wide
            let files = sample.writeFiles(options: options)
            #expect(files.count == 1 + sample.schema.columns.count)
            let footer = try openPart(files[0])
            #expect(footer.container == .wide && footer.schema == sample.schema)
            #expect(try readCells(files: files, footer) == sample.cells)
            for column in sample.schema.columns.indices {
                let file = footer.container.file(column: column)
                #expect(files[file].count == footer.fileSize(column: column))
                var end = footer.dictionaryRange(column: column)?.upperBound ?? 16
                for granule in 0..<footer.granuleCount {
                    let range = footer.blockRange(column: column, granule: granule)
                    #expect(range.lowerBound == end)
                    end = range.upperBound
                }
            }
        }
    }

    @Test func aPartWithoutRowsHasAFooter() throws {
        var writer = PartWriter(schema: PartSample.schema)
        writer.finish(PartSample.provenance)
        let bytes = writer.takeBytes()
        let footer = try openPart(bytes)
        #expect(footer.rowCount == 0 && footer.granuleCount == 0 && footer.timeRange == nil)
        #expect(footer.schema == PartSample.schema)
    }

    @Test func timeRangeIsThatOfTheTimeColumn() throws {
        let sample = PartSample.random(rows: 90, nulls: 1, seed: 3)
        var options = PartWriterOptions()
        options.granuleRows = 8
        let footer = try openPart(sample.write(options: options))
        let expected: ClosedRange<Milliseconds> = 1_768_055_400_000...1_768_055_422_250
        #expect(footer.timeRange == expected)
    }

    @Test func longGranulesAreSplitAndRowsStay() throws {
        let sample = PartSample.random(rows: 200, nulls: 1, seed: 4)
        var options = PartWriterOptions()
        options.granuleRows = 100
        options.granuleBytes = 500
        let bytes = sample.write(options: options)
        let footer = try openPart(bytes)
        #expect(footer.granuleCount > 8)
        #expect(try readCells(bytes, footer) == sample.cells)
    }

    @Test func blocksOfAColumnLieSideBySide() throws {
        let sample = PartSample.random(rows: 300, nulls: 1, seed: 5)
        var options = PartWriterOptions()
        options.granuleRows = 64
        let footer = try openPart(sample.write(options: options))
        for column in footer.schema.columns.indices {
            for granule in 1..<footer.granuleCount {
                let previous = footer.blockRange(column: column, granule: granule - 1)
                let range = footer.blockRange(column: column, granule: granule)
                #expect(previous.upperBound == range.lowerBound)
            }
        }
    }

    @Test func longFootersNeedASecondRead() throws {
        let columns = (0..<2_000).map {
            ColumnSchema(name: "properties.\(hash64(UInt64($0)))", type: .integer, role: .value)
        }
        var schema = PartSample.schema
        schema.columns += columns
        var options = PartWriterOptions()
        options.compressionLevel = nil
        var writer = PartWriter(schema: schema, options: options)
        writer.finish(PartSample.provenance)
        let bytes = writer.takeBytes()
        let tail = PartFooter.tailRange(fileSize: bytes.count)
        let range = try PartFooter.footerRange(
            tail: bytes.span.extracting(tail), fileSize: bytes.count)
        #expect(range.lowerBound < tail.lowerBound)
        #expect(try openPart(bytes).schema == schema)
    }

    @Test func codesKeepTheOrderOfStrings() throws {
        let sample = PartSample.random(rows: 300, nulls: 1, seed: 6)
        let bytes = sample.write(options: PartWriterOptions())
        let footer = try openPart(bytes)
        #expect(footer.dictionaryRange(column: 2) == nil)
        var decoder = BlockDecoder()
        let range = try #require(footer.dictionaryRange(column: 0))
        let dictionary = try decoder.decodeDictionary(
            footer, column: 0, bytes: bytes.span.extracting(range))
        #expect(footer.dictionaryCount(column: 0) == dictionary.count)
        let entries = (0..<dictionary.count).map { Array(dictionary[$0].utf8) }
        #expect(entries == entries.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(Set(entries).count == entries.count && entries.count == 5)
    }
}
