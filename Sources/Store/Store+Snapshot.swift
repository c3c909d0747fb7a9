// Snapshots: `snapshots/<name>/` is a data directory that shares its parts and its sealed log
// segments with ours by hard links, so that it costs little more than the open segment, and what
// merges and retention remove here stays there. It is made step by step: 1. one instant of the
// manifest is taken, with the version that keeps its files; 2. under a temporary name, parts are
// linked, and the log from the manifest's replay position on is linked and copied; 3. a manifest of
// that instant, FORMAT and a file about the snapshot are written; 4. all is synced; 5. the folder
// is renamed, which makes it so. A crash before that leaves what the next start deletes.

package import Base
internal import Disk
internal import Glibc
internal import PartFormat

extension Store {
    /// Makes the log of a snapshot, synced, that begins at a position; returns its bytes.
    package typealias LogCopy = (_ position: LogPosition, _ target: String) throws -> Int

    /// A part that is set aside as damaged in the meantime makes another attempt necessary.
    private static let snapshotAttempts = 3

    /// Makes a snapshot of this instant, log included.
    ///
    /// The log must keep all segments from before this is called until it has returned.
    package func makeSnapshot(
        named name: String, created: Milliseconds, copyLog: LogCopy
    ) throws(SnapshotError) -> SnapshotInfo {
        guard FileNames.isTableName(name) else { throw .invalidName(name) }
        let result = snapshotTurn.withLock { _ -> Result<SnapshotInfo, SnapshotError> in
            do throws(SnapshotError) {
                if try attempt({ () throws(DiskError) in try disk.exists(path(ofSnapshot: name)) })
                {
                    throw .exists(name)
                }
                return .success(try make(name, created, copyLog))
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// The snapshots, by the time at which they were made.
    package func snapshots() throws(SnapshotError) -> [SnapshotInfo] {
        try attempt { () throws(DiskError) in
            let folder = "\(directory)/\(FileNames.snapshots)"
            guard try disk.exists(folder) else { return [] }
            var found: [SnapshotInfo] = []
            for name in try disk.list(folder) where FileNames.isTableName(name) {
                let file = "\(folder)/\(name)/\(FileNames.snapshot)"
                guard try disk.exists(file) else { continue }
                let text = String(decoding: try DataDirectory.readFile(file, disk), as: UTF8.self)
                if let info = SnapshotInfo(name: name, text: text) { found.append(info) }
            }
            return found.sorted { ($0.created, $0.name) < ($1.created, $1.name) }
        }
    }

    /// Removes a snapshot; files that nobody else has go with it.
    package func removeSnapshot(named name: String) throws(SnapshotError) {
        guard FileNames.isTableName(name) else { throw .missing(name) }
        let result = snapshotTurn.withLock { _ -> Result<Void, SnapshotError> in
            do throws(SnapshotError) {
                let path = path(ofSnapshot: name)
                let isThere = try attempt { () throws(DiskError) in
                    try disk.exists("\(path)/\(FileNames.snapshot)")
                }
                if !isThere { throw .missing(name) }
                try attempt { () throws(DiskError) in
                    // From here on it is unfinished, whenever the rest of it goes.
                    let unfinished = path + FileNames.temporarySuffix
                    if try disk.exists(unfinished) { try disk.removeTree(unfinished) }
                    try disk.rename(path, to: unfinished)
                    try disk.syncDirectory(parentPath(of: path))
                    try disk.removeTree(unfinished)
                }
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Removes what a crash left of snapshots; what cannot be removed now goes at the next start.
    func removeUnfinishedSnapshots() {
        let folder = "\(directory)/\(FileNames.snapshots)"
        guard let names = try? disk.list(folder) else { return }
        for name in names where name.hasSuffix(FileNames.temporarySuffix) {
            try? disk.removeTree("\(folder)/\(name)")
        }
    }

    private func path(ofSnapshot name: String) -> String {
        "\(directory)/\(FileNames.snapshots)/\(name)"
    }

    private func attempt<Value>(
        _ body: () throws(DiskError) -> Value
    ) throws(SnapshotError) -> Value {
        do { return try body() } catch { throw .failed(message: "\(error)") }
    }

    private func make(
        _ name: String, _ created: Milliseconds, _ copyLog: LogCopy
    ) throws(SnapshotError) -> SnapshotInfo {
        let final = path(ofSnapshot: name)
        let path = final + FileNames.temporarySuffix
        var attempts = 0
        while true {
            attempts += 1
            let failure: any Error
            do {
                let info = try build(name, created, path, copyLog)
                try disk.rename(path, to: final)
                try disk.syncDirectory(parentPath(of: final))
                return info
            } catch { failure = error }
            try? disk.removeTree(path)
            let isGone = (failure as? DiskError)?.code == ENOENT
            guard isGone, attempts < Self.snapshotAttempts else {
                throw .failed(message: "\(failure)")
            }
        }
    }

    private func build(
        _ name: String, _ created: Milliseconds, _ path: String, _ copyLog: LogCopy
    ) throws -> SnapshotInfo {
        if try disk.exists(path) { try disk.removeTree(path) }
        try disk.createDirectory(path)
        // The version keeps the files of the state.
        let (state, version) = manifest.withLock { manifest in
            (manifest.state, self.state.withLock { $0.version })
        }
        let folders = try withExtendedLifetime(version) {
            try link(state.parts.values.sorted { $0.number < $1.number }, into: path)
        }
        let logBytes = try copyLog(
            state.lastCommit?.replayPosition ?? .start, "\(path)/\(FileNames.log)")
        let manifestBytes = ManifestFrames.frame(.snapshot(state), sequence: 1)
        let info = SnapshotInfo(
            name: name, created: created, partCount: state.parts.count,
            byteCount: state.parts.values.reduce(0) { $0 + $1.byteCount } + logBytes
                + manifestBytes.count)
        let files = [
            (FileNames.manifest, manifestBytes),
            (FileNames.format, Array(FileNames.formatText(version: storeFormatVersion).utf8)),
            (FileNames.snapshot, Array(info.text.utf8)),
        ]
        for (file, bytes) in files {
            try disk.writeNew("\(path)/\(file)", bytes)
        }
        try disk.syncFolders(folders.sorted(by: >).map { "\(path)/\($0)" } + [path])
        try disk.syncDirectory(directory)
        return info
    }

    /// Links the files of parts; returns the folders, relative to the snapshot, that name them.
    private func link(
        _ entries: [PartEntry], into path: String
    ) throws(DiskError) -> Set<String> {
        var folders: Set<String> = []
        for entry in entries {
            if folders.insert(entry.folder).inserted {
                try disk.createDirectory("\(path)/\(entry.folder)")
            }
            let source = "\(directory)/\(entry.path)"
            let target = "\(path)/\(entry.path)"
            if entry.container == .packed {
                try disk.link(source, to: target)
                continue
            }
            try disk.createDirectory(target)
            folders.insert(entry.path)
            for name in try disk.list(source) {
                try disk.link("\(source)/\(name)", to: "\(target)/\(name)")
            }
        }
        return folders.union(Self.foldersAbove(folders))
    }

    static func foldersAbove(_ folders: Set<String>) -> Set<String> {
        var above: Set<String> = []
        for folder in folders {
            var rest = Substring(folder)
            while let slash = rest.lastIndex(of: "/") {
                rest = rest[..<slash]
                above.insert(String(rest))
            }
        }
        return above
    }
}

extension Disk {
    /// Makes a file with these bytes, synced.
    func writeNew(_ path: String, _ bytes: [UInt8]) throws(DiskError) {
        let handle = try open(path, .create)
        defer { close(handle) }
        try perform(
            WriteBatch(
                writes: [WriteBatch.Write(file: handle, offset: 0, bytes: bytes)],
                syncFiles: [handle]))
    }

    /// Syncs folders, few at once, so that a process's limit of open files is not met.
    func syncFolders(_ folders: [String]) throws(DiskError) {
        for start in stride(from: 0, to: folders.count, by: 64) {
            let some = folders[start..<min(start + 64, folders.count)]
            try perform(WriteBatch(syncDirectories: Array(some)))
        }
    }
}
