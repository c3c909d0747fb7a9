import Foundation
import Testing

@Suite("Text")
struct TextRules {
    @Test("every package declaration has a doc comment")
    func docComments() {
        let declaration = #/^\s*(?:@[\w()\s:.]+?\s+)*package\s+(?!import\b)(.*)$/#
        var violations: [Violation] = []
        for file in Tree.shared.swift(under: "Sources") {
            for (index, line) in file.code.enumerated() {
                guard let match = line.firstMatch(of: declaration) else { continue }
                if !isDocumented(file, index), !saysItself(file, index) {
                    violations.append(Violation(file, index, "undocumented: package \(match.1)"))
                }
            }
        }
        report(violations)
    }

    @Test("nothing is left for later")
    func leftForLater() throws {
        // Three X alone; mkdtemp wants six of them.
        let words = try Regex(
            "\\b(TO" + "DO|FIX" + "ME|XX" + "X|for n" + "ow|place" + "holder)\\b")
        report(
            matches(
                Tree.shared.swift(under: "Sources", "Tests", "Benchmarks", "tools"), \.lines
            ) { line in
                line.firstMatch(of: words).map { "says \(line[$0.range])" }
            })
    }

    @Test("no forced unwraps, tries or casts in the engine")
    func force() {
        let forced = #/[\w)\]]!(?!=)|\btry!|\bas!/#
        report(
            matches(Tree.shared.swift(under: "Sources", "Benchmarks", "tools"), \.code) { line in
                line.firstMatch(of: forced).map { "forces: \($0.0)" }
            })
    }

    @Test("nothing is public")
    func access() {
        report(
            matches(Tree.shared.swift(under: "Sources", "Benchmarks", "tools"), \.code) { line in
                line.contains(#/\b(public|open)\s+(func|struct|class|enum|var|let|init|import)\b/#)
                    ? "is public" : nil
            })
    }

    @Test("no file names a place of one machine")
    func absolutePaths() {
        let places = ["work", "root", "home"].map { "/\($0)/" } + ["/tmp" + "/w/"]
        report(
            matches(Tree.shared.files, \.lines) { line in
                places.first { line.contains($0) }.map { "names \($0)" }
            })
    }

    @Test("every test file expects something, and no file is empty")
    func expectations() {
        var violations: [Violation] = []
        for file in Tree.shared.swift(under: "Sources", "Tests", "Benchmarks", "tools") {
            let text = file.code.joined(separator: "\n")
            if text.contains("@Test"), !text.contains(#/#expect|#require|Issue\.record|report\(/#) {
                violations.append(Violation(file, 0, "expects nothing"))
            }
            let statements = file.code.filter {
                !$0.allSatisfy(\.isWhitespace) && !$0.contains(#/^(\w+ )?import /#)
            }
            if statements.isEmpty {
                violations.append(Violation(file, 0, "holds nothing"))
            }
        }
        report(violations)
    }

    @Test("swift format has nothing to say")
    func format() {
        let (status, output) = Tree.run(
            ["swift", "format", "lint", "-s", "-r", "--parallel"]
                + ["Sources", "Tests", "Benchmarks", "tools/weir-part", "Package.swift"],
            in: Tree.shared.root)
        let prefix = Tree.shared.root.path + "/"
        #expect(status == 0, "\n\(output.replacingOccurrences(of: prefix, with: ""))")
    }

    /// Whether the nearest line above that is no attribute is the end of a doc comment.
    private func isDocumented(_ file: SourceFile, _ index: Int) -> Bool {
        var above = index - 1
        while above >= 0 {
            let line = file.lines[above].drop(while: \.isWhitespace)
            if line.hasPrefix("///") { return true }
            guard line.hasPrefix("@") else { return false }
            above -= 1
        }
        return false
    }

    /// Whether the declaration is one whose whole meaning stands elsewhere.
    ///
    /// These are `description`, `==` and `<` of a type that conforms to the standard protocol, and
    /// an initialiser that does nothing but give each property the parameter of its name: there the
    /// properties carry the documentation.
    private func saysItself(_ file: SourceFile, _ index: Int) -> Bool {
        let witnesses = [
            ("package var description: String", ["CustomStringConvertible"]),
            ("package static func == (", ["Equatable", "Hashable", "Comparable"]),
            ("package static func < (", ["Comparable"]),
        ]
        let line = file.code[index].drop(while: \.isWhitespace)
        for (witness, protocols) in witnesses where line.hasPrefix(witness) {
            return file.code.contains { text in
                protocols.contains { text.contains(": \($0)") || text.contains(", \($0)") }
            }
        }
        guard line.hasPrefix("package init("),
            let span = functionSpans(file.code).first(where: { $0.first == index })
        else { return false }
        let text = file.code[span.first...span.last].joined(separator: "\n")
        guard let body = text.wholeMatch(of: #/[^{}]*\{([^{}]*)\}\s*/#)?.1 else { return false }
        return body.split(whereSeparator: \.isNewline).allSatisfy { statement in
            statement.allSatisfy(\.isWhitespace)
                || statement.wholeMatch(of: #/\s*(?:unsafe )?self\.(\w+) = (\w+)\s*/#).map {
                    $0.1 == $0.2
                } ?? false
        }
    }

    private func matches(
        _ files: [SourceFile], _ lines: KeyPath<SourceFile, [String]>,
        _ rule: (String) -> String?
    ) -> [Violation] {
        files.flatMap { file in
            file[keyPath: lines].enumerated().compactMap { index, line in
                rule(line).map { Violation(file, index, $0) }
            }
        }
    }
}
