import Foundation

/// A file of `Tests/Logic`: events, queries and what they answer (see `Tests/Logic/README.md`).
struct LogicFile {
    /// A query and its answer, or its error.
    struct Case: Sendable {
        var line: Int
        var query: String
        var isError: Bool
        var expected: String
    }

    private enum Block {
        /// Comments and empty lines.
        case other([String])
        case events([String])
        case ask(Case)
    }

    let url: URL
    private var blocks: [Block] = []

    var events: [String] {
        blocks.flatMap { block -> [String] in
            if case .events(let lines) = block { lines } else { [] }
        }
    }

    var cases: [Case] {
        blocks.compactMap { block -> Case? in
            if case .ask(let found) = block { found } else { nil }
        }
    }

    /// All files, by name.
    static func all() throws -> [LogicFile] {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Logic")
        return try FileManager.default.contentsOfDirectory(
            at: directory, includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "test" }
            .sorted { $0.path < $1.path }.map { try LogicFile($0) }
    }

    init(_ url: URL) throws {
        self.url = url
        let lines = try String(contentsOf: url, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var index = 0
        while index < lines.count {
            let start = index
            while index < lines.count, !lines[index].isEmpty { index += 1 }
            add(Array(lines[start..<index]), line: start + 1)
            index += 1
        }
    }

    private mutating func add(_ lines: [String], line: Int) {
        let kind = lines.first ?? ""
        switch kind {
        case "events": blocks.append(.events(Array(lines.dropFirst())))
        case "query", "error":
            let divider = lines.firstIndex(of: "----") ?? lines.count
            blocks.append(
                .ask(
                    Case(
                        line: line, query: lines[1..<divider].joined(separator: "\n"),
                        isError: kind == "error",
                        expected: lines.dropFirst(divider + 1).joined(separator: "\n"))))
        default: blocks.append(.other(lines))
        }
    }

    /// Writes the file with other answers.
    func rewrite(_ answers: [String]) throws {
        var rest = answers[...]
        var texts: [String] = []
        for block in blocks {
            switch block {
            case .other(let lines): texts.append(lines.joined(separator: "\n"))
            case .events(let lines): texts.append((["events"] + lines).joined(separator: "\n"))
            case .ask(let found):
                let kind = found.isError ? "error" : "query"
                texts.append("\(kind)\n\(found.query)\n----\n\(rest.popFirst() ?? "")")
            }
        }
        var text = texts.joined(separator: "\n\n")
        while text.hasSuffix("\n") { text.removeLast() }
        try (text + "\n").write(to: url, atomically: true, encoding: .utf8)
    }
}
