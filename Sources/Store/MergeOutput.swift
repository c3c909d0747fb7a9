internal import Base
internal import Disk
internal import PartFormat
internal import Synchronization

/// The files of the part that a merge writes, piece by piece.
final class MergeOutput {
    private let store: Store
    private let entry: PartEntry
    /// Whose names are to be synced.
    private let folders: [String]
    private var handles: [FileHandle] = []
    /// How many bytes each file has.
    private var byteCounts: [Int] = []

    /// Creates the files, one or one for each column.
    init(_ store: Store, _ entry: PartEntry, columnCount: Int) throws(DiskError) {
        self.store = store
        self.entry = entry
        var folders: Set = [entry.folder]
        if entry.container == .wide { folders.insert(entry.path) }
        self.folders = try store.createFolders(folders)
        for file in 0..<entry.container.fileCount(columns: columnCount) {
            handles.append(
                try store.disk.open("\(store.directory)/\(entry.path(file: file))", .create))
            byteCounts.append(0)
        }
    }

    /// The size of all files.
    var byteCount: Int { byteCounts.reduce(0, +) }

    /// Writes what the writer has made since the last time.
    func append(_ writer: inout PartWriter) throws(StoreError) {
        var batch = WriteBatch()
        for file in handles.indices {
            let bytes = writer.takeBytes(file: file)
            if bytes.isEmpty { continue }
            batch.writes.append(
                WriteBatch.Write(file: handles[file], offset: byteCounts[file], bytes: bytes))
            byteCounts[file] += bytes.count
        }
        if batch.writes.isEmpty { return }
        do throws(DiskError) {
            try store.disk.perform(batch)
        } catch {
            throw .disk(error)
        }
    }

    /// Syncs the files and their folders, and reads the footer back.
    func finish(_ entry: PartEntry) throws(StoreError) -> PartFooter {
        do throws(DiskError) {
            try store.disk.perform(
                WriteBatch(
                    syncFiles: handles,
                    syncDirectories: folders.map { "\(store.directory)/\($0)" }))
        } catch {
            throw .disk(error)
        }
        // The folder of a wide part is new each time.
        store.syncedFolders.withLock { $0.formUnion(folders.filter { $0 != entry.path }) }
        return try FooterReader(disk: store.disk).read(
            entry, handles[0], fileSize: byteCounts[0], tail: nil)
    }

    func close() {
        for handle in handles { store.disk.close(handle) }
        handles = []
    }

    deinit { close() }
}
