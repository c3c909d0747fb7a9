import Foundation

/// The files of the repository, as git knows them: what is tracked, and what would be.
struct Tree {
    let root: URL
    let files: [SourceFile]

    /// Reads the tree once for all rules.
    static let shared = Tree()

    private init() {
        root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let listing = Self.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], in: root)
        let base = root
        files = listing.output.split(separator: "\0").sorted().compactMap { path in
            SourceFile(path: String(path), root: base)
        }
    }

    /// The Swift files below a folder.
    func swift(under folders: String...) -> [SourceFile] {
        files.filter { file in
            file.path.hasSuffix(".swift") && folders.contains { file.path.hasPrefix($0 + "/") }
        }
    }

    /// Runs a command to its end and returns what it printed on both streams.
    static func run(_ command: [String], in folder: URL) -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = folder
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (-1, "\(command[0]): \(error)") }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// A text file of the tree.
struct SourceFile {
    let path: String
    let lines: [String]
    /// The lines with comments and the contents of string literals blanked out, for Swift files.
    let code: [String]

    init?(path: String, root: URL) {
        guard let data = try? Data(contentsOf: root.appendingPathComponent(path)),
            let text = String(data: data, encoding: .utf8)
        else { return nil }
        self.path = path
        lines = Self.split(Array(text.utf8))
        code = path.hasSuffix(".swift") ? Self.split(blanked(Array(text.utf8))) : lines
    }

    /// The first folder below `Sources`, `Tests`, `Benchmarks` or `tools`, with that.
    var targetFolder: String {
        path.split(separator: "/").prefix(2).joined(separator: "/")
    }

    private static func split(_ bytes: [UInt8]) -> [String] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A broken rule at a place; `description` is what the test prints.
struct Violation: CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    init(_ file: SourceFile, _ lineIndex: Int, _ message: String) {
        path = file.path
        line = lineIndex + 1
        self.message = message
    }

    init(path: String, _ message: String) {
        self.path = path
        line = 1
        self.message = message
    }

    var description: String { "\(path):\(line): \(message)" }
}
