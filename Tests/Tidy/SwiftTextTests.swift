import Testing

/// The reader that the rules rest on, on small texts.
@Suite("Reader of Swift text")
struct SwiftTextTests {
    private func code(_ text: String) -> [String] {
        let bytes = blanked(Array(text.utf8))
        return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test("comments and strings are blanked, lines stay")
    func blanks() {
        let lines = code(#"let a = "x! \(b["}"]) {" // try! {"#)
        #expect(!lines[0].contains("!") && !lines[0].contains("{"))
        #expect(lines[0].hasPrefix("let a = \""))
        #expect(code("a\n/* {\n{ */ b\nc") == ["a", "    ", "     b", "c"])
        let long = code("let a = \"\"\"\n  { \"quoted\" {\n  \"\"\"\nlet b = 1")
        #expect(long.count == 4 && !long[1].contains("{") && long[3] == "let b = 1")
    }

    @Test("functions have their first and last line")
    func spans() {
        let text = """
            protocol P {
                func requirement(_ a: Int) -> Int
            }
            struct S: P {
                package init() {}
                func requirement(
                    _ a: Int = { 1 }()
                ) -> Int {
                    if a > 1 { return 2 }
                    return 3
                }
            }
            """
        #expect(
            functionSpans(code(text)) == [
                FunctionSpan(name: "init", first: 4, last: 4),
                FunctionSpan(name: "requirement", first: 5, last: 10),
            ])
    }
}
