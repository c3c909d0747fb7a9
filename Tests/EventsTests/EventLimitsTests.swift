import Base
import Events
import Testing

/// Each limit just kept and just passed, and each bad event with its code.
@Suite struct EventLimitsTests {
    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test(arguments: [
        (#"{}"#, "missing_event_type"),
        (#"{"eventType":null}"#, "missing_event_type"),
        (#"{"eventType":""}"#, "invalid_event_type"),
        (#"{"eventType":7}"#, "invalid_event_type"),
        (#"{"eventType":["a"]}"#, "invalid_event_type"),
        (#"{"eventType":"\#(repeated("t", 129))"}"#, "invalid_event_type"),
        (#"{"eventType":"a","eventId":true}"#, "invalid_id"),
        (#"{"eventType":"a","userId":{}}"#, "invalid_id"),
        (#"{"eventType":"a","sessionId":[1]}"#, "invalid_id"),
        (#"{"eventType":"a","userId":"\#(repeated("u", 257))"}"#, "invalid_id"),
        (#"{"eventType":"a","properties":[]}"#, "invalid_properties"),
        (#"{"eventType":"a","properties":"x"}"#, "invalid_properties"),
        (#"{"eventType":"a","x":1e400}"#, "number_out_of_range"),
        (#"{"eventType":"a","x":[{"y":-1e400}]}"#, "number_out_of_range"),
        (#"{"eventType":"a","userId":1e400}"#, "number_out_of_range"),
        (#"{"eventType":"a","timestamp":"2026-13-45"}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":"2026-13-45T00:00:00Z"}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":"2026-01-10T14:30:61Z"}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":"2026-01-10T14:30:00"}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":"1768055400"}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":""}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":true}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":0}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":-9223372036854775808}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":9223372036854775807}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":1e400}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":-1e300}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","timestamp":"0000-01-01T00:00:00Z"}"#, "timestamp_out_of_range"),
        (#"{"eventType":"a","eventType":"a"}"#, "duplicate_key"),
        (#"{"eventType":"a","userId":null,"userId":"u"}"#, "duplicate_key"),
        (#"{"eventType":"a","timestamp":0,"timestamp":null}"#, "duplicate_key"),
        (#"{"eventType":"a","properties":{},"properties":null}"#, "duplicate_key"),
        (#"{"eventType":"a","x":1,"x":1}"#, "duplicate_key"),
        (#"{"eventType":"a","kept":1,"kept":true}"#, "duplicate_key"),
        (#"{"eventType":"a","properties":{"x":null,"x":"y"}}"#, "duplicate_key"),
        (#"{"eventType":"a","half":"x\ud83d"}"#, "invalid_unicode"),
        (#"{"eventType":"a\udE00y"}"#, "invalid_unicode"),
        (#"{"eventType":"a","userId":"\uD83D\uD83D\uDE00"}"#, "invalid_unicode"),
        (#"{"eventType":"a","properties":{"x\udfff":1}}"#, "invalid_unicode"),
        (#"{"eventType":"a","kept":[{"y\ud800":1}]}"#, "invalid_unicode"),
        (#"[]"#, "invalid_event"), (#""x""#, "invalid_event"), ("null", "invalid_event"),
        ("17", "invalid_event"), ("true", "invalid_event"),
    ])
    func refusesAlone(event: String, code: String) throws {
        // In each form, between good ones, which stay.
        let good = #"{"eventType":"good","kept":true}"#
        for form in [BodyForm.batch, .ndjson] {
            var builder = EventBlockBuilder()
            let body =
                form == .batch
                ? "[\(good),\(event),\(good)]" : "\(good)\n\(event)\n\(good)\n"
            let outcome = try builder.append(Array(body.utf8), form: form, receivedAt: receipt)
            #expect(outcome.rejected.map(\.code) == [code], "\(form)")
            #expect(outcome.rejected.map(\.index) == [1])
            #expect(outcome.acceptedCount == 2)
            let finished = builder.finish(receivedAt: receipt)
            let block = try #require(finished)
            #expect(block.properties.map(\.name) == ["kept"])
            #expect(block.properties[0].rows == [0, 1])
        }
        var builder = EventBlockBuilder()
        let outcome = try builder.append(Array(event.utf8), form: .single, receivedAt: receipt)
        #expect(outcome.rejected.map(\.code) == [code])
        #expect(outcome.rejected.allSatisfy { !$0.message.isEmpty })
        #expect(builder.count == 0)
        #expect(builder.finish(receivedAt: receipt) == nil)
    }

    @Test(arguments: [
        (#"{"eventType":"a","userId":"u","userId":"u"}"#, "userId"),
        (#"{"eventType":"a","x":1,"x":{"y":2}}"#, "x"), (#"{"eventType":"a","x":[],"x":[]}"#, "x"),
        (#"{"eventType":"a","o":{"x":1},"o":{"y":1}}"#, "o"),
        (#"{"eventType":"a","o":{},"o":{}}"#, "o"),
        (#"{"eventType":"a","properties":{"o":{"x":1,"x":2}}}"#, "o.x"),
        (#"{"eventType":"a","o":{"x":1},"o.x":null}"#, "o.x"),
        (#"{"eventType":"a","o.x":null,"properties":{"o.x":1},"o":{"x":1}}"#, "o.x"),
        (#"{"eventType":"a","properties":{"o.x":1,"o":{"x":null}},"o.x":1}"#, "o.x"),
        (#"{"eventType":"a","\u0078":1,"x":2}"#, "x"),
    ])
    func namesWhatStandsTwice(event: String, name: String) throws {
        #expect(
            try refusal(event)
                == RejectedEvent(
                    index: 0, code: "duplicate_key", message: "the event has two values for \(name)"
                ))
    }

    @Test(arguments: [
        (#"{"eventType":"\ud800"}"#, "eventType"), (#"{"eventType":"a","x":"\udc00"}"#, "x"),
        (#"{"eventType":"a","n":1e400,"i":-7,"x":[0.5,7,[true,"\ud800"]],"y":"z"}"#, "x"),
        (#"{"eventType":"a","x":[{"\ud800":1}]}"#, "x"),
        (#"{"eventType":"a","properties":{"o":{"p":"ok","x":"\ud800 \ud83d"}}}"#, "x"),
        (#"{"eventType":"a","x\ud800y\ud800":1}"#, "x\u{FFFD}y\u{FFFD}"),
        (#"{"eventType":"a","x":1,"x":"\ud800"}"#, "x"),
    ])
    func namesWhatHoldsHalfAPair(event: String, name: String) throws {
        let message = "half of a surrogate pair stands in the name or the value of \(name)"
        #expect(
            try refusal(event)
                == RejectedEvent(index: 0, code: "invalid_unicode", message: message))
    }

    /// What a builder says of an event that it refuses.
    private func refusal(_ event: String) throws -> RejectedEvent? {
        var builder = EventBlockBuilder()
        let outcome = try builder.append(Array(event.utf8), form: .single, receivedAt: receipt)
        #expect(builder.count == 0 && outcome.rejected.count == 1)
        return outcome.rejected.first
    }

    @Test func countsProperties() throws {
        var limits = EventLimits()
        limits.propertyCountMax = 3
        let event = #"{"eventType":"a","x":1,"n":null,"o":{"y":1},"properties":{"x":2,"z":1"#
        #expect(try code(event + "}}", limits) == nil)
        #expect(try code(event + #","w":1}}"#, limits) == "too_many_properties")
    }

    @Test func measuresKeysAndValues() throws {
        let limits = EventLimits()
        func event(_ key: String, _ value: String) -> String {
            #"{"eventType":"a","\#(key)":\#(value)}"#
        }
        let key = Self.repeated("k", 256)
        #expect(try code(event(key, "1"), limits) == nil)
        #expect(try code(event(key + "k", "1"), limits) == "key_too_long")
        // The name after flattening counts: `outer.` is six bytes.
        let inner = Self.repeated("k", 250)
        #expect(try code(event("outer", #"{"\#(inner)":1}"#), limits) == nil)
        #expect(try code(event("outer", #"{"\#(inner)k":1}"#), limits) == "key_too_long")
        let value = Self.repeated("v", 64 << 10)
        #expect(try code(event("x", "\"\(value)\""), limits) == nil)
        #expect(try code(event("x", "\"\(value)v\""), limits) == "value_too_long")
        let array = Self.repeated("1,", (32 << 10) - 1)
        #expect(try code(event("x", "[\(array)1]"), limits) == "value_too_long")
        #expect(try code(event("x", "[\(array.dropLast(2))1]"), limits) == nil)
    }

    @Test func measuresNesting() throws {
        let limits = EventLimits()
        func objects(_ depth: Int) -> String {
            Self.repeated(#"{"a":"#, depth) + "1" + Self.repeated("}", depth)
        }
        func arrays(_ depth: Int) -> String {
            Self.repeated("[", depth) + Self.repeated("]", depth)
        }
        for nested in [objects, arrays] {
            for depth in [16, 17, 900, 1_100, 20_000] {
                let event = #"{"eventType":"a","properties":{"x":\#(nested(depth))}}"#
                #expect(try code(event, limits) == (depth > 16 ? "nested_too_deep" : nil))
            }
        }
        // So deep that even the parser's stack is refused: the whole body.
        var builder = EventBlockBuilder()
        let body = Array(#"[{"eventType":"a","x":\#(arrays(1_000_001))}]"#.utf8)
        #expect(throws: BodyError.self) {
            try builder.append(body, form: .batch, receivedAt: receipt)
        }
    }

    @Test func measuresEvents() throws {
        var limits = EventLimits()
        limits.eventBytesMax = 1_000
        func event(_ count: Int) -> String {
            #"{"eventType":"a","x":"\#(Self.repeated("v", count))"}"#
        }
        for form in BodyForm.allCases {
            #expect(try code(event(900), limits, [form]) == nil)
            #expect(try code(event(1_100), limits, [form]) == "event_too_large", "\(form)")
        }
        #expect(try code(event(976), limits, [.ndjson, .single]) == nil)
        #expect(try code(event(977), limits, [.ndjson, .single]) == "event_too_large")
    }

    @Test func countsEvents() throws {
        var limits = EventLimits()
        limits.eventCountMax = 3
        for (form, join) in [(BodyForm.batch, ","), (.ndjson, "\n")] {
            var builder = EventBlockBuilder(limits: limits)
            // The refused one counts too.
            for (count, isTaken) in [(3, true), (4, false)] {
                let events = Array(repeating: #"{"eventType":"a"}"#, count: count - 1) + ["7"]
                let list = events.joined(separator: join)
                let body = Array((form == .batch ? "[\(list)]" : list).utf8)
                if isTaken {
                    let outcome = try builder.append(body, form: form, receivedAt: receipt)
                    #expect(outcome.acceptedCount == 2)
                } else {
                    let error = #expect(throws: BodyError.self) {
                        try builder.append(body, form: form, receivedAt: receipt)
                    }
                    #expect(error?.code == "too_many_events" && error?.status == 400)
                }
            }
            #expect(builder.count == 2)
        }
    }

    /// The one code for which an event is refused in all forms, or nil.
    private func code(
        _ event: String, _ limits: EventLimits, _ forms: [BodyForm] = BodyForm.allCases
    ) throws -> String? {
        var codes: Set<String?> = []
        for form in forms {
            var builder = EventBlockBuilder(limits: limits)
            let body = form == .batch ? "[\(event)]" : event
            let outcome = try builder.append(Array(body.utf8), form: form, receivedAt: receipt)
            #expect(outcome.acceptedCount + outcome.rejected.count == 1)
            codes.insert(outcome.rejected.first?.code)
        }
        #expect(codes.count == 1, "\(codes)")
        return codes.first ?? nil
    }
}
