import Base
import Codecs
import Expressions
import Glibc
import PartFormat
import Testing

/// Parts that were written once by each format version and are read forever.
///
/// `WEIR_GOLDEN=write swift test --filter GoldenTests` writes the files that are missing, and
/// never one that is there. A new format version gets a folder of its own.
@Suite struct GoldenTests {
    private static let folder = sourceRoot + "/Tests/Golden/v1/"
    private static let wideFolder = sourceRoot + "/Tests/Golden/v2/"
    /// Version 3 brought encodings: its parts are of rows that need them.
    private static let newestFolder = sourceRoot + "/Tests/Golden/v3/"

    /// The rows of the golden part; its generator may never change.
    private static let sample = PartSample.random(rows: 300, nulls: 1, seed: 2_026)
    private static let ids = PartSample.ids(rows: 300, seed: 2_027)
    private static let numbers = PartSample.numbers(rows: 600, seed: 2_028)
    private static let every = PartSample.everyEncoding(rows: 450, seed: 2_029)

    @Test func version1IsReadForever() throws {
        try writeIfAsked()
        let bytes = try #require(readFile(GoldenTests.folder + "events.part"))
        let footer = try openPart(bytes)
        #expect(footer.schema == GoldenTests.sample.schema)
        #expect(footer.provenance == PartSample.provenance)
        #expect(footer.granuleCount == 5)
        #expect(try readCells(bytes, footer) == GoldenTests.sample.cells)
    }

    /// One bit of a block of `eventId` is turned: that block is refused, all others are read.
    @Test func itsDamagedTwinIsRefused() throws {
        try writeIfAsked()
        let bytes = try #require(readFile(GoldenTests.folder + "events-damaged.part"))
        let footer = try openPart(bytes)
        var decoder = BlockDecoder()
        for granule in 0..<footer.granuleCount {
            let range = footer.blockRange(column: 2, granule: granule)
            let block = Array(bytes[range])
            let isDamaged = granule == 3
            do throws(CorruptionError) {
                let vector = try decoder.decodeBlock(
                    footer, column: 2, granule: granule, bytes: block.span, dictionary: nil)
                let rows = footer.granuleStarts[granule]..<footer.granuleStarts[granule + 1]
                #expect(vector.cells == Array(GoldenTests.sample.cells[2][rows]))
                #expect(!isDamaged)
            } catch {
                #expect(isDamaged && range.contains(error.offset))
            }
        }
    }

    /// The wide parts that version 2 brought, a file for each column.
    @Test func widePartsOfVersion2AreReadForever() throws {
        try writeIfAsked()
        let files = try readWide("events.part")
        let footer = try openPart(files[0])
        #expect(footer.container == .wide && footer.provenance == PartSample.provenance)
        #expect(try readCells(files: files, footer) == GoldenTests.sample.cells)
    }

    /// The same with one bit of a block turned.
    @Test func theirDamagedTwinIsRefused() throws {
        try writeIfAsked()
        let files = try readWide("events-damaged.part")
        let footer = try openPart(files[0])
        #expect(throws: CorruptionError.self) { try readCells(files: files, footer) }
        let whole = try readWide("events.part")
        #expect(whole[0] == files[0] && whole != files)
    }

    /// Ids of every shape, in the encodings of version 3.
    @Test func version3IsReadForever() throws {
        try writeIfAsked()
        let bytes = try #require(readFile(GoldenTests.newestFolder + "ids.part"))
        let whole = try openPart(bytes)
        #expect(try readCells(bytes, whole) == GoldenTests.ids.cells)
        #expect(whole.source(ofColumn: 8) == 7 && whole.source(ofColumn: 9) == 0)
        #expect(whole.filters.count >= 6)
        let damaged = try #require(readFile(GoldenTests.newestFolder + "ids-damaged.part"))
        let footer = try openPart(damaged)
        #expect(throws: CorruptionError.self) { try readCells(damaged, footer) }
    }

    /// Numbers of every shape: all encodings of numbers and both forms of nulls are in the file.
    @Test func numbersOfVersion3AreReadForever() throws {
        try writeIfAsked()
        let bytes = try #require(readFile(GoldenTests.newestFolder + "numbers.part"))
        let footer = try openPart(bytes)
        #expect(try readCells(bytes, footer) == GoldenTests.numbers.cells)
        let starts = GoldenTests.numbers.schema.columns.indices.map {
            footer.blockRange(column: $0, granule: 0).lowerBound
        }
        #expect(starts.map { bytes[$0] } == [7, 6, 7, 8, 3, 5, 3])
        #expect(starts.map { bytes[$0 + 2] } == [0, 0, 0, 0, 0, 0, 3])
        let damaged = try #require(readFile(GoldenTests.newestFolder + "numbers-damaged.part"))
        let damagedFooter = try openPart(damaged)
        #expect(throws: CorruptionError.self) { try readCells(damaged, damagedFooter) }
    }

    /// All encodings, in one file.
    @Test func everyEncodingIsReadForever() throws {
        try writeIfAsked()
        let bytes = try #require(readFile(GoldenTests.newestFolder + "every.part"))
        let footer = try openPart(bytes)
        #expect(try readCells(bytes, footer) == GoldenTests.every.cells)
        var used: Set<UInt8> = []
        for column in footer.schema.columns.indices {
            let starts = (0..<footer.granuleCount).map {
                footer.blockRange(column: column, granule: $0).lowerBound
            }
            let others = [footer.dictionaryRange(column: column), footer.mapRange(column: column)]
            for start in starts + others.compactMap(\.?.lowerBound) { used.insert(bytes[start]) }
        }
        #expect(used == Set(Encoding.allCases.map(\.rawValue)))
        let damaged = try #require(readFile(GoldenTests.newestFolder + "every-damaged.part"))
        let damagedFooter = try openPart(damaged)
        #expect(throws: CorruptionError.self) { try readCells(damaged, damagedFooter) }
    }

    private func readWide(_ name: String) throws -> [[UInt8]] {
        let columns = GoldenTests.sample.schema.columns.count
        return try (0..<Container.wide.fileCount(columns: columns)).map { file in
            try #require(
                readFile("\(GoldenTests.wideFolder)\(name)/\(Container.name(file: file))"))
        }
    }

    private func writeIfAsked() throws {
        guard unsafe getenv("WEIR_GOLDEN").map({ unsafe String(cString: $0) }) == "write" else {
            return
        }
        var options = PartWriterOptions()
        options.granuleRows = 64
        var bytes = GoldenTests.sample.write(options: options)
        writeNewFile(GoldenTests.folder + "events.part", bytes)
        let footer = try openPart(bytes)
        bytes[footer.blockRange(column: 2, granule: 3).lowerBound + 40] ^= 0x10
        writeNewFile(GoldenTests.folder + "events-damaged.part", bytes)
        var newestOptions = options
        newestOptions.granuleRows = 100
        newestOptions.correlatedEntriesLeast = 2
        newestOptions.hasFilters = true
        newestOptions.filterRowsLeast = 0
        newestOptions.filterEntriesLeast = 0
        bytes = GoldenTests.ids.write(options: newestOptions)
        writeNewFile(GoldenTests.newestFolder + "ids.part", bytes)
        let newest = try openPart(bytes)
        bytes[newest.blockRange(column: 2, granule: 1).lowerBound + 40] ^= 0x10
        writeNewFile(GoldenTests.newestFolder + "ids-damaged.part", bytes)
        options.granuleRows = 300
        bytes = GoldenTests.numbers.write(options: options)
        writeNewFile(GoldenTests.newestFolder + "numbers.part", bytes)
        let footerOfNumbers = try openPart(bytes)
        bytes[footerOfNumbers.blockRange(column: 3, granule: 1).lowerBound + 30] ^= 0x10
        writeNewFile(GoldenTests.newestFolder + "numbers-damaged.part", bytes)
        newestOptions.granuleRows = 150
        bytes = GoldenTests.every.write(options: newestOptions)
        writeNewFile(GoldenTests.newestFolder + "every.part", bytes)
        let footerOfEvery = try openPart(bytes)
        bytes[footerOfEvery.blockRange(column: 10, granule: 1).lowerBound + 40] ^= 0x10
        writeNewFile(GoldenTests.newestFolder + "every-damaged.part", bytes)
        options.granuleRows = 64
        options.container = .wide
        var files = GoldenTests.sample.writeFiles(options: options)
        writeWide("events.part", files)
        let wide = try openPart(files[0])
        files[3][wide.blockRange(column: 2, granule: 3).lowerBound + 40] ^= 0x10
        writeWide("events-damaged.part", files)
    }

    private func writeWide(_ name: String, _ files: [[UInt8]]) {
        let folder = GoldenTests.wideFolder + name
        unsafe mkdir(folder, 0o755)
        for (file, bytes) in files.enumerated() {
            writeNewFile("\(folder)/\(Container.name(file: file))", bytes)
        }
    }
}

/// The root of the source tree.
let sourceRoot = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

/// The bytes of a file of the source tree; nil if it cannot be read.
func readFile(_ path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe fread(&buffer, 1, buffer.count, file)
        guard count > 0 else { return bytes }
        bytes += buffer[..<count]
    }
}

/// Writes a file that must not be there yet; one that is there stays as it is.
private func writeNewFile(_ path: String, _ bytes: [UInt8]) {
    guard let file = unsafe fopen(path, "wx") else { return }
    #expect(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
    unsafe fclose(file)
}
