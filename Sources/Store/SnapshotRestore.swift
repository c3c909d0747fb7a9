internal import Base
package import Disk
internal import PartFormat

/// Makes a data directory out of a snapshot, which stays as it is.
///
/// Parts are linked where source and target lie in one file system, else copied, and read to their
/// last byte. `FORMAT` comes last: a directory that was not finished is nobody's.
package struct SnapshotRestore {
    /// What was done.
    package struct Report: Sendable {
        /// The parts that were linked or copied, and read.
        package var partCount = 0
        /// Their rows.
        package var rowCount = 0
        /// The size of their files.
        package var byteCount = 0
        /// What of it, and of the log, was copied.
        package var copiedBytes = 0
    }

    private let snapshot: String
    private let target: String
    private let disk: any Disk

    /// Restores into a directory that is empty or not there.
    package init(snapshot: String, target: String, disk: any Disk) {
        self.snapshot = snapshot
        self.target = target
        self.disk = disk
    }

    /// Does all; `restoreLog` gets the folders of both logs, and returns the bytes that it copied.
    ///
    /// After an error nothing is left in the target.
    package func run(
        restoreLog: (_ source: String, _ target: String) throws -> Int
    ) throws(StoreError) -> Report {
        let state = try readManifest()
        try requireEmptyTarget()
        do {
            var report = Report()
            try disk.createDirectory(target)
            for entry in state.parts.values.sorted(by: { $0.number < $1.number }) {
                try restore(entry, &report)
            }
            report.copiedBytes += try restoreLog(
                "\(snapshot)/\(FileNames.log)", "\(target)/\(FileNames.log)")
            let bytes = try DataDirectory.readFile("\(snapshot)/\(FileNames.manifest)", disk)
            try disk.writeNew("\(target)/\(FileNames.manifest)", bytes)
            let folders = Set(state.parts.values.map(\.folder))
            let all = folders.union(Store.foldersAbove(folders))
            try disk.syncFolders(all.sorted(by: >).map { "\(target)/\($0)" } + [target])
            let format = try DataDirectory.readFile("\(snapshot)/\(FileNames.format)", disk)
            try disk.writeNew("\(target)/\(FileNames.format)", format)
            try disk.syncDirectory(target)
            try disk.syncDirectory(parentPath(of: target))
            return report
        } catch {
            for name in [FileNames.tables, FileNames.log, FileNames.manifest, FileNames.format] {
                try? disk.removeTree("\(target)/\(name)")
            }
            if let error = error as? StoreError { throw error }
            if let error = error as? DiskError { throw .disk(error) }
            throw .invalid(message: "\(error)")
        }
    }

    private func readManifest() throws(StoreError) -> ManifestState {
        let path = "\(snapshot)/\(FileNames.manifest)"
        guard try DataDirectory.format(snapshot, disk) != nil,
            try exists("\(snapshot)/\(FileNames.snapshot)"), try exists(path)
        else { throw .invalid(message: "\(snapshot) is no snapshot") }
        let bytes: [UInt8]
        do { bytes = try DataDirectory.readFile(path, disk) } catch { throw .disk(error) }
        let contents = ManifestFrames.read(bytes)
        if let damage = contents.damage.first { throw .corrupt(damage) }
        guard contents.bytesCut == 0, contents.validBytes > 0 else {
            throw .corrupt(
                CorruptionError(
                    file: FileNames.manifest, offset: contents.validBytes,
                    expected: "a whole record", found: "\(contents.bytesCut) other bytes"))
        }
        return contents.state
    }

    private func exists(_ path: String) throws(StoreError) -> Bool {
        do { return try disk.exists(path) } catch { throw .disk(error) }
    }

    private func requireEmptyTarget() throws(StoreError) {
        guard try exists(target) else { return }
        let isEmpty: Bool
        do throws(DiskError) {
            let isFolder = try disk.isDirectory(target)
            let names = isFolder ? try disk.list(target) : []
            isEmpty = isFolder && names.allSatisfy { $0 == FileNames.lostAndFound }
        } catch { throw .disk(error) }
        if isEmpty { return }
        throw .invalid(message: "\(target) is not an empty directory; nothing was touched")
    }

    private func restore(_ entry: PartEntry, _ report: inout Report) throws {
        let (source, path) = ("\(snapshot)/\(entry.path)", "\(target)/\(entry.path)")
        var files = [""]
        if entry.container == .packed {
            try disk.createDirectory("\(target)/\(entry.folder)")
        } else {
            try disk.createDirectory(path)
            files = try disk.list(source).map { "/\($0)" }
        }
        var isCopied = false
        for file in files where try disk.linkOrCopy(source + file, to: path + file) {
            isCopied = true
        }
        if entry.container == .wide { try disk.syncDirectory(path) }
        try verify(entry)
        report.partCount += 1
        report.rowCount += entry.rowCount
        report.byteCount += entry.byteCount
        if isCopied { report.copiedBytes += entry.byteCount }
    }

    /// Reads all of a part: footer, dictionaries and every block.
    private func verify(_ entry: PartEntry) throws {
        let handle = try disk.open("\(target)/\(entry.path(file: 0))", .read)
        defer { disk.close(handle) }
        let size = try disk.size(of: handle)
        if entry.container == .packed, size != entry.byteCount {
            throw StoreError.corrupt(
                CorruptionError(
                    file: entry.path, offset: min(size, entry.byteCount),
                    expected: "\(entry.byteCount) bytes", found: "\(size)"))
        }
        let footer = try FooterReader(disk: disk).read(entry, handle, fileSize: size, tail: nil)
        let part = Part(
            entry: entry, footer: footer, disk: disk, directory: target,
            handles: HandleBudget(64), report: { _, _ in })
        let columns = Array(footer.schema.columns.indices)
        for granule in 0..<part.granuleCount {
            _ = try part.read(columns: columns, granules: [granule])
        }
    }
}
