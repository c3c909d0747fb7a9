package import Base
package import Disk
internal import Glibc
package import PartFormat

/// The files of a part as they lie on disk, read without a store: nothing is locked, and no
/// manifest has to name them.
///
/// What offline tools look at parts through. The store itself reads through `Part`. Files are
/// opened when they are read, and some stay open.
package final class PartFiles {
    /// Files of a wide part that are open at once.
    private static let handlesMost = 64

    /// Where the part is.
    package let path: String
    /// What errors call it.
    package let name: String
    /// What the part says of itself.
    package let footer: PartFooter
    private let disk: any Disk
    /// By file of the part.
    private var handles: [Int: FileHandle] = [:]

    /// Opens a part, a file or a folder, and reads its footer.
    package init(_ path: String, name: String, disk: any Disk) throws(StoreError) {
        self.path = path
        self.name = name
        self.disk = disk
        let opened = try Self.openFooter(path, disk)
        handles[0] = opened.handle
        let file = opened.isFolder ? "\(name)/\(Container.name(file: 0))" : name
        do throws(StoreError) {
            footer = try FooterReader(disk: disk).read(
                name: file, opened.handle, fileSize: opened.byteCount)
            let container: Container = opened.isFolder ? .wide : .packed
            guard footer.container == container else {
                throw .corrupt(
                    CorruptionError(
                        file: file, offset: opened.byteCount - 15,
                        expected: "a \(container) part", found: "a \(footer.container) one"))
            }
        } catch {
            disk.close(opened.handle)
            throw error
        }
    }

    /// Opens the file that the footer is in.
    private static func openFooter(
        _ path: String, _ disk: any Disk
    ) throws(StoreError) -> (handle: FileHandle, byteCount: Int, isFolder: Bool) {
        do throws(DiskError) {
            let isFolder = try disk.isDirectory(path)
            let file = isFolder ? "\(path)/\(Container.name(file: 0))" : path
            let handle = try disk.open(file, .read)
            do throws(DiskError) {
                return (handle, try disk.size(of: handle), isFolder)
            } catch {
                disk.close(handle)
                throw error
            }
        } catch {
            throw .disk(error)
        }
    }

    deinit { for handle in handles.values { disk.close(handle) } }

    /// How many files the part has; file 0 has the footer.
    package var fileCount: Int {
        footer.container.fileCount(columns: footer.schema.columns.count)
    }

    /// What errors call one of its files.
    package func name(file: Int) -> String {
        footer.container == .packed ? name : "\(name)/\(Container.name(file: file))"
    }

    /// The size of one of its files.
    package func size(file: Int) throws(StoreError) -> Int {
        let handle = try open(file)
        do { return try disk.size(of: handle) } catch { throw .disk(error) }
    }

    /// Bytes of one of its files; it is damage if the file ends before they do.
    package func read(file: Int, _ ranges: [Range<Int>]) throws(StoreError) -> [[UInt8]] {
        let handle = try open(file)
        do throws(DiskError) {
            return try disk.read(
                ranges.map {
                    ReadRange(file: handle, offset: $0.lowerBound, byteCount: $0.count)
                })
        } catch {
            guard error.code == 0 else { throw .disk(error) }
            let end = ranges.map(\.upperBound).max() ?? 0
            let size = try self.size(file: file)
            throw .corrupt(
                CorruptionError(
                    file: name(file: file), offset: size, expected: "a file of \(end) bytes",
                    found: "its end"))
        }
    }

    /// The dictionary of a column; nil if its blocks hold no codes.
    package func dictionary(
        column: Int, _ decoder: inout BlockDecoder
    ) throws(StoreError) -> StringTable? {
        guard let range = footer.dictionaryRange(column: column) else { return nil }
        let file = footer.container.file(column: column)
        let bytes = try read(file: file, [range])[0]
        do throws(CorruptionError) {
            return try decoder.decodeDictionary(footer, column: column, bytes: bytes.span)
        } catch {
            throw .corrupt(error.located(in: name(file: file)))
        }
    }

    /// The map of a column whose codes follow from another's; nil without one.
    package func map(
        column: Int, _ decoder: inout BlockDecoder
    ) throws(StoreError) -> [UInt32]? {
        guard let range = footer.mapRange(column: column) else { return nil }
        let file = footer.container.file(column: column)
        let bytes = try read(file: file, [range])[0]
        do throws(CorruptionError) {
            return try decoder.decodeMap(footer, column: column, bytes: bytes.span)
        } catch {
            throw .corrupt(error.located(in: name(file: file)))
        }
    }

    /// The stored bytes of a column's blocks.
    package func blocks(column: Int, granules: Range<Int>) throws(StoreError) -> [[UInt8]] {
        try read(
            file: footer.container.file(column: column),
            granules.map { footer.blockRange(column: column, granule: $0) })
    }

    private func open(_ file: Int) throws(StoreError) -> FileHandle {
        if let handle = handles[file] { return handle }
        if handles.count >= Self.handlesMost, let other = handles.keys.first(where: { $0 != 0 }) {
            handles.removeValue(forKey: other).map { disk.close($0) }
        }
        do throws(DiskError) {
            let handle = try disk.open("\(path)/\(Container.name(file: file))", .read)
            handles[file] = handle
            return handle
        } catch {
            throw .disk(error)
        }
    }
}
