internal import Base
internal import Disk

/// The folder of files that were damaged, kept for who wants to look at them.
///
/// Beside each lies a report, `<name>.json`: one object that says what was found and what was done
/// about it, line after line as it went on.
struct Quarantine {
    let directory: String
    let disk: any Disk

    /// Moves a file or folder there, if there is one, and writes the report; the name tells where
    /// it was.
    ///
    /// What was wrong is in the manifest, too: so a report that cannot be written is left out.
    func take(_ path: String, _ finding: DamageFinding) throws(DiskError) {
        let folder = "\(directory)/\(FileNames.quarantine)"
        try disk.createDirectory(folder)
        let target = try Self.freeName("\(folder)/\(name(of: path))", disk)
        if try disk.exists("\(directory)/\(path)") {
            try disk.rename("\(directory)/\(path)", to: target)
        }
        try? write(finding, to: target + FileNames.reportSuffix)
        try disk.syncDirectory(folder)
        try disk.syncDirectory(directory)
    }

    /// Writes a copy of a file there, with a report.
    func keep(
        _ bytes: [UInt8], of path: String, _ finding: DamageFinding
    ) throws(DiskError) {
        let folder = "\(directory)/\(FileNames.quarantine)"
        try disk.createDirectory(folder)
        let target = try Self.freeName("\(folder)/\(name(of: path))", disk)
        let handle = try disk.open(target, .create)
        defer { disk.close(handle) }
        try disk.perform(
            WriteBatch(
                writes: [WriteBatch.Write(file: handle, offset: 0, bytes: bytes)],
                syncFiles: [handle]))
        try? write(finding, to: target + FileNames.reportSuffix)
        try disk.syncDirectory(folder)
    }

    /// Adds to the report of a file what has become of it.
    func tell(_ finding: DamageFinding) {
        let path =
            "\(directory)/\(FileNames.quarantine)/\(name(of: finding.file))"
            + FileNames.reportSuffix
        try? write(finding, to: path)
    }

    /// The folders of a path, joined by dots.
    private func name(of path: String) -> String {
        let parts = path.split(separator: "/")
        return parts.dropFirst(parts.count > 1 ? 1 : 0).joined(separator: ".")
    }

    private func write(_ finding: DamageFinding, to path: String) throws(DiskError) {
        let isNew = try !disk.exists(path)
        let handle = try disk.open(path, isNew ? .create : .readWrite)
        defer { disk.close(handle) }
        let end = isNew ? 0 : try disk.size(of: handle)
        let line = finding.report()
        try disk.perform(
            WriteBatch(
                writes: [WriteBatch.Write(file: handle, offset: end, bytes: line)],
                syncFiles: [handle]))
    }

    /// The path, or the path with a number behind it, that no file has.
    static func freeName(_ path: String, _ disk: any Disk) throws(DiskError) -> String {
        var candidate = path
        var number = 1
        while true {
            let isFree = try !disk.exists(candidate)
            if isFree, try !disk.exists(candidate + FileNames.reportSuffix) { return candidate }
            number += 1
            candidate = "\(path).\(number)"
        }
    }
}
