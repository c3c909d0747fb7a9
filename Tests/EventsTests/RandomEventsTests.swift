import Base
import Events
import Testing

/// The builder against a slow evaluation of the same trees.
@Suite struct RandomEventsTests {
    @Test(arguments: [UInt64.random(in: 0 ... .max), 1, 2, 3])
    func blocksHoldWhatWasSent(seed: UInt64) throws {
        var events = RandomEvents(seed: seed)
        var builder = EventBlockBuilder(identifiers: IdentifierMaker(seed: seed))
        var refusedCount = 0
        for _ in 0..<12 {
            var expected: [PlainEvent] = []
            // Several bodies of all forms go into one block.
            for _ in 0..<1 + events.generator.below(4) {
                let form = BodyForm.allCases[events.generator.below(3)]
                let count = form == .single ? 1 : events.generator.below(40)
                let trees = (0..<count).map { _ in events.event() }
                let evaluated = trees.map { PlainEvaluation.evaluate($0, receivedAt: receipt) }
                expected += evaluated.compactMap { $0 }
                let body = text(of: trees, form, &events.generator)
                let outcome = try builder.append(Array(body.utf8), form: form, receivedAt: receipt)
                let refused = evaluated.indices.filter { evaluated[$0] == nil }
                #expect(outcome.acceptedCount == count - refused.count, "seed \(seed)")
                #expect(outcome.rejected.map(\.index) == refused, "seed \(seed)")
                #expect(outcome.rejected.allSatisfy { $0.code == "duplicate_key" })
                refusedCount += refused.count
            }
            #expect(builder.count == expected.count)
            let finished = builder.finish(receivedAt: receipt)
            guard let block = finished else {
                #expect(expected.isEmpty)
                continue
            }
            let decoded = try EventBlock.decode(block.encode())
            for (row, event) in plainEvents(decoded).enumerated() where event != expected[row] {
                Issue.record("seed \(seed): expected \(expected[row]), found \(event)")
                return
            }
            try expectEqual(block, decoded)
        }
        #expect(refusedCount > 0, "seed \(seed): no event had two values for one name")
    }

    private func text(
        of trees: [JSONTree], _ form: BodyForm, _ generator: inout SeededRandom
    ) -> String {
        switch form {
        case .single: return trees[0].text
        case .ndjson:
            let separators = ["\n", "\r\n", "\n\n", " \n \t\n"]
            return trees.map { $0.text + separators[generator.below(4)] }.joined()
        case .batch:
            let list = "[" + trees.map(\.text).joined(separator: " ,\n") + "]"
            return generator.below(2) == 0 ? list : "{\"more\":[1],\"events\":\(list)}"
        }
    }
}

/// Every field and column of two blocks.
func expectEqual(_ left: EventBlock, _ right: EventBlock) throws {
    #expect(left.receivedAt == right.receivedAt)
    #expect(left.eventIds == right.eventIds)
    #expect(left.assigned == right.assigned)
    #expect(left.timestamps == right.timestamps)
    #expect(left.skewedCount == right.skewedCount)
    #expect(left.eventType == right.eventType)
    #expect(left.userId == right.userId)
    #expect(left.sessionId == right.sessionId)
    #expect(left.properties == right.properties)
    let identities = try EventBlock.decodeEventIds(left.encode())
    #expect(identities.receivedAt == left.receivedAt)
    #expect(identities.eventIds == left.eventIds)
    #expect(identities.assigned == left.assigned)
    #expect(identities.timestamps == left.timestamps)
}
