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

    @Test func keepsTypesApart() throws {
        let block = try build(
            """
            {"eventType":"a","x":75}
            {"eventType":"a","x":"75"}
            {"eventType":"a","x":75.0}
            {"eventType":"a","x":true}
            {"eventType":"a","x":[ 75 , {"y": null} ]}
            {"eventType":"a","x":1e3}
            {"eventType":"a","x":null}
            {"eventType":"a","x":{}}
            """, .ndjson)
        #expect(block.properties.allSatisfy { $0.name == "x" })
        #expect(block.properties.map(\.type) == [.string, .integer, .float, .boolean, .json])
        #expect(block.properties.map(\.rows) == [[1], [0], [2, 5], [3], [4]])
        #expect(block.properties[1].values == .integers([75]))
        #expect(block.properties[2].values == .floats([75, 1_000]))
        #expect(block.properties[4].text(0) == #"[75,{"y":null}]"#)
    }

    @Test func flattensAndRanks() throws {
        let block = try build(
            #"""
            [{"eventType":"a","page":"top","properties":{"page":"inner","eventType":"p"}},
            {"eventType":"a","properties":{"page":"inner"},"page":"top"},
            {"eventType":"a","page":"top","properties":{"page":null}},
            {"eventType":"a","x":[{"y":1,"y":2}],"o":{"x":1},"p":{"x":2},"n":null},
            {"eventType":"a","o.p.q":1,"properties":{"o":{"p":{"q":2}}},"schemaId":"s/1"}]
            """#, .batch)
        let events = plainEvents(block)
        #expect(events.map(\.eventType) == Array(repeating: "a", count: 5))
        #expect(
            events.map(\.properties) == [
                ["page": .string("inner"), "eventType": .string("p")],
                ["page": .string("inner")], [:],
                ["x": .json(#"[{"y":1,"y":2}]"#), "o.x": .integer(1), "p.x": .integer(2)],
                ["o.p.q": .integer(2), "schemaId": .string("s/1")],
            ])
    }

    @Test func turnsNumericIdsIntoText() throws {
        let block = try build(
            #"{"eventType":"a","eventId":17,"userId":-3,"sessionId":18446744073709551615}"#,
            .single)
        #expect(block.eventIds[0] == "17" && !block.assigned[0])
        #expect(block.userId.dictionary[0] == "-3")
        #expect(block.sessionId.dictionary[0] == "18446744073709551615")
        let fraction = try build(#"{"eventType":"a","userId":1.5,"sessionId":""}"#, .single)
        #expect(fraction.userId.dictionary[0] == "1.5")
        #expect(fraction.sessionId.codes == [0])
    }

    @Test func readsTimes() throws {
        let forms = [
            (#""2026-01-10T14:29:59.5Z""#, receipt - 500), ("null", receipt),
            (#""2026-01-10T15:29:59.123+01:00""#, receipt - 877), ("1768055399", receipt - 1_000),
            ("1768055399.25", receipt - 750), ("1768055399999", receipt - 1),
            (#""2026-01-10T14:29:07Z""#, receipt - 53_000),
            (#""2026-01-10T14:29:08.001Z""#, receipt - 51_999),
            (#""2026-01-10T14:34:00Z""#, receipt + 240_000),
            (#""9999-12-31T23:59:59Z""#, receipt), ("99999999999", receipt),
        ]
        let lines = forms.map { #"{"eventType":"a","timestamp":\#($0.0)}"# }
        let block = try build(lines.joined(separator: "\n"), .ndjson)
        #expect(block.timestamps == forms.map(\.1))
        #expect(block.skewedCount == 2)
        var limits = EventLimits()
        limits.ageMax = nil
        let old = #"{"eventType":"a","timestamp":"0001-01-01T00:00:00Z"}"#
        #expect(try build(old, .single, limits: limits).timestamps == [-62_135_596_800_000])
        limits.ageMax = 1_000
        #expect(try build(lines[7], .single, limits: EventLimits()).count == 1)
        var strict = EventBlockBuilder(limits: limits)
        let outcome = try strict.append(Array(lines[7].utf8), form: .single, receivedAt: receipt)
        #expect(outcome.rejected.map(\.code) == ["timestamp_out_of_range"])
    }

    @Test func derivesIdsFromTheIdempotencyKey() throws {
        let body = #"[{"eventType":"a"},7,{"eventType":"a","eventId":"own"},{"eventType":"a"}]"#
        var builder = EventBlockBuilder()
        let outcome = try builder.append(
            Array(body.utf8), form: .batch, receivedAt: receipt, idempotencyKey: "K")
        #expect(outcome.rejected.map(\.index) == [1])
        let finished = builder.finish(receivedAt: receipt)
        let block = try #require(finished)
        #expect((0..<3).map { block.eventIds[$0] } == ["K/0", "own", "K/3"])
        #expect(block.assigned.population == 0)
        for key in ["", String(repeating: "k", count: 300)] {
            #expect(throws: BodyError.self) {
                try builder.append(
                    Array(body.utf8), form: .batch, receivedAt: receipt, idempotencyKey: key)
            }
        }
        let assigned = try build(#"[{"eventType":"a"},{"eventType":"a"}]"#, .batch)
        #expect(assigned.assigned.population == 2)
        #expect(
            assigned.eventIds.range(1).count == 36 && assigned.eventIds[0] < assigned.eventIds[1])
    }

    @Test func startsAnewAfterABlockOfManyNames() throws {
        var builder = EventBlockBuilder()
        for round in 0..<3 {
            let events = (0..<3_000).map { #"{"eventType":"a","k\#($0)":\#(round)}"# }
            let body = Array(events.joined(separator: "\n").utf8)
            let outcome = try builder.append(body, form: .ndjson, receivedAt: receipt)
            #expect(outcome.acceptedCount == 3_000)
            let finished = builder.finish(receivedAt: receipt)
            let block = try #require(finished)
            #expect(block.properties.count == 3_000)
            #expect(block.properties.allSatisfy { $0.values == .integers([Int64(round)]) })
            #expect(builder.byteCount == 0)
        }
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
