import Base
import Codecs
import Foundation
import Testing

/// Streams of every encoding, as the second reader (`Tests/Reader`, written from format-spec.md
/// alone) decodes them.
@Suite struct SecondReaderTests {
    /// A stream, and what it holds in the form in which the reader prints it.
    private struct Sample {
        var encoding: Encoding
        var kind: Int
        var count: Int
        var bytes: [UInt8]
        var values: String
    }

    @Test func everyEncodingIsReadFromTheDocumentAlone() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("SecondReaderTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        var samples: [Sample] = []
        for _ in 0..<6 {
            for integers in Self.integers(&random) { Self.add(integers, &samples) }
            for strings in Self.strings(&random) { Self.add(strings, &samples) }
            for floats in Self.floats(&random) { Self.add(floats, &samples) }
            for bits in Self.booleans(&random) { Self.add(bits, &samples) }
        }
        // What is correlated is no stream by itself: the golden parts have blocks of it.
        for encoding in Encoding.allCases where encoding != .correlated {
            #expect(samples.contains { $0.encoding == encoding }, "no stream of \(encoding)")
        }
        let read = try Self.read(samples)
        try #require(read.count == samples.count)
        for (sample, line) in zip(samples, read) {
            #expect(
                line == sample.values,
                "\(sample.encoding), kind \(sample.kind), \(sample.count) values")
        }
    }

    private static func read(_ samples: [Sample]) throws -> [String] {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-B", reader, "streams"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let lines = samples.map { sample in
            #"{"encoding":\#(sample.encoding.rawValue),"kind":\#(sample.kind),"#
                + #""count":\#(sample.count),"bytes":"\#(hex(sample.bytes))"}"# + "\n"
        }
        // The reader answers line by line: written from another thread, lest both wait.
        let writer = Thread {
            try? input.fileHandleForWriting.write(contentsOf: Data(lines.joined().utf8))
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static var reader: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Reader").path
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension SecondReaderTests {
    private static func add(_ integers: [Int64], _ samples: inout [Sample]) {
        let codes = integers.map { UInt32(truncatingIfNeeded: $0) }
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            if IntegerStream.encode(integers, as: encoding, into: &bytes) {
                samples.append(
                    Sample(
                        encoding: encoding, kind: 2, count: integers.count, bytes: bytes,
                        values: "[\(integers.map { "\($0)" }.joined(separator: ","))]"))
            }
            bytes = []
            if CodeStream.encode(codes, as: encoding, into: &bytes) {
                samples.append(
                    Sample(
                        encoding: encoding, kind: 1, count: codes.count, bytes: bytes,
                        values: "[\(codes.map { "\($0)" }.joined(separator: ","))]"))
            }
        }
    }

    private static func add(_ floats: [Double], _ samples: inout [Sample]) {
        let bits = floats.map { "\(Int64(bitPattern: $0.bitPattern))" }
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            guard FloatStream.encode(floats, as: encoding, into: &bytes) else { continue }
            samples.append(
                Sample(
                    encoding: encoding, kind: 3, count: floats.count, bytes: bytes,
                    values: "[\(bits.joined(separator: ","))]"))
        }
    }

    private static func add(_ bits: [Bool], _ samples: inout [Sample]) {
        var bitmap = Bitmap(count: 0)
        for bit in bits { bitmap.append(bit) }
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            guard BooleanStream.encode(bitmap, as: encoding, into: &bytes) else { continue }
            samples.append(
                Sample(
                    encoding: encoding, kind: 4, count: bits.count, bytes: bytes,
                    values: "[\(bits.map { "\($0)" }.joined(separator: ","))]"))
        }
    }

    private static func add(_ strings: [[UInt8]], _ samples: inout [Sample]) {
        var table = StringTable()
        for string in strings { table.append(string[...]) }
        for encoding in Encoding.allCases {
            var bytes: [UInt8] = []
            guard StringStream.encode(table, as: encoding, into: &bytes) else { continue }
            samples.append(
                Sample(
                    encoding: encoding, kind: 5, count: strings.count, bytes: bytes,
                    values: "[\(strings.map { "\"\(hex($0))\"" }.joined(separator: ","))]"))
        }
    }

    private static func integers(_ random: inout SeededRandom) -> [[Int64]] {
        let count = Int.random(in: 1...200, using: &random)
        var sum = Int64.random(in: -1_000_000...1_768_055_400_000, using: &random)
        let ascending = (0..<count).map { _ in
            sum += Int64.random(in: 0...70, using: &random)
            return sum
        }
        let outliers = (0..<count).map { _ in
            Int.random(in: 0..<20, using: &random) == 0
                ? Int64.random(in: .min ... .max, using: &random)
                : Int64.random(in: 10...40, using: &random)
        }
        let steady = (0..<count).map { index in
            1_768_055_400_000 + Int64(index) * 250 + Int64.random(in: 0...1, using: &random)
        }
        let runs = (0..<count).map { Int64($0 / 17) * 5 }
        return [
            [Int64](repeating: sum, count: count), ascending, outliers, steady, runs,
            (0..<count).map { _ in Int64.random(in: .min ... .max, using: &random) },
            [.min, .max, 0, -1, 1], [],
        ]
    }

    private static func floats(_ random: inout SeededRandom) -> [[Double]] {
        let count = Int.random(in: 1...200, using: &random)
        let prices = (0..<count).map { _ in
            Double(Int.random(in: 0...100_000, using: &random)) / 100
        }
        var mixed = prices
        mixed[count / 2] = .nan
        mixed[count / 3] = -0.0
        return [
            prices, mixed, [Double](repeating: 1.5, count: count),
            (0..<count).map { _ in
                Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
            },
            [.infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude], [],
        ]
    }

    private static func booleans(_ random: inout SeededRandom) -> [[Bool]] {
        let count = Int.random(in: 1...70, using: &random)
        return [
            (0..<count).map { _ in Bool.random(using: &random) },
            [Bool](repeating: true, count: count), [Bool](repeating: false, count: count), [],
        ]
    }

    private static func strings(_ random: inout SeededRandom) -> [[[UInt8]]] {
        let count = Int.random(in: 1...150, using: &random)
        let pages = (0..<count).map { _ in
            "/product/\(Int.random(in: 0..<12, using: &random))/reviews?page="
                + "\(Int.random(in: 0..<3, using: &random))"
        }
        let ids = (0..<count).map { _ in
            String(UInt64.random(in: 0 ... .max, using: &random), radix: 16)
        }
        let hexadecimal = ids.map { id in String(repeating: "0", count: 16 - id.count) + id }
        let uuids = (0..<count).map { _ in UUID().uuidString.lowercased() }
        let texts = [
            pages, pages.sorted(), ids, hexadecimal, hexadecimal.map { "evt_" + $0 }, uuids,
            uuids.map { $0.uppercased() }, (0..<count).map { "user_\(1_000 + $0)" },
            [String](repeating: "same", count: count), ["", "a", "", "ab"], [],
        ]
        return texts.map { $0.map { Array($0.utf8) } }
            + [(0..<count).map { _ in [UInt8.random(in: 0...255, using: &random), 0, 255] }]
    }
}
