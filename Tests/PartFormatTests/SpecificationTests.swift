import Base
import Codecs
import Expressions
import PartFormat
import Testing

/// `format-spec.md` against the code: ids, limits, and the worked example of a whole part.
@Suite struct SpecificationTests {
    private static let text = String(
        decoding: readFile(sourceRoot + "/format-spec.md") ?? [], as: UTF8.self)

    @Test func encodingIdsAreThoseOfTheCode() {
        var ids: [UInt8: String] = [:]
        for cells in SpecificationTests.rows(after: "### Table of encodings") {
            if let id = UInt8(cells[0]) { ids[id] = cells[1].filter { $0 != "`" } }
        }
        let expected = Dictionary(
            uniqueKeysWithValues: Encoding.allCases.map { ($0.rawValue, "\($0)") })
        #expect(ids == expected)
    }

    @Test func limitsAreThoseOfTheCode() {
        var limits: [String: Int] = [:]
        for cells in SpecificationTests.rows(after: "## Limits") where cells.count >= 2 {
            limits[cells[0]] = Int(cells[1].filter { $0 != "," })
        }
        let expected = [
            "values of a block": CodecLimits.valuesMax,
            "bytes of a body before compression": CodecLimits.bodyBytesMax,
            "bits of a packed value": CodecLimits.packedWidthMax,
            "bytes of a string of digits": CodecLimits.templateBytesMax,
            "entries of a dictionary": PartLimits.dictionaryEntriesMax,
            "bytes of a dictionary's entries": PartLimits.dictionaryBytesMax,
            "columns of a table": PartLimits.columnsMax,
            "granules of a part": PartLimits.granulesMax,
            "bytes of a footer before compression": PartLimits.footerBytesMax,
            "bytes of a name": PartLimits.nameBytesMax,
            "bytes of a string bound": PartLimits.boundBytesMax,
            "filters of a part": PartLimits.filtersMax,
            "pages of a filter": PartLimits.filterPagesMax,
            "slots of a page of a filter": RibbonPage.slotsMax,
            "bits of a filter": RibbonPage.bitsMax,
            "partitions of a log position": PartLimits.logPartitionsMax,
        ]
        for (name, limit) in expected { #expect(limits[name] == limit, "\(name)") }
    }

    /// The hexadecimal bytes of the document are the part that the writer makes, and it is read.
    @Test func theWorkedPartIsWhatIsWritten() throws {
        let bytes = SpecificationTests.workedPart()
        let documented = SpecificationTests.hexadecimal(after: "## A whole part, byte by byte")
        #expect(documented == bytes)
        let footer = try openPart(documented)
        let cells = try readCells(documented, footer)
        #expect(cells[0] == [.string("click"), .string("view"), .string("view")])
        #expect(cells[1] == [.integer(1_000), .integer(1_060), .integer(1_120)])
        #expect(cells[2] == [.integer(5), .null, .integer(75)])
    }

    private static func workedPart() -> [UInt8] {
        let schema = TableSchema(
            name: "t", kind: .raw, partitioning: .day, timeColumn: "at", sortKey: ["type"],
            columns: [
                ColumnSchema(name: "type", type: .string, role: .key),
                ColumnSchema(name: "at", type: .timestamp, role: .value),
                ColumnSchema(name: "d", type: .integer, role: .value),
            ])
        let dictionary = StringTable(["click", "view"])
        var writer = PartWriter(schema: schema, dictionaries: [0: dictionary])
        let validity = Bitmap(words: [0b101], count: 3)
        writer.append([
            Vector(type: .string, values: .codes([1, 2, 2], dictionary: dictionary)),
            Vector(type: .timestamp, values: .integers([1_000, 1_060, 1_120])),
            Vector(type: .integer, values: .integers([5, 0, 75]), validity: validity),
        ])
        writer.finish(
            PartProvenance(
                positionFrom: LogPosition(8), positionTo: LogPosition(9), flushRange: 3...3))
        return writer.takeBytes()
    }

    /// The cells of the first table after a heading.
    private static func rows(after heading: String) -> [[String]] {
        lines(after: heading).drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.map {
            $0.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
    }

    /// The bytes of the first code block after a heading: pairs of digits up to two blanks.
    private static func hexadecimal(after heading: String) -> [UInt8] {
        var bytes: [UInt8] = []
        let block = lines(after: heading).drop { !$0.hasPrefix("```") }.dropFirst()
        for line in block.prefix(while: { !$0.hasPrefix("```") }) {
            for word in line.dropFirst(6).prefix(48).split(separator: " ") {
                guard let byte = UInt8(word, radix: 16), word.count == 2 else { break }
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func lines(after heading: String) -> ArraySlice<Substring> {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0 != heading }.dropFirst()
    }
}
