import Base
import Events
import Testing

/// Bodies that are no JSON, or hardly.
@Suite struct BadBodyTests {
    @Test(arguments: [
        (#"[{"eventType":"a"},{"eventType":"b""#, "invalid_json", 35),
        (#"[{"eventType":"a"},]"#, "invalid_json", 19),
        (#"[{"eventType":"a"}] x"#, "invalid_json", 20),
        (#"[{"eventType":"a" "b":1}]"#, "invalid_json", 18),
        (#"[{"eventType":"a","x":01}]"#, "invalid_json", 23),
        (#"[{"eventType":"a","x":NaN}]"#, "invalid_json", 22),
        (#"[{'eventType':"a"}]"#, "invalid_json", 2),
        (#"[{"eventType":"\q"}]"#, "invalid_json", 15),
        (#"[{"eventType":"\u12"}]"#, "invalid_json", 15),
        ("[{\"eventType\":\"a\u{0}b\"}]", "invalid_json", 16),
        ("[{\"eventType\":\"a\nb\"}]", "invalid_json", 16),
        ("[{\"eventType\":\"a\"}\u{0}]", "invalid_json", 18),
        ("[", "invalid_json", 1), ("{", "invalid_json", 1), ("", "invalid_json", 0),
        ("   \n ", "invalid_json", 5), ("nul", "invalid_json", 3), ("\"", "invalid_json", 1),
        ("17", "invalid_batch", -1), ("{}", "invalid_batch", -1), ("null", "invalid_batch", -1),
        (#"{"events":{}}"#, "invalid_batch", -1), (#"{"eventType":"a"}"#, "invalid_batch", -1),
        (#"{"events":[],"events":1}"#, "duplicate_key", -1),
        (#"{"events":[{"eventType":"a"}],"events":[]}"#, "duplicate_key", -1),
    ])
    func refusesBatches(body: String, code: String, offset: Int) throws {
        var builder = EventBlockBuilder()
        _ = try builder.append(
            Array(#"{"eventType":"before"}"#.utf8), form: .single, receivedAt: receipt)
        let error = #expect(throws: BodyError.self) {
            try builder.append(Array(body.utf8), form: .batch, receivedAt: receipt)
        }
        #expect(error?.code == code && error?.status == 400)
        if offset >= 0 {
            #expect(
                error?.message.hasSuffix("at byte \(offset)") == true, "\(error?.message ?? "")")
        }
        #expect(builder.count == 1)
        #expect(builder.finish(receivedAt: receipt)?.eventType.dictionary.count == 1)
    }

    @Test func refusesInvalidText() throws {
        let start = Array(#"{"eventType":"a","x":""#.utf8)
        let end = Array(#""}"#.utf8)
        for bad in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2]] {
            let event = start + bad.map { UInt8($0) } + end
            var builder = EventBlockBuilder()
            for (form, body) in [(BodyForm.single, event), (.batch, [0x5B] + event + [0x5D])] {
                let error = #expect(throws: BodyError.self) {
                    try builder.append(body, form: form, receivedAt: receipt)
                }
                #expect(error?.code == "invalid_utf8")
            }
            let lines = event + [10] + Array(#"{"eventType":"b"}"#.utf8)
            let outcome = try builder.append(lines, form: .ndjson, receivedAt: receipt)
            #expect(outcome.acceptedCount == 1)
            #expect(outcome.rejected.map(\.code) == ["invalid_utf8"])
        }
    }

    @Test func mendsWhatIsJSONButNotForTheParser() throws {
        let block = try build(
            #"""
            [{"eventType":"a","pair":"\ud83d\ude00","nul":"\u0000","none":"\ufdef\ufdd0",
            "big":18446744073709551616,"min":-9223372036854775808,
            "unsigned":9223372036854775808,"small":1e-400,
            "list":["\ud83d\ude00",123456789012345678901]}]
            """#, .batch)
        let values = plainEvents(block)[0].properties
        let noCharacters = String(decoding: [0xEF, 0xB7, 0xAF, 0xEF, 0xB7, 0x90], as: UTF8.self)
        #expect(values["pair"] == .string("😀"))
        #expect(values["nul"] == .string("\u{0}"))
        #expect(values["none"] == .string(noCharacters))
        #expect(values["big"] == .float(18446744073709551616))
        #expect(values["min"] == .integer(.min))
        #expect(values["unsigned"] == .float(9223372036854775808))
        #expect(values["small"] == .float(0))
        #expect(values["list"] == .json("[\"😀\",123456789012345683968]"))
        let digits = String(repeating: "9", count: 300)
        let long = try build(#"{"eventType":"a","x":\#(digits)}"#, .single)
        #expect(plainEvents(long)[0].properties["x"] == .float(1e300))
    }

    @Test func skipsAByteOrderMark() throws {
        let block = try build("\u{FEFF}{\"eventType\":\"a\"}", .ndjson)
        #expect(block.count == 1)
    }

    /// Bad lines among good ones: each good line is kept, each bad one is named.
    @Test(arguments: [UInt64.random(in: 0 ... .max), 1, 2])
    func isolatesLines(seed: UInt64) throws {
        var events = RandomEvents(seed: seed)
        let bad = [
            "{", "}", #"{"eventType":"a"},{"eventType":"b"}"#, #"{"eventType":"#, "x", "[", "\"",
            #"{"eventType":"a"}}"#, #"{"eventType":"a","x":[}"#, "\u{1}", "\\",
            #"{"eventType":"a","x":"\ud8"}"#, #"{"eventType":"unclosed}"#,
            #"{"eventType":"a","x":"\u{0}\ud8"#, "nul",
        ]
        var builder = EventBlockBuilder()
        for _ in 0..<20 {
            var lines: [String] = []
            var expected: [PlainEvent] = []
            var badIndexes: [Int] = []
            for index in 0..<events.generator.below(60) {
                if events.generator.below(3) == 0 {
                    lines.append(bad[events.generator.below(bad.count)])
                    badIndexes.append(index)
                } else {
                    let tree = events.validEvent()
                    lines.append(tree.text)
                    expected.append(
                        try #require(PlainEvaluation.evaluate(tree, receivedAt: receipt)))
                }
            }
            let body = Array(lines.joined(separator: "\n").utf8)
            let outcome = try builder.append(body, form: .ndjson, receivedAt: receipt)
            #expect(outcome.rejected.map(\.index) == badIndexes, "seed \(seed)")
            #expect(outcome.rejected.allSatisfy { $0.code == "invalid_json" })
            let finished = builder.finish(receivedAt: receipt)
            #expect(finished.map(plainEvents) ?? [] == expected, "seed \(seed)")
        }
    }

    /// Anything may come; nothing may crash, and what is accepted must be a sound block.
    @Test(arguments: [UInt64.random(in: 0 ... .max), 1])
    func survivesNoise(seed: UInt64) throws {
        var events = RandomEvents(seed: seed)
        var builder = EventBlockBuilder()
        let pieces = Array("{}[],:\"\\u0123456789eE+-.tfnul \n\u{0}".utf8)
        for round in 0..<200 {
            var body = Array((0..<3).map { _ in events.event().text }.joined(separator: "\n").utf8)
            if round % 4 == 0 {
                let count = events.generator.below(300)
                body = (0..<count).map { _ in pieces[events.generator.below(pieces.count)] }
            }
            for _ in 0..<events.generator.below(6) where !body.isEmpty {
                let place = events.generator.below(body.count)
                switch events.generator.below(3) {
                case 0: body.remove(at: place)
                case 1: body.insert(pieces[events.generator.below(pieces.count)], at: place)
                default: body[place] = UInt8(truncatingIfNeeded: events.generator.next())
                }
            }
            for form in BodyForm.allCases {
                let before = builder.count
                do {
                    let outcome = try builder.append(body, form: form, receivedAt: receipt)
                    #expect(builder.count == before + outcome.acceptedCount)
                } catch {
                    #expect(builder.count == before, "seed \(seed)")
                }
            }
            guard round % 50 == 49 else { continue }
            let finished = builder.finish(receivedAt: receipt)
            let block = try #require(finished)
            try expectEqual(block, EventBlock.decode(block.encode()))
        }
    }
}
