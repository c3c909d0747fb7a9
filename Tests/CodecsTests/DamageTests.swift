import Base
import Codecs
import Testing

/// Bad bytes are refused with an error, whatever they are; nothing traps.
@Suite struct DamageTests {
    @Test func randomBytesNeverTrap() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededRandom(seed: seed)
        for _ in 0..<4_000 {
            let bytes = (0..<Int(generator.next() % 60)).map { _ in
                // Small bytes are ids, widths and counts more often.
                UInt8(truncatingIfNeeded: generator.next() >> (generator.next() % 8))
            }
            decodeAll(bytes, count: Int(generator.next() % 40))
        }
    }

    @Test func changedBytesNeverTrap() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededRandom(seed: seed)
        for sample in Sample.all where !sample.integers.isEmpty {
            for encoding in Encoding.allCases {
                var bytes: [UInt8] = []
                guard IntegerStream.encode(sample.integers, as: encoding, into: &bytes),
                    !bytes.isEmpty
                else { continue }
                for _ in 0..<8 {
                    var changed = bytes
                    changed[Int(generator.next() % UInt64(changed.count))] =
                        UInt8(truncatingIfNeeded: generator.next())
                    changed.removeLast(Int(generator.next() % 3) % changed.count)
                    decodeAll(changed, count: sample.integers.count)
                }
            }
        }
    }

    @Test func changedStringsNeverTrap() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededRandom(seed: seed)
        for sample in StringSample.all where (1..<1_000).contains(sample.strings.count) {
            let table = StringTable(sample.strings)
            for encoding in Encoding.allCases {
                var bytes: [UInt8] = []
                guard StringStream.encode(table, as: encoding, into: &bytes), bytes.count < 20_000
                else { continue }
                for _ in 0..<40 {
                    var changed = bytes
                    // The bytes in front say how the others are to be read.
                    let reach = generator.next() % 2 == 0 ? 30 : changed.count
                    changed[Int(generator.next() % UInt64(min(reach, changed.count)))] =
                        UInt8(truncatingIfNeeded: generator.next())
                    changed.removeLast(Int(generator.next() % 3) % changed.count)
                    decodeAll(changed, count: table.count)
                }
                for length in Set([0, 1, bytes.count / 2, bytes.count - 1])
                where length < bytes.count {
                    #expect(throws: CorruptionError.self) {
                        var reader = ByteReader(bytes.span.extracting(0..<length))
                        _ = try StringStream.decode(encoding, count: table.count, from: &reader)
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            // More shared than there is, codes beyond the entries, a dictionary of a dictionary.
            (Encoding.frontCoded, [0x02, 0x02, 0x02, 0x02, 0x61, 0x62]),
            (.frontCoded, [0x03, 0x00, 0x02, 0x0C, 0x02, 0x02, 0x61, 0x62]),
            (.dictionary, [0x01, 0x02, 0x01, 0x61, 0x02, 0x02]),
            (.dictionary, [0x01, 0x09, 0x01, 0x02, 0x01, 0x61, 0x02, 0x00, 0x02, 0x00]),
            (.dictionary, [0x03, 0x02, 0x01, 0x61, 0x02, 0x00]),
            // No piece, an unknown alphabet, 17 digits, a number of two digits, three last digits.
            (.digits, [0x00, 0x00]), (.digits, [0x01, 0x00, 0x01, 0x04, 0x00, 0x02, 0x00]),
            (.digits, [0x01, 0x00, 0x11, 0x01, 0x00, 0x02, 0x00]),
            (.digits, [0x01, 0x00, 0x01, 0x01, 0x00, 0x02, 0x14]),
            (.digits, [0x01, 0x00, 0x02, 0x01, 0x01, 0x02, 0x06, 0x02, 0x00]),
        ] as [(Encoding, [UInt8])])
    func brokenStringsAreRefused(encoding: Encoding, bytes: [UInt8]) {
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.span)
            _ = try StringStream.decode(encoding, count: 2, from: &reader)
        }
    }

    @Test(
        arguments: [
            // More exceptions than rows, rows that do not ascend, a row beyond the last.
            [0x05, 0x02, 0x00, 0x02, 0x00], [0x02, 0x02, 0x02, 0x02, 0x00],
            [0x01, 0x02, 0x08, 0x02, 0x00], [0x01, 0x02],
        ] as [[UInt8]])
    func brokenExceptionsAreRefused(bytes: [UInt8]) {
        #expect(throws: CorruptionError.self) {
            var codes: [UInt32] = [1, 2, 3, 4]
            var reader = ByteReader(bytes.span)
            try CorrelatedStream.decode(from: &reader, following: &codes)
        }
    }

    private func decodeAll(_ bytes: [UInt8], count: Int) {
        for encoding in Encoding.allCases {
            for kind in 0..<5 {
                var reader = ByteReader(bytes.span)
                do throws(CorruptionError) {
                    let decoded: Int
                    switch kind {
                    case 0:
                        decoded = try CodeStream.decode(encoding, count: count, from: &reader)
                            .count
                    case 1:
                        decoded = try IntegerStream.decode(encoding, count: count, from: &reader)
                            .count
                    case 2:
                        decoded = try FloatStream.decode(encoding, count: count, from: &reader)
                            .count
                    case 3:
                        decoded = try BooleanStream.decode(encoding, count: count, from: &reader)
                            .count
                    default:
                        decoded = try StringStream.decode(encoding, count: count, from: &reader)
                            .count
                    }
                    #expect(decoded == count)
                } catch {
                    #expect(!error.expected.isEmpty && error.offset <= bytes.count)
                }
            }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        for sample in Sample.all where !sample.integers.isEmpty {
            for encoding in Encoding.allCases {
                var bytes: [UInt8] = []
                guard IntegerStream.encode(sample.integers, as: encoding, into: &bytes) else {
                    continue
                }
                for length in Set([0, 1, bytes.count / 2, bytes.count - 1])
                where length < bytes.count {
                    #expect(throws: CorruptionError.self) {
                        var reader = ByteReader(bytes.span.extracting(0..<length))
                        _ = try IntegerStream.decode(
                            encoding, count: sample.integers.count, from: &reader)
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            // A width above 56, a width byte missing, more runs than values, a run of no values,
            // runs within runs, lengths that sum to less.
            (Encoding.bitPacked, [0x00, 57, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1),
            (.bitPacked, [0x00], 3), (.delta, [0x00, 0x00, 57, 0, 0, 0, 0, 0, 0, 0, 0], 2),
            (.delta, [0x00, 0x00, 0x00], 0), (.runLength, [0x05, 0x02, 0x00, 0x02, 0x02], 4),
            (.runLength, [0x01, 0x02, 0x02, 0x02, 0x00], 4),
            (.runLength, [0x01, 0x05, 0x01, 0x02, 0x02, 0x02, 0x02, 0x02, 0x08], 4),
            (.runLength, [0x01, 0x02, 0x02, 0x02, 0x06], 4),
            // A width above 56, more patches than values, a place beyond them, places that do not
            // ascend, a stream of runs and one of patches within patches.
            (.patched, [0x00, 57, 0x00, 0, 0, 0, 0, 0, 0, 0, 0], 1),
            (.patched, [0x00, 0x00, 0x03, 0x02, 0x00, 0x02, 0x00], 2),
            (.patched, [0x00, 0x00, 0x01, 0x02, 0x04, 0x02, 0x00], 2),
            (.patched, [0x00, 0x00, 0x02, 0x02, 0x02, 0x02, 0x00], 2),
            (.patched, [0x00, 0x00, 0x01, 0x05, 0x01, 0x02, 0x02, 0x02, 0x02, 0x02, 0x00], 2),
            (.patched, [0x00, 0x00, 0x01, 0x06, 0x00, 0x00, 0x00, 0x02, 0x00], 2),
            // Differences of no values, of differences, of decimals.
            (.differences, [0x00, 0x02, 0x00], 0),
            (.differences, [0x00, 0x07, 0x00, 0x02, 0x00], 3),
            (.differences, [0x00, 0x08, 0x00, 0x02, 0x00, 0x00], 3),
            (.decimal, [0x00, 0x02, 0x00, 0x00], 2),
        ] as [(Encoding, [UInt8], Int)])
    func brokenStreamsAreRefused(encoding: Encoding, bytes: [UInt8], count: Int) {
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.span)
            _ = try IntegerStream.decode(encoding, count: count, from: &reader)
        }
    }

    @Test(
        arguments: [
            // Too many digits, an integer beyond 2^53, more exceptions than values, an exception
            // that is cut, decimals and differences of floats where none may be.
            (Encoding.decimal, [23, 0x02, 0x00, 0x00], 1),
            (.decimal, [0, 0x01, 1, 0, 0, 0, 0, 0, 0x20, 0, 0x00], 1),
            (.decimal, [0, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x00], 1),
            (.decimal, [0, 0x02, 0x00, 0x02, 0x02, 0x00], 1),
            (.decimal, [0, 0x02, 0x00, 0x01, 0x02, 0x00, 1, 2, 3, 4, 5, 6, 7], 1),
            (.decimal, [0, 0x08, 0x00, 0x02, 0x00, 0x00, 0x00], 1),
            (.differences, [0x00, 0x02, 0x00], 2),
        ] as [(Encoding, [UInt8], Int)])
    func brokenFloatsAreRefused(encoding: Encoding, bytes: [UInt8], count: Int) {
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.span)
            _ = try FloatStream.decode(encoding, count: count, from: &reader)
        }
    }

    @Test func limitsHoldBeforeAnythingIsAllocated() {
        let tooMany = CodecLimits.valuesMax + 1
        let bytes: [UInt8] = [0x02]
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.span)
            _ = try IntegerStream.decode(.constant, count: tooMany, from: &reader)
        }
        // 1,000 copies of a string of 70,000 bytes would exceed the body limit.
        var long: [UInt8] = []
        let table = StringTable([String(repeating: "x", count: 70_000)])
        #expect(StringStream.encode(table, as: .constant, into: &long))
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(long.span)
            _ = try StringStream.decode(.constant, count: 1_000, from: &reader)
        }
        // Lengths that promise more bytes than there are.
        let strings: [UInt8] = [0x02, 0x0A, 0x61, 0x62]
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(strings.span)
            _ = try StringStream.decode(.plain, count: 3, from: &reader)
        }
        // Bits beyond the last boolean.
        let bits: [UInt8] = [0x08]
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bits.span)
            _ = try BooleanStream.decode(.plain, count: 3, from: &reader)
        }
        // Runs of booleans: a third value, none, too few, too many.
        let runs: [[UInt8]] = [
            [2, 1, 0x02, 0x06], [1, 2, 0x02, 0x00], [1, 2, 0x02, 0x02], [1, 2, 0x02, 0x04],
            [1, 4, 0x02, 0x02], [1, 1, 0x05, 0x01, 0x02, 0x06, 0x02, 0x02],
        ]
        for bytes in runs {
            #expect(throws: CorruptionError.self) {
                var reader = ByteReader(bytes.span)
                _ = try BooleanStream.decode(.runLength, count: 3, from: &reader)
            }
        }
    }
}
