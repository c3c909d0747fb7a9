import Testing

@Suite("Sizes")
struct SizeRules {
    static let fileLinesMax = 500
    static let lineColumnsMax = 100
    static let functionLinesMax = 70

    @Test("a file has at most 500 lines")
    func fileLines() {
        report(
            code.filter { $0.lines.count > Self.fileLinesMax }.map {
                Violation($0, Self.fileLinesMax, "the file has \($0.lines.count) lines")
            })
    }

    @Test("a line has at most 100 columns")
    func lineColumns() {
        report(
            code.flatMap { file in
                file.lines.enumerated().filter { $0.element.count > Self.lineColumnsMax }.map {
                    Violation(file, $0.offset, "the line has \($0.element.count) columns")
                }
            })
    }

    @Test("a Swift function has at most 70 lines")
    func swiftFunctions() {
        report(
            code.filter { $0.path.hasSuffix(".swift") }.flatMap { file in
                functionSpans(file.code).filter { $0.lineCount > Self.functionLinesMax }.map {
                    Violation(file, $0.first, "\($0.name) has \($0.lineCount) lines")
                }
            })
    }

    @Test("a C function has at most 70 lines")
    func cFunctions() {
        var violations: [Violation] = []
        for file in code
        where ![".swift", ".py"].contains(where: { file.path.hasSuffix($0) }) {
            var first: Int?
            for (index, line) in file.lines.enumerated() {
                if line.hasPrefix("}") {
                    if let start = first, index - start + 1 > Self.functionLinesMax {
                        violations.append(
                            Violation(file, start, "the function has \(index - start + 1) lines"))
                    }
                    first = nil
                } else if line.hasSuffix("{"), line.first?.isWhitespace == false,
                    line.contains("("), first == nil
                {
                    first = index
                }
            }
        }
        report(violations)
    }

    private var code: [SourceFile] {
        Tree.shared.files.filter { file in
            [".swift", ".c", ".cpp", ".h", ".py"].contains { file.path.hasSuffix($0) }
        }
    }
}

/// Fails the test with every violation, one a line, so that an editor can jump to it.
func report(_ violations: [Violation], _ location: SourceLocation = #_sourceLocation) {
    let text = violations.map(\.description).joined(separator: "\n")
    #expect(violations.isEmpty, "\n\(text)", sourceLocation: location)
}
