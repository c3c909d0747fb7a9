internal import Disk
internal import EventLog
internal import Store

/// What `weir restore` was asked for.
package struct RestoreCommand: Equatable, Sendable {
    /// The folder of the snapshot.
    package var snapshot: String
    /// The data directory to be made.
    package var data: String

    /// Reads the flags behind `weir restore`; a text says what is wrong with them.
    static func parse(_ arguments: [String]) -> Result<RestoreCommand, UsageError> {
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            guard ["--snapshot", "--data"].contains(name) else {
                return .failure(UsageError("there is no flag \(name); see weir restore --help"))
            }
            guard let value = halves.count == 2 ? String(halves[1]) : rest.popFirst(),
                !value.isEmpty
            else { return .failure(UsageError("the flag \(name) needs a value")) }
            values[name] = value
        }
        guard let snapshot = values["--snapshot"], let data = values["--data"] else {
            return .failure(UsageError("weir restore needs --snapshot PATH and --data DIR"))
        }
        return .success(RestoreCommand(snapshot: snapshot, data: data))
    }

    /// Why the arguments of a command do not do.
    struct UsageError: Error {
        var reason: String

        init(_ reason: String) { self.reason = reason }
    }

    static let usage = """
        usage: weir restore --snapshot PATH --data DIR

        Makes a data directory out of a snapshot, which stays as it is. DIR must be empty or not
        there. Files are linked where both lie in one file system, else copied, and every checksum
        is checked on the way.

        exit codes: 0 restored, 1 it failed and DIR is as empty as before, 2 wrong arguments

        """
}

/// Restores a snapshot; returns the exit code of the process.
func restore(_ command: RestoreCommand) -> Int32 {
    let disk = LinuxDisk(io: .automatic)
    do {
        let report = try SnapshotRestore(
            snapshot: command.snapshot, target: command.data, disk: disk
        ).run { source, target in
            try LogRestore.run(from: source, to: target, disk: disk)
        }
        printLine(
            "restored \(report.partCount) parts of \(report.rowCount) rows and "
                + "\(report.byteCount) bytes into \(command.data); "
                + "\(report.copiedBytes) bytes were copied, all others are shared")
        return 0
    } catch {
        printError("weir: \(error)")
        return 1
    }
}
