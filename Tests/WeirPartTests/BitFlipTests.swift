import Base
import Disk
import Expressions
import Foundation
import PartFormat
import Store
import Testing

@testable import weir_part

/// Every bit of a part is turned in turn: verify says so, and where.
@Suite struct BitFlipTests {
    private static let isFull = ProcessInfo.processInfo.environment["WEIR_TEST_FULL"] == "1"

    /// All bits in the long run, else one of each byte.
    private static func bits(_ random: inout SeededRandom) -> [UInt8] {
        isFull ? Array(0..<8) : [UInt8.random(in: 0..<8, using: &random)]
    }

    @Test(arguments: [false, true]) func everyByteOfAPackedPart(_ zstd: Bool) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("BitFlipTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let whole = Samples.files(zstd: zstd)[0]
        #expect(try verify([whole]) == [])
        let regions = try regions(of: whole)
        for offset in whole.indices {
            for bit in Self.bits(&random) {
                var bytes = whole
                bytes[offset] ^= 1 << bit
                let found = try verify([bytes])
                // A wrong postscript sends the reader anywhere.
                let isPostscript = offset >= whole.count - PartLayout.postscriptBytes
                let region = isPostscript ? nil : regions.first { $0.contains(offset) }
                #expect(
                    found.contains {
                        $0.file == "/one.part" && region?.contains($0.offset) ?? true
                    },
                    "bit \(bit) of byte \(offset): \(found.map(\.description))")
            }
        }
    }

    @Test func everyByteOfAWidePart() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("BitFlipTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let whole = Samples.files(.wide)
        #expect(whole.count == 7)
        #expect(try verify(whole) == [])
        for file in whole.indices {
            for offset in whole[file].indices {
                for bit in Self.bits(&random) {
                    var files = whole
                    files[file][offset] ^= 1 << bit
                    let name = "/p.part/\(Container.name(file: file))"
                    let found = try verify(files)
                    #expect(
                        found.contains { $0.file == name },
                        "bit \(bit) of byte \(offset) of \(name): \(found.map(\.description))")
                }
            }
        }
    }

    @Test func filesThatAreCutOrMissing() throws {
        let packed = Samples.files()[0]
        for count in stride(from: 0, to: packed.count, by: 7) {
            #expect(try !verify([Array(packed[..<count])]).isEmpty)
        }
        let wide = Samples.files(.wide)
        for file in wide.indices {
            var files = wide
            files[file].removeLast()
            let found = try verify(files)
            #expect(found.contains { $0.file == "/p.part/\(Container.name(file: file))" })
            files[file] = wide[file] + [0]
            #expect(try !verify(files).isEmpty, "a byte behind the end of file \(file)")
        }
    }

    /// The parts of a file that one checksum or one check is for.
    private func regions(of bytes: [UInt8]) throws -> [Range<Int>] {
        let range = try PartFooter.footerRange(tail: bytes.span, fileSize: bytes.count)
        let footer = try PartFooter(
            decoding: bytes.span.extracting(range), fileSize: bytes.count)
        var regions = [0..<PartLayout.headerBytes, range]
        for column in footer.schema.columns.indices {
            if let range = footer.dictionaryRange(column: column) { regions.append(range) }
            if let range = footer.mapRange(column: column) { regions.append(range) }
            for granule in 0..<footer.granuleCount {
                regions.append(footer.blockRange(column: column, granule: granule))
            }
        }
        return regions
    }
}
