import Foundation

/// What a program printed, and how it ended.
struct ToolResult {
    var status: Int32
    var output: String
    var errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs the offline tool, which stands beside the test bundle.
func weirPart(_ arguments: String..., input: String? = nil) throws -> ToolResult {
    let tool = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("weir-part")
    return try run(tool, arguments, input: input)
}

/// Runs the second reader, written in Python from format-spec.md alone.
func secondReader(_ arguments: String..., input: String? = nil) throws -> ToolResult {
    let python = URL(fileURLWithPath: "/usr/bin/python3")
    return try run(python, ["-B", sourceRoot + "/Tests/Reader"] + arguments, input: input)
}

/// The folder of the sources.
let sourceRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

private func run(_ program: URL, _ arguments: [String], input: String?) throws -> ToolResult {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("weir-tool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files and no pipes: nothing has to be read while the program runs.
    let files = try ["in", "out", "err"].map { name in
        let file = folder.appendingPathComponent(name)
        try Data((name == "in" ? input ?? "" : "").utf8).write(to: file)
        return file
    }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return ToolResult(
        status: process.terminationStatus,
        output: try String(contentsOf: files[1], encoding: .utf8),
        errors: try String(contentsOf: files[2], encoding: .utf8))
}
