import Base
import Events
import Expressions
import Testing

@Suite struct EventPayloadTests {
    /// The worked example of the format's description.
    @Test func encodesTheWorkedExample() throws {
        let block = EventBlock(
            receivedAt: 1_768_055_400_000, eventIds: StringTable(["a1", "b2"]),
            assigned: Bitmap(words: [0b10], count: 2),
            eventType: CodedColumn(codes: [1, 1], dictionary: StringTable(["click"])),
            userId: CodedColumn(codes: [0, 1], dictionary: StringTable(["u"])),
            sessionId: CodedColumn(codes: [0, 0], dictionary: StringTable()),
            timestamps: [1_768_055_399_000, 1_768_055_400_000], skewedCount: 1,
            properties: [
                PropertyColumn(
                    name: "page", type: .string, rows: [0, 1],
                    values: .codes([1, 2], dictionary: StringTable(["/", "/x"]))),
                PropertyColumn(name: "x", type: .integer, rows: [1], values: .integers([7])),
            ])
        let expected: [UInt8] = [
            0x01, 0x00, 0x1B, 0x02, 0x40, 0x66, 0x50, 0xA8, 0x9B, 0x01, 0x00, 0x00,
            0x01, 0x02, 0x04, 0xB0, 0x89, 0x83, 0x85, 0xF5, 0x66, 0xD0, 0x0F, 0x00,
            0x02, 0x04, 0x61, 0x31, 0x62, 0x32, 0x00, 0x33, 0x01, 0x01, 0x02, 0x0A,
            0x63, 0x6C, 0x69, 0x63, 0x6B, 0x02, 0x02, 0x01, 0x02, 0x02, 0x75, 0x03,
            0x00, 0x01, 0x02, 0x00, 0x01, 0x02, 0x00, 0x02, 0x04, 0x70, 0x61, 0x67,
            0x65, 0x01, 0x00, 0x02, 0x03, 0x02, 0x01, 0x02, 0x2F, 0x2F, 0x78, 0x03,
            0x02, 0x01, 0x02, 0x01, 0x78, 0x02, 0x01, 0x01, 0x02, 0x02, 0x0E,
        ]
        let payload = block.encode()
        #expect(payload == expected)
        try expectEqual(block, EventBlock.decode(payload))
    }

    @Test func refusesOtherVersionsAndEnds() throws {
        let payload = try build(#"{"eventType":"a","x":1}"#, .single).encode()
        var newer = payload
        newer[0] = 2
        #expect(throws: CorruptionError.self) { try EventBlock.decode(newer) }
        #expect(throws: CorruptionError.self) { try EventBlock.decode(payload + [0]) }
        #expect(throws: CorruptionError.self) { try EventBlock.decode([]) }
        for length in payload.indices {
            #expect(throws: CorruptionError.self) {
                try EventBlock.decode(Array(payload[..<length]))
            }
        }
    }

    /// Damage may go unnoticed here, as the frame's checksum finds it; it may never trap.
    @Test(arguments: [UInt64.random(in: 0 ... .max), 1, 2])
    func neverTrapsOnDamage(seed: UInt64) throws {
        var events = RandomEvents(seed: seed)
        var builder = EventBlockBuilder(identifiers: IdentifierMaker(seed: seed))
        for count in [1, 2, 40] {
            let body = (0..<count).map { _ in events.validEvent().text }.joined(separator: "\n")
            _ = try builder.append(Array(body.utf8), form: .ndjson, receivedAt: receipt)
            let finished = builder.finish(receivedAt: receipt)
            let block = try #require(finished)
            let payload = block.encode()
            var intactCount = 0
            for _ in 0..<200 {
                var damaged = payload
                for _ in 0..<1 + events.generator.below(3) {
                    let place = events.generator.below(damaged.count)
                    damaged[place] = UInt8(truncatingIfNeeded: events.generator.next())
                }
                if events.generator.below(4) == 0 {
                    damaged.removeLast(events.generator.below(damaged.count))
                }
                intactCount += isReadable(damaged) ? 1 : 0
            }
            #expect(intactCount < 200, "seed \(seed)")
        }
    }

    private func isReadable(_ payload: [UInt8]) -> Bool {
        do {
            let block = try EventBlock.decode(payload)
            // What was decoded must be safe to use.
            _ = plainEvents(block)
            _ = try EventBlock.decodeEventIds(payload)
            return true
        } catch {
            return false
        }
    }
}
