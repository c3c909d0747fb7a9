import Base
import Foundation
import Fuzzing
import Testing

/// A few hundred changed inputs through what the fuzzers feed, so that both stay whole.
@Suite struct FuzzSmokeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Inputs that once were too much for their decoder; `tools/fuzz` begins with them, too.
    private static func corpus(_ target: FuzzTarget) throws -> [[UInt8]] {
        let folder = root.appendingPathComponent("FuzzCorpus/\(target.rawValue)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
    }

    @Test(arguments: FuzzTarget.allCases) func changedInputsAreRefusedOrRead(
        target: FuzzTarget
    ) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("FuzzSmokeTests seed \(seed) of \(target)")
        var random = SeededRandom(seed: seed)
        for input in try Self.corpus(target) { target.run(input) }
        for input in target.seeds {
            #expect(!input.isEmpty)
            target.run(input)
            for _ in 0..<120 { target.run(Self.changed(input, &random)) }
        }
        target.run([])
    }

    /// Some bytes replaced, and at times a piece cut out, doubled, or the end cut off.
    private static func changed(_ input: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = random.below(bytes.count)
            bytes[place] =
                [0, 1, 0x7F, 0xFF, UInt8(random.below(256))]
                .randomElement(using: &random) ?? 0
        }
        let place = random.below(bytes.count)
        let piece = bytes[place..<min(bytes.count, place + random.below(16))]
        switch random.below(8) {
        case 0: bytes.removeSubrange(piece.indices)
        case 1: bytes.insert(contentsOf: piece, at: place)
        case 2: bytes.removeLast(random.below(bytes.count))
        default: break
        }
        return bytes.isEmpty ? [0] : bytes
    }
}
