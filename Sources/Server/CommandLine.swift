internal import Glibc

/// What the process was asked to do.
package enum Command: Equatable, Sendable {
    case serve(ServerConfig)
    case restore(RestoreCommand)
    case print(String)
    /// One line for standard error; the exit code is 2.
    case refuse(String)
}

/// The version that `--version` and `/metrics` name.
package let weirVersion = "0.1.0"

extension Command {
    /// Reads the arguments behind the name of the program.
    package static func parse(
        _ arguments: [String], environment: [String: String], readFile: (String) -> [UInt8]?
    ) -> Command {
        switch arguments.first {
        case nil: return .refuse("expected a command; see weir --help")
        case "--help", "-h", "help": return .print(usage)
        case "--version", "version": return .print("weir \(weirVersion)\n")
        case "keys": return .print(ConfigReference.markdown())
        case "restore": return parseRestore(Array(arguments.dropFirst()))
        case "serve": break
        case .some(let word): return .refuse("there is no command '\(word)'; see weir --help")
        }
        let flags = Array(arguments.dropFirst())
        if flags.contains("--help") || flags.contains("-h") { return .print(serveUsage) }
        do {
            return .serve(
                try ConfigLoader.load(flags: flags, environment: environment, readFile: readFile))
        } catch {
            return .refuse(error.description)
        }
    }

    private static func parseRestore(_ arguments: [String]) -> Command {
        if arguments.contains("--help") || arguments.contains("-h") {
            return .print(RestoreCommand.usage)
        }
        switch RestoreCommand.parse(arguments) {
        case .success(let command): return .restore(command)
        case .failure(let error): return .refuse(error.reason)
        }
    }

    private static let usage = """
        Weir stores events that come over HTTP and answers questions about them.

        usage: weir serve [--config FILE] [--data DIR] [--listen HOST:PORT] [--FLAG VALUE …]
               weir serve --help    all flags, with their defaults
               weir restore --snapshot PATH --data DIR
               weir restore --help  what it does and its exit codes
               weir keys            the same as a Markdown table, with file keys and variables
               weir --version

        """

    private static let serveUsage = """
        usage: weir serve [--FLAG VALUE …]

        Each flag is also a key of the config file and a WEIR_ variable (see weir keys).
        Flags win over variables, and variables over the file.

        \(ConfigReference.flags())
        """
}

/// Does what the arguments of the process ask for; returns its exit code.
package func runCommandLine(_ arguments: [String]) -> Int32 {
    let command = Command.parse(
        arguments, environment: processEnvironment(), readFile: readWholeFile)
    switch command {
    case .print(let text):
        print(text, terminator: "")
        return 0
    case .refuse(let reason):
        printError("weir: \(reason)")
        return 2
    case .restore(let command): return restore(command)
    case .serve(let config):
        StopSignals.block()
        return serve(config)
    }
}

/// Prints a line on standard output, at once even where that is a pipe.
func printLine(_ line: String) { write(line, to: STDOUT_FILENO) }

/// Prints a line on standard error.
func printError(_ line: String) { write(line, to: STDERR_FILENO) }

private func write(_ line: String, to descriptor: Int32) {
    var bytes = [UInt8](line.utf8)
    bytes.append(0x0A)
    let written = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    // Where the descriptor is closed there is nobody to tell.
    _ = written
}

private func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
        let halves = unsafe String(cString: text).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if halves.count == 2 { variables[String(halves[0])] = String(halves[1]) }
        unsafe entry += 1
    }
    return variables
}

/// Reads a file of at most 1 MiB; nil if it cannot be read.
private func readWholeFile(_ path: String) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= 1 << 20 {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count == 0 { return bytes }
        guard count > 0 else { return nil }
        bytes.append(contentsOf: chunk[..<count])
    }
    return nil
}
