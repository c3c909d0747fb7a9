internal import Base
internal import Disk
internal import PartFormat
internal import Synchronization

/// The file that a merge writes, piece by piece.
final class MergeOutput {
    private let store: Store
    private let path: String
    private let folders: [String]
    private var handle: FileHandle?
    private(set) var byteCount = 0

    init(_ store: Store, path: String, folder: String) throws(DiskError) {
        self.store = store
        self.path = "\(store.directory)/\(path)"
        folders = try store.createFolders([folder])
        handle = try store.disk.open(self.path, .create)
    }

    func append(_ bytes: [UInt8]) throws(StoreError) {
        guard let handle, !bytes.isEmpty else { return }
        do throws(DiskError) {
            try store.disk.perform(
                WriteBatch(
                    writes: [WriteBatch.Write(file: handle, offset: byteCount, bytes: bytes)]))
        } catch {
            throw .disk(error)
        }
        byteCount += bytes.count
    }

    /// Syncs the file and its folders, and reads its footer back.
    func finish(_ entry: PartEntry) throws(StoreError) -> PartFooter {
        guard let handle else { throw .invalid(message: "\(path) is closed") }
        do throws(DiskError) {
            try store.disk.perform(
                WriteBatch(
                    syncFiles: [handle],
                    syncDirectories: folders.map { "\(store.directory)/\($0)" }))
        } catch {
            throw .disk(error)
        }
        store.syncedFolders.withLock { $0.formUnion(folders) }
        return try FooterReader(disk: store.disk).read(entry, handle, tail: nil)
    }

    func close() {
        if let handle { store.disk.close(handle) }
        handle = nil
    }

    deinit { close() }
}

/// Reads footers, and checks them against what the manifest says.
struct FooterReader {
    let disk: any Disk

    /// The footer of a part; `tail` are the bytes of `PartFooter.tailRange`, if they are read.
    func read(
        _ entry: PartEntry, _ handle: FileHandle, tail: [UInt8]?
    ) throws(StoreError) -> PartFooter {
        let fileSize = entry.byteCount
        let tailRange = PartFooter.tailRange(fileSize: fileSize)
        let tail = if let tail { tail } else { try bytes(handle, tailRange) }
        do throws(CorruptionError) {
            let range = try PartFooter.footerRange(tail: tail.span, fileSize: fileSize)
            if range.lowerBound >= tailRange.lowerBound {
                let start = range.lowerBound - tailRange.lowerBound
                let footer = try PartFooter(
                    decoding: tail.span.extracting(start..<start + range.count),
                    fileSize: fileSize)
                try check(footer, entry, range)
                return footer
            }
        } catch {
            throw .corrupt(error.located(in: entry.path))
        }
        return try readLarge(entry, handle, tail)
    }

    /// A footer that does not fit into the tail.
    private func readLarge(
        _ entry: PartEntry, _ handle: FileHandle, _ tail: [UInt8]
    ) throws(StoreError) -> PartFooter {
        let range: Range<Int>
        do throws(CorruptionError) {
            range = try PartFooter.footerRange(tail: tail.span, fileSize: entry.byteCount)
        } catch {
            throw .corrupt(error.located(in: entry.path))
        }
        let footerBytes = try bytes(handle, range)
        do throws(CorruptionError) {
            let footer = try PartFooter(decoding: footerBytes.span, fileSize: entry.byteCount)
            try check(footer, entry, range)
            return footer
        } catch {
            throw .corrupt(error.located(in: entry.path))
        }
    }

    private func check(
        _ footer: PartFooter, _ entry: PartEntry, _ range: Range<Int>
    ) throws(CorruptionError) {
        guard footer.rowCount == entry.rowCount, footer.schema.name == entry.table else {
            throw CorruptionError(
                offset: range.lowerBound, expected: "\(entry.rowCount) rows of \(entry.table)",
                found: "\(footer.rowCount) rows of \(footer.schema.name)")
        }
    }

    private func bytes(
        _ handle: FileHandle, _ range: Range<Int>
    ) throws(StoreError) -> [UInt8] {
        do throws(DiskError) {
            return try disk.read([
                ReadRange(file: handle, offset: range.lowerBound, byteCount: range.count)
            ])[0]
        } catch {
            throw .disk(error)
        }
    }
}
