internal import Base
internal import Disk

/// The manifest of an open store: what it says, and how another record gets into it.
///
/// A record that could not be written or synced may be on the disk all the same. So the next one is
/// written over it, and until that is synced, or the file cut, the files it names must stay.
struct ManifestFile: ~Copyable {
    private let disk: any Disk
    private let directory: String
    private var handle: FileHandle
    private(set) var state: ManifestState
    /// Where the next record goes.
    private(set) var byteCount: Int
    private var nextSequence: UInt64
    /// The size of a manifest that says the same in one record, when it was last looked at.
    private var liveBytes: Int
    /// Whether the folder does not surely name this file yet, which comes before any record.
    private var needsDirectorySync = false
    /// Whether a failed record may stand behind `byteCount`.
    private(set) var hasUncertainTail = false
    /// Files that only the record in doubt names, relative to the directory.
    private var uncertainFiles: [String] = []

    private var path: String { "\(directory)/\(FileNames.manifest)" }

    /// Takes an open manifest whose valid records end at `contents.validBytes`.
    init(
        disk: any Disk, directory: String, handle: FileHandle, contents: ManifestFrames.Contents
    ) {
        self.disk = disk
        self.directory = directory
        self.handle = handle
        state = contents.state
        byteCount = contents.validBytes
        nextSequence = contents.nextSequence
        liveBytes = contents.validBytes
        hasUncertainTail = contents.bytesCut > 0
    }

    deinit { disk.close(handle) }

    /// Creates the manifest of a new data directory, or of one whose manifest is lost.
    static func create(
        disk: any Disk, directory: String,
        contents: ManifestFrames.Contents = ManifestFrames.Contents()
    ) throws(DiskError) -> ManifestFile {
        let (handle, byteCount) = try writeSnapshot(
            contents.state, sequence: contents.nextSequence, disk: disk, directory: directory)
        var created = contents
        created.validBytes = byteCount
        created.bytesCut = 0
        created.nextSequence += 1
        do throws(DiskError) {
            let path = "\(directory)/\(FileNames.manifest)"
            try disk.rename(path + FileNames.temporarySuffix, to: path)
            try disk.syncDirectory(directory)
        } catch {
            disk.close(handle)
            throw error
        }
        return ManifestFile(disk: disk, directory: directory, handle: handle, contents: created)
    }

    /// Appends a record and syncs it: the moment at which what it says is so.
    mutating func append(_ record: ManifestRecord) throws(DiskError) {
        try syncDirectory()
        let bytes = ManifestFrames.frame(record, sequence: nextSequence)
        do throws(DiskError) {
            try disk.perform(
                WriteBatch(
                    writes: [WriteBatch.Write(file: handle, offset: byteCount, bytes: bytes)],
                    syncFiles: [handle]))
        } catch {
            hasUncertainTail = true
            cutTail()
            throw error
        }
        hasUncertainTail = false
        byteCount += bytes.count
        nextSequence += 1
        state.apply(record)
        removeUncertainFiles()
    }

    /// Does what a record says without writing it: for what the disk cannot take now, and what the
    /// next start finds by itself again.
    mutating func assume(_ record: ManifestRecord) { state.apply(record) }

    /// Files of a record that failed: removes them, or, while the record may be on the disk, keeps
    /// them until it surely is not.
    mutating func abandon(files: [String]) {
        uncertainFiles += files
        if hasUncertainTail { cutTail() } else { removeUncertainFiles() }
    }

    /// Tries to remove a record in doubt from the file.
    private mutating func cutTail() {
        do throws(DiskError) {
            try disk.truncate(handle, to: byteCount)
            try disk.perform(WriteBatch(syncFiles: [handle]))
            hasUncertainTail = false
            removeUncertainFiles()
        } catch {
            // The next record is written over it.
        }
    }

    private mutating func removeUncertainFiles() {
        for file in uncertainFiles {
            // What cannot be removed now is removed at the next start, as no record names it.
            try? disk.removePart("\(directory)/\(file)")
        }
        uncertainFiles = []
    }

    private mutating func syncDirectory() throws(DiskError) {
        guard needsDirectorySync else { return }
        try disk.syncDirectory(directory)
        needsDirectorySync = false
    }

    /// Whether the file is worth writing anew: above `floor` and twice what its state needs.
    mutating func isRewriteDue(floor: Int) -> Bool {
        guard byteCount > floor, byteCount > 2 * liveBytes else { return false }
        liveBytes = ManifestFrames.frame(.snapshot(state), sequence: 0).count
        return byteCount > 2 * liveBytes
    }

    /// Replaces the file by one that says the same in one record.
    mutating func rewrite() throws(DiskError) {
        let (newHandle, newByteCount) = try ManifestFile.writeSnapshot(
            state, sequence: nextSequence, disk: disk, directory: directory)
        do throws(DiskError) {
            try disk.rename(path + FileNames.temporarySuffix, to: path)
        } catch {
            disk.close(newHandle)
            throw error
        }
        disk.close(handle)
        handle = newHandle
        byteCount = newByteCount
        liveBytes = newByteCount
        nextSequence += 1
        hasUncertainTail = false
        needsDirectorySync = true
        try syncDirectory()
        // Only now does no manifest on the disk hold the record in doubt.
        removeUncertainFiles()
    }

    private static func writeSnapshot(
        _ state: ManifestState, sequence: UInt64, disk: any Disk, directory: String
    ) throws(DiskError) -> (FileHandle, byteCount: Int) {
        let path = "\(directory)/\(FileNames.manifest)\(FileNames.temporarySuffix)"
        if try disk.exists(path) { try disk.unlink(path) }
        let handle = try disk.open(path, .create)
        let bytes = ManifestFrames.frame(.snapshot(state), sequence: sequence)
        do throws(DiskError) {
            try disk.perform(
                WriteBatch(
                    writes: [WriteBatch.Write(file: handle, offset: 0, bytes: bytes)],
                    syncFiles: [handle]))
        } catch {
            disk.close(handle)
            throw error
        }
        return (handle, bytes.count)
    }
}
