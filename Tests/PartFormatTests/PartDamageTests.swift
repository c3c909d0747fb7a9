import Base
import Expressions
import PartFormat
import Testing

@Suite struct PartDamageTests {
    private static var small: [UInt8] {
        var options = PartWriterOptions()
        options.granuleRows = 8
        return PartSample.random(rows: 20, nulls: 1, seed: 9).write(options: options)
    }

    /// Every byte after the header belongs to a checksum, so no changed byte goes unnoticed.
    @Test func everyChangedByteIsNoticed() throws {
        let bytes = PartDamageTests.small
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededRandom(seed: seed)
        for place in PartLayout.headerBytes..<bytes.count {
            var changed = bytes
            changed[place] ^= UInt8(1 + generator.next() % 255)
            #expect(throws: CorruptionError.self, "byte \(place)") {
                _ = try readCells(changed, openPart(changed))
            }
        }
    }

    @Test func everyTruncationIsNoticed() throws {
        let bytes = PartDamageTests.small
        for length in 0..<bytes.count {
            #expect(throws: CorruptionError.self, "\(length) bytes") {
                _ = try openPart(Array(bytes[..<length]))
            }
        }
    }

    /// Damage that the checksums agree with: what is behind them is checked all the same.
    @Test func damageBehindChecksumsNeverTraps() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededRandom(seed: seed)
        var options = PartWriterOptions()
        options.granuleRows = 8
        options.compressionLevel = nil
        let bytes = PartSample.random(rows: 20, nulls: 1, seed: 9).write(options: options)
        for _ in 0..<1_500 {
            var changed = bytes
            for _ in 0...(generator.next() % 3) {
                let span = UInt64(changed.count - PartLayout.headerBytes)
                let place = PartLayout.headerBytes + Int(generator.next() % span)
                changed[place] = UInt8(
                    truncatingIfNeeded: generator.next() >> (generator.next() % 8))
            }
            Repair.checksums(&changed, like: bytes)
            do throws(CorruptionError) {
                _ = try readCells(changed, openPart(changed))
            } catch {
                #expect(!error.expected.isEmpty)
            }
        }
    }

    @Test func errorsSayWhereInTheFile() throws {
        var bytes = PartDamageTests.small
        let footer = try openPart(bytes)
        let range = footer.blockRange(column: 4, granule: 1)
        bytes[range.lowerBound + 21] ^= 1
        let error = #expect(throws: CorruptionError.self) { _ = try readCells(bytes, footer) }
        let offset = try #require(error?.offset)
        #expect(range.contains(offset))
    }

    @Test func newerAndForeignFilesAreToldApart() throws {
        var newer = PartDamageTests.small
        newer[newer.count - 14] = 4
        let versionError = #expect(throws: CorruptionError.self) { _ = try openPart(newer) }
        #expect(versionError?.expected == "format version 1 to 3")
        #expect(versionError?.found == "4")
        let foreign = [UInt8](repeating: 0x50, count: 500)
        let markError = #expect(throws: CorruptionError.self) { _ = try openPart(foreign) }
        #expect(markError?.expected == "the mark of a part at its end")
    }
}

/// Makes checksums right again, so that decoders see what lies behind them.
private enum Repair {
    static func checksums(_ bytes: inout [UInt8], like original: [UInt8]) {
        // Blocks are found by the original footer; the changed one may say anything.
        guard let footer = try? openPart(original) else { return }
        var ranges: [Range<Int>] = []
        for column in footer.schema.columns.indices {
            if let range = footer.dictionaryRange(column: column) { ranges.append(range) }
            for granule in 0..<footer.granuleCount {
                ranges.append(footer.blockRange(column: column, granule: granule))
            }
        }
        for range in ranges {
            // The stored length stays as it was, or nothing behind it would be looked at.
            for place in 12..<16 {
                bytes[range.lowerBound + place] = original[range.lowerBound + place]
            }
            let body = Array(bytes[range.lowerBound + 20..<range.upperBound])
            let head = Array(bytes[range.lowerBound..<range.lowerBound + 16])
            put(crc32c(head + body), at: range.lowerBound + 16, of: &bytes)
        }
        let postscript = bytes.count - PartLayout.postscriptBytes
        for place in postscript..<bytes.count { bytes[place] = original[place] }
        let footerBytes = bytes[..<postscript].suffix(footerLength(original))
        let checksum = crc32c(Array(footerBytes) + bytes[postscript..<postscript + 12])
        put(checksum, at: postscript + 12, of: &bytes)
    }

    private static func footerLength(_ bytes: [UInt8]) -> Int {
        let place = bytes.count - PartLayout.postscriptBytes
        return (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    private static func put(_ number: UInt32, at place: Int, of bytes: inout [UInt8]) {
        for index in 0..<4 {
            bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt32(8 * index))
        }
    }
}
