import Base
import Testing

@Suite struct JSONValueTests {
    @Test func readsEveryKind() throws {
        let text = #" {"a": [1, -2.5e1, true, false, null], "b": {"c": "d"}, "e": []} "#
        let expected = JSONValue.object([
            .init(
                name: "a",
                value: .array([.integer(1), .number(-25), .boolean(true), .boolean(false), .null])),
            .init(name: "b", value: .object([.init(name: "c", value: .string("d"))])),
            .init(name: "e", value: .array([])),
        ])
        #expect(try JSONValue.parse(text) == expected)
    }

    @Test func readsEscapes() throws {
        let text = #""\"\\\/\b\f\n\r\t\u00e4\u20AC\ud83d\ude00 ä""#
        #expect(try JSONValue.parse(text) == .string("\"\\/\u{8}\u{C}\n\r\tä€😀 ä"))
    }

    @Test func readsNumbersToTheirEnds() throws {
        #expect(try JSONValue.parse("9223372036854775807") == .integer(.max))
        #expect(try JSONValue.parse("-9223372036854775808") == .integer(.min))
        #expect(try JSONValue.parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try JSONValue.parse("0") == .integer(0))
        #expect(try JSONValue.parse("0.0") == .number(0))
    }

    @Test(arguments: [
        ("", 0, "expected a value, found the end"), ("{", 1, "expected a name in quotes"),
        ("[1,]", 3, "expected a value"), ("[1 2]", 3, "expected ',' or ']'"),
        (#"{"a" 1}"#, 5, "expected ':'"), (#"{"a":1,}"#, 7, "expected a name in quotes"),
        (#"{"a":1,"a":2}"#, 7, "name \"a\" twice"), ("01", 0, "a number with a leading zero"),
        ("1e999", 0, "a number that is too great"), ("-", 1, "expected a digit"),
        ("1.", 2, "expected a digit"), ("tru", 0, "expected a value"),
        ("1 2", 2, "expected the end"),
        ("\"a", 0, "a string without an end"), ("\"\\x\"", 1, "an unknown escape"),
        ("\"\\ud800\"", 1, "half of a surrogate pair"),
        ("\"\\ud800\\u0041\"", 1, "half of a surrogate pair"),
        ("\"\\u12\"", 5, "expected four hexadecimal digits"),
        ("\"a\u{1}\"", 2, "a control character in a string"), ("'a'", 0, "expected a value"),
    ]) func namesTheMistake(text: String, offset: Int, message: String) {
        do throws(JSONValue.ParseError) {
            let value = try JSONValue.parse(text)
            Issue.record("\(text) was read as \(value)")
        } catch {
            #expect(error.offset == offset)
            #expect(error.message == message)
        }
    }

    @Test func refusesInvalidUTF8AndDepth() {
        #expect(throws: JSONValue.ParseError.self) { try JSONValue.parse([0x22, 0xFF, 0x22]) }
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect(throws: JSONValue.ParseError.self) { try JSONValue.parse(deep) }
        #expect(throws: Never.self) { try JSONValue.parse(String(deep.dropFirst().dropLast())) }
    }

    /// Random damage never traps.
    @Test func survivesDamage() {
        let text = Array(#"{"a":[1,-2.5e1,true,null,"x\u00e4\ud83d\ude00"],"b":{"c":""}}"#.utf8)
        for _ in 0..<3_000 {
            var damaged = text
            for _ in 0..<Int.random(in: 1...3) {
                damaged[Int.random(in: damaged.indices)] = UInt8.random(in: 0...255)
            }
            damaged.removeLast(Int.random(in: 0..<damaged.count))
            _ = try? JSONValue.parse(damaged)
        }
    }
}
