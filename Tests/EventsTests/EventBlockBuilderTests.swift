import Base
import Events
import Expressions
import Testing

let receipt: Milliseconds = 1_768_055_400_000  // 2026-01-10T14:30:00Z

@Suite struct EventBlockBuilderTests {
    @Test func takesTheExampleOfTheDesign() throws {
        let block = try build(
            """
            {"eventId":"evt_abc123","eventType":"page_view","userId":"user_456",
            "sessionId":"sess_789","timestamp":"2026-01-10T14:29:00.123Z","properties":
            {"page":"/checkout","referrer":"/cart","device":"mobile","browser":"chrome"}}
            """, .single)
        #expect(block.count == 1)
        #expect(block.receivedAt == receipt)
        #expect(block.eventIds[0] == "evt_abc123")
        #expect(!block.assigned[0])
        #expect(block.eventType.dictionary[0] == "page_view")
        #expect(block.userId.dictionary[0] == "user_456")
        #expect(block.sessionId.codes == [1])
        #expect(block.timestamps == [receipt - 60_000 + 123])
        #expect(block.properties.map(\.name) == ["browser", "device", "page", "referrer"])
        #expect(block.properties[2].text(0) == "/checkout")
    }
}

/// The block of one body, all of whose events are valid.
func build(
    _ body: String, _ form: BodyForm, limits: EventLimits = EventLimits(), key: String? = nil
) throws -> EventBlock {
    var builder = EventBlockBuilder(limits: limits, identifiers: IdentifierMaker(seed: 1))
    let outcome = try builder.append(
        Array(body.utf8), form: form, receivedAt: receipt, idempotencyKey: key)
    #expect(outcome.rejected == [])
    let block = builder.finish(receivedAt: receipt)
    return try #require(block)
}

extension PropertyColumn {
    /// The text of value `index`, or nil where the column holds no texts.
    func text(_ index: Int) -> String? {
        guard case .codes(let codes, let dictionary) = values else { return nil }
        return dictionary[Int(codes[index]) - 1]
    }
}
