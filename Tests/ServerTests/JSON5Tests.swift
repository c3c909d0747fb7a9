import Base
import Server
import Testing

private func parse(_ text: String) throws(JSON5.ParseError) -> JSON5.Content {
    try JSON5.parse([UInt8](text.utf8)).content
}

/// The value as compact text, for comparison.
private func show(_ value: JSON5) -> String {
    switch value.content {
    case .null: "null"
    case .boolean(let truth): "\(truth)"
    case .number(let text): text
    case .string(let text): "<\(text)>"
    case .array(let elements): "[" + elements.map(show).joined(separator: " ") + "]"
    case .object(let members):
        "{" + members.map { "\($0.name)=\(show($0.value))" }.joined(separator: " ") + "}"
    }
}

@Suite("JSON5")
struct JSON5Tests {
    @Test(arguments: [
        ("null", "null"), (" true ", "true"), ("false//x", "false"), ("/* a */ 1 /**/", "1"),
        ("{}", "{}"), ("[]", "[]"), ("{a:1,}", "{a=1}"), ("[1,'two',]", "[1 <two>]"),
        ("{'a b':{c_$1:[{}]},\"d\":2}", "{a b={c_$1=[{}]} d=2}"),
        ("+1", "+1"), ("-.5", "-.5"), ("5.", "5."), ("0x1F", "0x1F"), ("1e-3", "1e-3"),
        ("-Infinity", "-Infinity"), ("NaN", "NaN"), ("1E+2", "1E+2"), ("0", "0"), ("0.5", "0.5"),
        (#"'it\'s'"#, "<it's>"), (#""\x41\u0042\n\0""#, "<AB\n\0>"), ("'a\\\nb'", "<ab>"),
        (#"'\ud83d\ude00'"#, "<😀>"), (#"'\ud83d'"#, "<\u{FFFD}>"), ("'\"'", "<\">"),
        ("\u{FEFF}{é:1}", "{é=1}"), ("\u{A0}1", "1"),
    ])
    func reads(text: String, shown: String) throws {
        #expect(show(try JSON5.parse([UInt8](text.utf8))) == shown)
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("{a}", 1, 3), ("{a:1 b:2}", 1, 6), ("[1 2]", 1, 4),
        ("{a:1}\n x", 2, 2), ("{\n  a: é,\n}", 2, 6), ("{a:1, a:2}", 1, 7), ("'open", 1, 1),
        ("'line\n'", 1, 6), ("/* open", 1, 1), ("/", 1, 1), ("01", 1, 1), ("1.2.3", 1, 1),
        ("0x", 1, 1), ("1e", 1, 1), ("+", 1, 1), (".", 1, 1), ("tru", 1, 1), ("[,]", 1, 2),
        (#"'\xZZ'"#, 1, 4), (#"'\ud83d\u0041'"#, 1, 14), ("{'é': x}", 1, 7), ("{1a:1}", 1, 2),
    ])
    func refusesWithThePlace(text: String, line: Int, column: Int) {
        do {
            let value = try JSON5.parse([UInt8](text.utf8))
            Issue.record("read \(show(value))")
        } catch {
            #expect(error.place.line == line && error.place.column == column, "\(error)")
        }
    }

    @Test func refusesDeepNestingAndBadUTF8() {
        #expect(throws: JSON5.ParseError.self) {
            try parse(String(repeating: "[", count: 100_000))
        }
        #expect(throws: JSON5.ParseError.self) { try JSON5.parse([0x27, 0xFF, 0x27]) }
    }

    @Test func survivesDamagedTexts() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededRandom(seed: seed)
        let text = [UInt8](
            #"{ingest: {maxAge: "400d", /* x */ limits: {a: 0x1F, 'b': [1e3, -.5, null,]}}, // y"#
                .utf8)
        var readCount = 0
        for _ in 0..<5_000 {
            var damaged = text
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let index = Int.random(in: 0..<damaged.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: damaged[index] = UInt8.random(in: 0 ... .max, using: &generator)
                case 1: damaged.remove(at: index)
                default: damaged.insert(text[index % text.count], at: index)
                }
            }
            if (try? JSON5.parse(damaged + [0x0A, 0x7D])) != nil { readCount += 1 }
        }
        #expect(readCount > 0 && readCount < 5_000, "seed \(seed)")
    }
}
