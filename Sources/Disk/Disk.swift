/// Everything that Weir does to a file system, behind one narrow interface: `LinuxDisk` does it
/// for real (batches on io_uring, or on pread and pwrite where the kernel forbids that),
/// `FaultingDisk` in memory, losing and tearing what a real disk may.
///
/// Paths are absolute or relative to the process; "/"-separated. All calls block. Safe to call
/// from several threads at once.
package protocol Disk: AnyObject, Sendable {
    /// Opens a file. The caller closes it; `File` does so by itself.
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> FileHandle
    func close(_ file: FileHandle)
    func size(of file: FileHandle) throws(DiskError) -> Int

    /// Performs the writes, in any order and at once, and then the syncs; returns when all are
    /// done. A short write is continued. On an error some of it may have been done.
    func perform(_ batch: WriteBatch) throws(DiskError)

    /// Reads all the ranges at once, into one array each. A range that ends past the end of the
    /// file is an error (`endOfFile`).
    func read(_ ranges: [ReadRange]) throws(DiskError) -> [[UInt8]]

    /// Sets aside space (and zeros it) so that later writes inside need no new metadata.
    func preallocate(_ file: FileHandle, byteCount: Int) throws(DiskError)
    func truncate(_ file: FileHandle, to byteCount: Int) throws(DiskError)

    /// Creates the folder and those above it; fine if it exists.
    func createDirectory(_ path: String) throws(DiskError)
    /// The names in a folder, in byte order, without "." and "..".
    func list(_ path: String) throws(DiskError) -> [String]
    func exists(_ path: String) throws(DiskError) -> Bool
    func isDirectory(_ path: String) throws(DiskError) -> Bool
    /// Replaces `target` if it exists, atomically; durable once the folder is synced.
    func rename(_ source: String, to target: String) throws(DiskError)
    /// Gives a file another name in the same file system, which must not exist; durable once the
    /// folder of the name is synced.
    func link(_ source: String, to target: String) throws(DiskError)
    func unlink(_ path: String) throws(DiskError)
    func removeDirectory(_ path: String) throws(DiskError)
    func syncDirectory(_ path: String) throws(DiskError)
    /// Bytes that may still be written to the file system of `path`.
    func freeSpace(at path: String) throws(DiskError) -> Int
    /// Takes the exclusive lock of the file for the life of the handle; false if another has it.
    func lock(_ file: FileHandle) throws(DiskError) -> Bool
}

/// Names an open file of one `Disk`.
package struct FileHandle: Sendable, Hashable {
    /// The number of the file within its disk.
    package var number: Int32
    /// Makes one of its parts.
    package init(number: Int32) { self.number = number }
}

/// What a file is opened for.
package enum OpenMode: Sendable {
    case read
    /// Reads and writes a file that exists.
    case readWrite
    /// Creates a file that must not exist, for reading and writing.
    case create
}

/// A part of a file that is wanted.
package struct ReadRange: Sendable {
    /// The file that is meant.
    package var file: FileHandle
    /// The byte in the file at which it starts.
    package var offset: Int
    /// How many bytes are wanted.
    package var byteCount: Int

    /// Makes one of its parts.
    package init(file: FileHandle, offset: Int, byteCount: Int) {
        self.file = file
        self.offset = offset
        self.byteCount = byteCount
    }
}

/// Writes, then syncs of files (data and the size that is needed to read it), then of folders.
package struct WriteBatch: Sendable {
    /// Bytes on their way to a place in a file.
    package struct Write: Sendable {
        /// The file that is meant.
        package var file: FileHandle
        /// The byte in the file at which it starts.
        package var offset: Int
        /// The bytes, which are not copied.
        package var bytes: [UInt8]

        /// Makes one of its parts.
        package init(file: FileHandle, offset: Int, bytes: [UInt8]) {
            self.file = file
            self.offset = offset
            self.bytes = bytes
        }
    }

    /// What is written, in any order.
    package var writes: [Write]
    /// The files that are synced after the writes.
    package var syncFiles: [FileHandle]
    /// The folders that are synced last.
    package var syncDirectories: [String]

    /// Makes one of its parts.
    package init(
        writes: [Write] = [], syncFiles: [FileHandle] = [], syncDirectories: [String] = []
    ) {
        self.writes = writes
        self.syncFiles = syncFiles
        self.syncDirectories = syncDirectories
    }
}

/// An operation of the file system that failed.
package struct DiskError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name of the operation: `open`, `write`, `sync` and so on.
    package var operation: String
    /// The path as it was given or, for an open file, the one that it has now.
    package var path: String
    /// The errno, or 0 where a file ended early.
    package var code: Int32
    /// What went wrong, in words.
    package var message: String

    /// Makes one of its parts.
    package init(operation: String, path: String, code: Int32, message: String) {
        self.operation = operation
        self.path = path
        self.code = code
        self.message = message
    }

    /// The operation, the path and the message on one line.
    package var description: String { "\(operation) \(path): \(message)" }
}
