import Testing

@testable import weir_part

@Suite struct ArgumentsTests {
    private func parse(_ words: String...) throws(ToolError) -> Arguments {
        try Arguments(words, options: ["range", "limit", "format"], flags: ["json"], pathCount: 1)
    }

    @Test func optionsFlagsAndPathsInAnyOrder() throws {
        let arguments = try parse("--limit", "3", "a/b/", "--json", "--format=csv")
        #expect(arguments.paths == ["a/b"] && arguments.has("json"))
        #expect(try arguments.count("limit") == 3)
        #expect(try arguments.choice("format", ["ndjson", "csv"]) == "csv")
    }

    @Test func ranges() throws {
        let range = try parse("p", "--range", "2026-01-10T00:00:00Z..").timeRange("range")
        #expect(range.start == 1_768_003_200_000 && range.end == nil)
        #expect(range.contains(1_768_003_200_000) && !range.contains(1_768_003_199_999))
        let numbers = try parse("p", "--range=-5..5").timeRange("range")
        #expect(numbers.start == -5 && numbers.end == 5 && !numbers.contains(5))
        let fraction = try parse("p", "--range", "1970-01-01T00:00:00.500Z..1970-01-02")
        let times = try fraction.timeRange("range")
        #expect(times.start == 500 && times.end == 86_400_000)
        #expect(times.overlaps(0...500) && !times.overlaps(0...499))
    }

    @Test(arguments: [
        ["p", "--limit", "x"], ["p", "--range", "1-2"], ["p", "--range", "a..b"],
        ["p", "--format", "xml"],
    ]) func valuesThatAreWrong(_ words: [String]) throws {
        let arguments = try Arguments(
            words, options: ["range", "limit", "format"], flags: [], pathCount: 1)
        #expect(throws: ToolError.self) {
            _ = try arguments.count("limit")
            _ = try arguments.timeRange("range")
            _ = try arguments.choice("format", ["ndjson", "csv"])
        }
    }

    @Test func wordsThatAreWrong() {
        #expect(throws: ToolError.usage("there is no option '--x'")) { try parse("p", "--x") }
        #expect(throws: ToolError.usage("--limit needs a value")) { try parse("p", "--limit") }
        #expect(throws: ToolError.usage("expected one path, found 2")) { try parse("p", "q") }
    }

    @Test func numbersForPeople() {
        #expect(byteText(999) == "999 B" && byteText(1_000) == "1.0 kB")
        #expect(byteText(999_960) == "1.0 MB" && byteText(3_600_000_000) == "3.6 GB")
        #expect(decimal(1.005, 1) == "1.0" && decimal(-0.25, 2) == "-0.25")
        #expect(
            grouped(0) == "0" && grouped(1_234_567) == "1,234,567" && grouped(-1_000) == "-1,000")
    }
}
