import Expressions
import Foundation
import Testing

/// The reference in docs/sql.md is that of the catalogue.
@Suite("Reference of functions")
struct FunctionReferenceTests {
    private static let begin =
        "<!-- functions: made from their catalogue; FunctionReferenceTests compares -->\n"
    private static let end = "<!-- end of functions -->"

    @Test func documentIsThatOfTheCatalogue() throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/sql.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let start = try #require(text.range(of: Self.begin)).upperBound
        let stop = try #require(text.range(of: Self.end)).lowerBound
        let expected = FunctionReference.markdown()
        if ProcessInfo.processInfo.environment["WEIR_DOCS_UPDATE"] == "1" {
            let updated = text[..<start] + expected + text[stop...]
            try String(updated).write(to: url, atomically: true, encoding: .utf8)
            return
        }
        #expect(
            String(text[start..<stop]) == expected,
            "WEIR_DOCS_UPDATE=1 swift test --filter FunctionReferenceTests writes it anew")
    }
}
