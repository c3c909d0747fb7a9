/// An open file that closes itself.
package struct File: ~Copyable, Sendable {
    /// The handle, for batches; valid as long as this value lives.
    package let handle: FileHandle
    private let disk: any Disk

    /// Opens a file of the disk.
    package init(_ disk: any Disk, _ path: String, _ mode: OpenMode) throws(DiskError) {
        handle = try disk.open(path, mode)
        self.disk = disk
    }

    deinit { disk.close(handle) }

    /// Closes the file now instead of at the end of the value's life.
    package consuming func close() {}
}
