import Base
import Expressions
import PartFormat
import Testing

/// Columns whose codes follow from those of another.
@Suite struct CorrelationTests {
    /// Sessions, the user of each, and a column that has nothing to do with them.
    private static func sample(rows: Int, sessions: UInt64, exceptions: UInt64) -> PartSample {
        let names = ["timestamp", "session", "user", "random"]
        let schema = TableSchema(
            name: "events", kind: .raw, partitioning: .day, timeColumn: "timestamp",
            sortKey: ["timestamp"],
            columns: names.map {
                ColumnSchema(
                    name: $0, type: $0 == "timestamp" ? .timestamp : .string, role: .value)
            })
        var generator = SeededRandom(seed: sessions)
        var cells: [[Cell]] = [[], [], [], []]
        for row in 0..<rows {
            let session = generator.next() % sessions
            let isException = generator.next() % 100 < exceptions
            let user = isException ? generator.next() % 50 : session * 7 % 50
            cells[0].append(.integer(Int64(row)))
            cells[1].append(session == 3 ? .null : .string("s\(session)"))
            cells[2].append(user == 9 ? .null : .string("u\(user)"))
            cells[3].append(.string("r\(generator.next() % 60)"))
        }
        return PartSample(schema: schema, cells: cells, coded: [1, 2, 3])
    }

    private static func options(granuleRows: Int = 100) -> PartWriterOptions {
        var options = PartWriterOptions()
        options.granuleRows = granuleRows
        options.correlatedEntriesLeast = 8
        return options
    }

    @Test(arguments: [0, 3, 100] as [UInt64], [Container.packed, .wide])
    func rowsComeBack(exceptions: UInt64, container: Container) throws {
        let sample = CorrelationTests.sample(rows: 2_050, sessions: 200, exceptions: exceptions)
        var options = CorrelationTests.options()
        options.container = container
        let files = sample.writeFiles(options: options)
        let footer = try openPart(files[0])
        #expect(try readCells(files: files, footer) == sample.cells)
        #expect(footer.source(ofColumn: 2) == (exceptions < 100 ? 1 : nil))
        #expect(footer.source(ofColumn: 1) == nil && footer.source(ofColumn: 3) == nil)
        #expect(footer.mapCount(column: 2) == (exceptions < 100 ? 200 : nil))
    }

    @Test func itTakesLessWhereItIsUsed() throws {
        let sample = CorrelationTests.sample(rows: 4_000, sessions: 150, exceptions: 1)
        var options = CorrelationTests.options(granuleRows: 500)
        let bytes = sample.write(options: options)
        options.correlatedEntriesLeast = .max
        #expect(bytes.count + 1_500 < sample.write(options: options).count)
    }

    /// Times that lie near the rows' own are kept as differences; others are not.
    @Test(arguments: [true, false]) func timesFollowTheRowsOwn(isNear: Bool) throws {
        let schema = TableSchema(
            name: "events", kind: .raw, partitioning: .day, timeColumn: "timestamp", sortKey: [],
            columns: ["received", "timestamp"].map {
                ColumnSchema(name: $0, type: .timestamp, role: .value)
            })
        var generator = SeededRandom(seed: 9)
        let times = (0..<600).map { _ in Int64(generator.next() % 86_400_000) }
        let received = times.map { ((isNear ? $0 : 7) &+ Int64(generator.next() % 1_000)) }
        let sample = PartSample(
            schema: schema, cells: [received.map { .integer($0) }, times.map { .integer($0) }],
            coded: [])
        let bytes = sample.write(options: CorrelationTests.options())
        let footer = try openPart(bytes)
        #expect(try readCells(bytes, footer) == sample.cells)
        #expect(footer.source(ofColumn: 0) == (isNear ? 1 : nil))
    }

    /// Where most sessions have one row, a map would be as large as what it saves.
    @Test func fewRowsOfASessionAreNotWorthAMap() throws {
        let sample = CorrelationTests.sample(rows: 300, sessions: 250, exceptions: 0)
        let bytes = sample.write(options: CorrelationTests.options())
        #expect(try openPart(bytes).source(ofColumn: 2) == nil)
    }

    @Test func withoutItsSourceABlockIsRefused() throws {
        let sample = CorrelationTests.sample(rows: 1_000, sessions: 60, exceptions: 1)
        let bytes = sample.write(options: CorrelationTests.options())
        let footer = try openPart(bytes)
        #expect(footer.source(ofColumn: 2) == 1)
        let dictionary = sample.dictionaries[2]
        #expect(throws: CorruptionError.self) {
            var decoder = BlockDecoder()
            let range = footer.blockRange(column: 2, granule: 9)
            _ = try decoder.decodeBlock(
                footer, column: 2, granule: 9, bytes: bytes.span.extracting(range),
                dictionary: dictionary)
        }
    }
}
