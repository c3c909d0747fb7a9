internal import Base
internal import Disk

/// Opens or creates a data directory: checks whose it is, then locks it.
enum DataDirectory {
    /// Names that a creation may have left when it ended before `FORMAT` was there.
    private static let beginnings: Set<String> = [
        FileNames.lock, FileNames.format + FileNames.temporarySuffix, FileNames.lostAndFound,
    ]

    /// An open, locked directory.
    struct Opened {
        /// The lock lives as long as the handle is open.
        var lock: FileHandle
        var isNew: Bool
    }

    /// Refuses a directory that is not ours or of a newer format before it changes anything.
    static func open(_ path: String, disk: any Disk) throws(StoreError) -> Opened {
        do throws(DiskError) {
            if try !disk.exists(path) { try disk.createDirectory(path) }
        } catch { throw .disk(error) }
        _ = try format(path, disk)
        let lock = try takeLock(path, disk)
        do throws(StoreError) {
            // Another process may have created the store between the look and the lock.
            let version = try format(path, disk)
            // What is written from now on is of this version.
            if version != storeFormatVersion {
                try writeFormat(path, disk)
            } else {
                try syncNames(path, disk)
            }
            return Opened(lock: lock, isNew: version == nil)
        } catch {
            disk.close(lock)
            throw error
        }
    }

    /// The version of a store of ours; nil if the directory is empty.
    static func format(_ path: String, _ disk: any Disk) throws(StoreError) -> Int? {
        let text: String
        do throws(DiskError) {
            let names = try disk.list(path)
            guard names.contains(FileNames.format) else {
                if names.allSatisfy({ beginnings.contains($0) }) { return nil }
                throw DiskError(operation: "", path: path, code: 0, message: "")
            }
            text = String(
                decoding: try readFile("\(path)/\(FileNames.format)", disk), as: UTF8.self)
        } catch {
            if error.operation.isEmpty { throw .foreignDirectory(path: path) }
            throw .disk(error)
        }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == "weir", let version = Int(words[1]), version > 0 else {
            throw .foreignDirectory(path: path)
        }
        if version > storeFormatVersion {
            throw .newerFormat(path: path, found: "\(version)", supported: storeFormatVersion)
        }
        guard text == FileNames.formatText(version: version) else {
            throw .foreignDirectory(path: path)
        }
        return version
    }

    private static func takeLock(_ path: String, _ disk: any Disk) throws(StoreError) -> FileHandle
    {
        let file = "\(path)/\(FileNames.lock)"
        do throws(DiskError) {
            let handle = try disk.open(file, try disk.exists(file) ? .readWrite : .create)
            if try disk.lock(handle) { return handle }
            disk.close(handle)
        } catch { throw .disk(error) }
        throw .locked(path: path)
    }

    /// Writes `FORMAT`, which makes the directory ours.
    private static func writeFormat(_ path: String, _ disk: any Disk) throws(StoreError) {
        let file = "\(path)/\(FileNames.format)"
        let temporary = file + FileNames.temporarySuffix
        do throws(DiskError) {
            if try disk.exists(temporary) { try disk.unlink(temporary) }
            let handle = try disk.open(temporary, .create)
            defer { disk.close(handle) }
            let text = Array(FileNames.formatText(version: storeFormatVersion).utf8)
            try disk.perform(
                WriteBatch(
                    writes: [WriteBatch.Write(file: handle, offset: 0, bytes: text)],
                    syncFiles: [handle]))
            try disk.rename(temporary, to: file)
            try disk.syncDirectory(path)
            try disk.syncDirectory(parent(path))
        } catch { throw .disk(error) }
    }

    /// Makes the names durable that are found: a process that was killed may have left a new
    /// manifest, say, whose name is not, and a power cut would bring back the old one.
    private static func syncNames(_ path: String, _ disk: any Disk) throws(StoreError) {
        do throws(DiskError) {
            try disk.syncDirectory(path)
            try disk.syncDirectory(parent(path))
        } catch { throw .disk(error) }
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The size of a file; nil where there is none.
    static func size(_ path: String, _ disk: any Disk) throws(DiskError) -> Int? {
        guard try disk.exists(path) else { return nil }
        let handle = try disk.open(path, .read)
        defer { disk.close(handle) }
        return try disk.size(of: handle)
    }

    /// All bytes of a file.
    static func readFile(_ path: String, _ disk: any Disk) throws(DiskError) -> [UInt8] {
        let handle = try disk.open(path, .read)
        defer { disk.close(handle) }
        let byteCount = try disk.size(of: handle)
        if byteCount == 0 { return [] }
        return try disk.read([ReadRange(file: handle, offset: 0, byteCount: byteCount)])[0]
    }
}
