import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

@testable import weir_part

/// Parts whose checksums are all right and whose content is not: verify names what is wrong.
@Suite struct WrongContentTests {
    /// What verify finds in the part of other columns than the sample's.
    private func found(
        schema: TableSchema = Samples.schema, _ change: (inout [Vector]) -> Void
    ) throws -> [CorruptionError] {
        var columns = Samples.columns()
        change(&columns)
        return try verify(Samples.files(.packed, columns, schema: schema))
    }

    /// What verify finds when bytes of the footer are replaced, and its checksum mended.
    private func found(replacing old: [UInt8], with new: [UInt8]) throws -> [CorruptionError] {
        // With one granule the bounds stand there as they are.
        var bytes = Samples.files(granuleRows: 8)[0]
        let places = bytes.indices.dropLast(old.count - 1).filter {
            bytes[$0..<$0 + old.count].elementsEqual(old)
        }
        let place = try #require(places.last)
        bytes.replaceSubrange(place..<place + old.count, with: new)
        Samples.mendFooter(&bytes)
        return try verify([bytes])
    }

    @Test func aPartThatIsRight() throws { #expect(try found { _ in } == []) }

    @Test func rowsOutOfOrder() throws {
        let within = try found { columns in
            columns[1].values = .integers(
                [1_000, 1_060, 1_000, 1_060, 5_120, 1_000, 9_120, 1_060])
        }
        #expect(within.count == 1)
        #expect(within.first?.found == "row 7 below the row before it")
        #expect(within.first?.expected.contains("in at, granule 1: rows in the order of") == true)
        let between = try found { columns in
            columns[1].values = .integers(
                [1_000, 1_060, 1_000, 6_060, 5_120, 1_000, 1_060, 9_120])
        }
        #expect(between.map(\.found) == ["row 4 below the row before it"])
    }

    @Test func aKeyTwice() throws {
        let times: [Int64] = [1_000, 1_060, 1_000, 1_060, 1_060, 1_000, 1_060, 9_120]
        #expect(
            try found { $0[1].values = .integers(times) }.map(\.found)
                == ["row 4 with the key of the row before it"])
        var raw = Samples.schema
        raw.kind = .raw
        #expect(try found(schema: raw) { $0[1].values = .integers(times) } == [])
    }

    /// The zone of `d` is 1 to 77,123.
    @Test func aZoneThatIsWrong() throws {
        let greatest = zigzag(77_123)
        let wrong = try found(replacing: greatest, with: zigzag(77_122))
        #expect(wrong.count == 1)
        #expect(wrong.first?.expected.contains("as the zone of the granule says") == true)
        #expect(wrong.first?.found == "values from 1 to 77123")
        // Wider than need be is wrong, too: bounds of numbers are exact.
        #expect(try found(replacing: greatest, with: zigzag(77_124)).count == 1)
    }

    @Test func aTimeRangeThatIsWrong() throws {
        let range = [1] + zigzag(1_000) + zigzag(9_120)
        let wrong = try found(replacing: range, with: [1] + zigzag(1_001) + zigzag(9_120))
        #expect(wrong.count == 1)
        #expect(wrong.first?.found == "1970-01-01T00:00:01.001Z to 1970-01-01T00:00:09.120Z")
    }

    @Test func aStateThatIsNone() throws {
        let wrong = try found { columns in
            columns[4].values = .strings(StringTable((0..<8).map { _ in "no state" }))
        }
        #expect(wrong.count == 2)
        #expect(wrong.first?.expected.contains("in u, granule 0: a state in row 0") == true)
    }

    /// A block with other rows than it should have, put in the place of another with its checksum.
    @Test func aBlockThatIsAnotherOnes() throws {
        var columns = Samples.columns()
        // Both blocks of `x` take the same form, and so as many bytes.
        columns[3].values = .floats([1.25, 2.5, 3.75, 4, 5.25, 6.5, 7.75, 8])
        var bytes = Samples.files(.packed, columns)[0]
        let range = try PartFooter.footerRange(tail: bytes.span, fileSize: bytes.count)
        let footer = try PartFooter(
            decoding: bytes.span.extracting(range), fileSize: bytes.count)
        let first = footer.blockRange(column: 3, granule: 0)
        let second = footer.blockRange(column: 3, granule: 1)
        try #require(first.count == second.count)
        bytes.replaceSubrange(first, with: Array(bytes[second]))
        let found = try verify([bytes])
        #expect(found.count == 1)
        #expect(found.first?.offset == first.lowerBound)
        #expect(found.first?.found == "values from 5.25 to 8.0")
    }

    @Test func anEntryThatSaysSomethingElse() throws {
        let files = Samples.files()
        let right = PartEntry(
            number: 7, table: "t", partition: .day(0), flushRange: 3...3, rowCount: 8,
            byteCount: files[0].count, timeRange: 1_000...9_120)
        #expect(try verify(files, entry: right) == [])
        let changes: [(String, (inout PartEntry) -> Void)] = [
            ("table", { $0.table = "s" }), ("rows", { $0.rowCount = 7 }),
            ("flushes", { $0.flushRange = 2...3 }), ("times", { $0.timeRange = 1...9_120 }),
            ("bytes", { $0.byteCount = 1 }), ("container", { $0.container = .wide }),
            ("times of 1970-01-02", { $0.partition = .day(1) }),
        ]
        for (word, change) in changes {
            var entry = right
            change(&entry)
            let found = try verify(files, entry: entry)
            #expect(found.count == 1 && found[0].expected.hasPrefix(word), "\(word): \(found)")
        }
        var mixed = right
        mixed.partition = .mixed
        #expect(try verify(files, entry: mixed) == [])
    }

    private func zigzag(_ number: Int64) -> [UInt8] {
        var writer = ByteWriter()
        writer.appendZigzag(number)
        return writer.bytes
    }
}
