internal import Base
internal import Glibc

/// What the process ends with.
enum ExitCode: Int32 {
    case fine = 0
    case usage = 1
    case damage = 2
    case cannotRead = 3
    case differs = 4
}

/// Why a command could not do what it was asked for.
enum ToolError: Error, Equatable {
    /// The command line is wrong.
    case usage(String)
    /// There is nothing at the path that can be read, or the disk fails.
    case cannotRead(String)
}

/// One command: its name, its words and what it does.
struct Command: Sendable {
    let name: String
    /// One line for the list of commands.
    let summary: String
    /// What `weir-part NAME --help` prints.
    let help: String
    /// Options that take a value.
    var options: Set<String> = []
    /// Options that stand alone.
    var flags: Set<String> = []
    /// How many paths it takes.
    var pathCount = 1
    let run: @Sendable (Arguments, Console) throws(ToolError) -> ExitCode

    /// All commands, in the order in which help lists them.
    static let all = [verify, stats, dump, schema, diff, manifest, log]
}

/// Does what the arguments ask for.
func runTool(_ words: [String]) -> ExitCode {
    let console = Console()
    defer { console.flush() }
    guard let first = words.first else {
        console.warn("weir-part: expected a command; see weir-part --help")
        return .usage
    }
    if ["--help", "-h", "help"].contains(first) {
        console.print(overview)
        return .fine
    }
    guard let command = Command.all.first(where: { $0.name == first }) else {
        console.warn("weir-part: there is no command '\(first)'; see weir-part --help")
        return .usage
    }
    let rest = Array(words.dropFirst())
    if rest.contains("--help") || rest.contains("-h") {
        console.print(command.help)
        return .fine
    }
    do {
        let arguments = try Arguments(
            rest, options: command.options, flags: command.flags, pathCount: command.pathCount)
        return try command.run(arguments, console)
    } catch {
        switch error {
        case .usage(let reason):
            console.warn("weir-part: \(reason); see weir-part \(command.name) --help")
            return .usage
        case .cannotRead(let reason):
            console.warn("weir-part: \(reason)")
            return .cannotRead
        }
    }
}

private var overview: String {
    let width = Command.all.map(\.name.count).max() ?? 0
    let list = Command.all.map { command in
        let space = String(repeating: " ", count: width - command.name.count)
        return "  \(command.name)\(space)  \(command.summary)"
    }
    return """
        weir-part looks at Weir's files without a server, or beside one: it takes no lock and
        changes nothing.

        usage: weir-part COMMAND PATH [OPTION …]

        \(list.joined(separator: "\n"))

        PATH is a part (a file or a folder that ends in .part), the folder of a table or of a
        partition, a data directory, or a snapshot of one. weir-part COMMAND --help says more.

        exit codes: 0 fine · 1 wrong usage · 2 damage was found · 3 cannot be read (missing, not
        Weir's, of a newer format, or the disk fails) · 4 diff found differences

        """
}
