internal import Base
internal import Codecs
internal import Glibc

/// Encodes and decodes the blocks of each case, again and again; the fastest pass counts.
struct CodecBenchmark {
    /// Values of a block.
    let rowCount: Int
    let blockCount: Int
    let passCount: Int
    let seed: UInt64

    /// What was measured of one case; speeds are bytes of plain values by nanosecond, so GB/s.
    struct Result {
        let subject: CodecCase
        let kind: String
        let bytesPerRow: Double
        let encodeSpeed: Double
        let decodeSpeed: Double
        /// Which encoding the writer takes for these values.
        let chosen: Encoding
        /// Of LZ4 and Zstd over the plain bytes; nil where they save nothing.
        let others: [(bytesPerRow: Double, decodeSpeed: Double)?]
        /// Whether all values came back.
        let isRight: Bool
    }

    func measure(_ subject: CodecCase) throws(UsageError) -> Result {
        var random = SeededRandom(seed: seed)
        let blocks = (0..<blockCount).map { _ in subject.make(&random, rowCount) }
        var encoded = blocks.map { _ in [UInt8]() }
        let encodeTime = best {
            for index in blocks.indices {
                encoded[index].removeAll(keepingCapacity: true)
                blocks[index].encode(as: subject.encoding, into: &encoded[index])
            }
        }
        let plain = blocks.map(\.plainBytes)
        let plainBytes = Double(plain.reduce(0) { $0 + $1.count })
        let rows = Double(rowCount * blockCount)
        do throws(CorruptionError) {
            var isRight = true
            for (block, bytes) in zip(blocks, encoded) {
                if try block.decoded(subject.encoding, bytes) != block { isRight = false }
            }
            var ends: UInt64 = 0
            let decodeTime = try best { () throws(CorruptionError) in
                for (block, bytes) in zip(blocks, encoded) {
                    ends &+= try block.decodeEnds(subject.encoding, bytes)
                }
            }
            var chosen: [UInt8] = []
            return Result(
                subject: subject, kind: blocks[0].kind,
                bytesPerRow: Double(encoded.reduce(0) { $0 + $1.count }) / rows,
                encodeSpeed: plainBytes / encodeTime, decodeSpeed: plainBytes / decodeTime,
                chosen: blocks[0].encode(into: &chosen),
                others: try GeneralCompression.allCases.map { (general) throws(CorruptionError) in
                    try measure(general, plain, rows)
                },
                isRight: isRight && ends != 1)
        } catch {
            throw UsageError(failure: "\(subject.encoding) does not read its own bytes: \(error)")
        }
    }

    private func measure(
        _ general: GeneralCompression, _ plain: [[UInt8]], _ rows: Double
    ) throws(CorruptionError) -> (bytesPerRow: Double, decodeSpeed: Double)? {
        var compressed: [[UInt8]] = []
        for block in plain {
            guard let bytes = general.compress(block) else { return nil }
            compressed.append(bytes)
        }
        var decompressor = ZstdDecompressor()
        // Blocks of strings differ in size.
        var targets = plain
        let time = try best { () throws(CorruptionError) in
            for (index, bytes) in compressed.enumerated() {
                try general.decompress(bytes, &decompressor, into: &targets[index])
            }
        }
        let plainBytes = Double(plain.reduce(0) { $0 + $1.count })
        return (Double(compressed.reduce(0) { $0 + $1.count }) / rows, plainBytes / time)
    }

    /// The nanoseconds of the fastest pass.
    private func best<Failure: Error>(
        _ pass: () throws(Failure) -> Void
    ) throws(Failure) -> Double {
        var fastest = UInt64.max
        for _ in 0..<passCount {
            let start = Clock.monotonicNanoseconds()
            try pass()
            fastest = min(fastest, Clock.monotonicNanoseconds() - start)
        }
        return Double(max(1, fastest))
    }

    /// GB/s at which one core copies `byteCount` bytes; all the copies read and write as much.
    func copySpeed(byteCount: Int) -> Double {
        let source = [UInt8](repeating: 1, count: byteCount)
        var target = [UInt8](repeating: 2, count: byteCount)
        let turns = max(1, (4 << 20) / byteCount)
        let time = best {
            for _ in 0..<turns {
                unsafe source.withUnsafeBytes { bytes in
                    unsafe target.withUnsafeMutableBytes { unsafe $0.copyMemory(from: bytes) }
                }
            }
        }
        invariant(target[byteCount - 1] == 1)
        return Double(byteCount * turns) / time
    }
}
