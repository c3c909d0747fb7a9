internal import Base
internal import CLinux
internal import Glibc

/// The file system of the machine.
///
/// Batches run on io_uring where the kernel allows it, else on pread, pwrite and fdatasync; the
/// results are the same, and the tests run on both. This file has the calls on one file and the
/// batches, `LinuxDisk+Paths` those on names.
package final class LinuxDisk: Disk {
    /// How batches are performed.
    package enum BatchMethod: Sendable, CaseIterable {
        /// On io_uring if the kernel allows it, else by plain calls.
        case automatic
        /// On io_uring. Ask `isUringAvailable` first; it is a programmer error where it is not.
        case uring
        /// With plain calls, on a few threads.
        case threads
    }

    private let rings: RingPool?
    /// The paths of the open files, for errors.
    private let paths = Locked<[Int32: String]>([:])

    /// Makes a disk; see `BatchMethod`.
    package init(io method: BatchMethod = .automatic) {
        switch method {
        case .threads: rings = nil
        case .automatic: rings = try? RingPool()
        case .uring:
            rings = try? RingPool()
            invariant(rings != nil, "io_uring is not available")
        }
    }

    /// Whether this process may use io_uring.
    package static var isUringAvailable: Bool { (try? Ring()) != nil }

    /// Whether batches run on io_uring.
    package var usesUring: Bool { rings != nil }

    /// Opens a file; see `Disk`.
    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> FileHandle {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        let number = Int32(
            try call("open", path) {
                unsafe Int(weir_open(path, flags | O_CLOEXEC, 0o644))
            })
        paths.withLock { $0[number] = path }
        return FileHandle(number: number)
    }

    /// Closes a file; see `Disk`.
    package func close(_ file: FileHandle) {
        let path = paths.withLock { $0.removeValue(forKey: file.number) }
        invariant(path != nil, "file \(file.number) is closed twice")
        // Linux has closed the file whatever it returns; what a write could not do, a sync told.
        _ = Glibc.close(file.number)
    }

    /// The size of a file in bytes.
    package func size(of file: FileHandle) throws(DiskError) -> Int {
        var status = stat()
        _ = try call("stat", path(of: file)) { unsafe Int(fstat(file.number, &status)) }
        return status.st_size
    }

    /// Performs a batch; see `Disk`.
    package func perform(_ batch: WriteBatch) throws(DiskError) {
        var jobs: [DiskJob] = []
        for write in batch.writes {
            // SAFETY: the batch keeps the array alive and unchanged until the jobs are done, and
            // an array's storage does not move. A job that writes only reads this memory.
            unsafe write.bytes.withUnsafeBytes { bytes in
                unsafe DiskJob.appendTransfer(
                    .write, write.file.number, UnsafeMutableRawBufferPointer(mutating: bytes),
                    offset: write.offset, to: &jobs)
            }
        }
        defer { withExtendedLifetime(batch) {} }
        try perform("write", &jobs)
        jobs = batch.syncFiles.map { .sync(.syncData, $0.number) }
        try perform("sync", &jobs)
        if !batch.syncDirectories.isEmpty { try syncAll(batch.syncDirectories) }
    }

    /// Reads ranges at once; see `Disk`.
    package func read(_ ranges: [ReadRange]) throws(DiskError) -> [[UInt8]] {
        var jobs: [DiskJob] = []
        var results: [[UInt8]] = []
        results.reserveCapacity(ranges.count)
        for range in ranges {
            invariant(range.byteCount >= 0 && range.offset >= 0, "a negative range")
            // SAFETY: every byte is written by a job before the array is handed out.
            results.append(
                unsafe [UInt8](unsafeUninitializedCapacity: range.byteCount) { _, count in
                    count = range.byteCount
                })
        }
        for index in ranges.indices {
            // SAFETY: `results` holds the only reference to the array and does not touch it until
            // the jobs are done, so its storage stays where it is.
            unsafe results[index].withUnsafeMutableBytes { bytes in
                unsafe DiskJob.appendTransfer(
                    .read, ranges[index].file.number, bytes, offset: ranges[index].offset,
                    to: &jobs)
            }
        }
        try perform("read", &jobs)
        return results
    }

    /// Sets aside space for a file; see `Disk`.
    package func preallocate(_ file: FileHandle, byteCount: Int) throws(DiskError) {
        guard byteCount > 0 else { return }
        while true {
            // Unlike fallocate, this also works (by writing) where the file system cannot reserve.
            let code = posix_fallocate(file.number, 0, byteCount)
            if code == 0 { return }
            if code == EINTR { continue }
            invariant(code != EBADF, "preallocate of a closed file")
            throw SystemError(code: code).located("preallocate", path(of: file))
        }
    }

    /// Cuts or extends a file to this size.
    package func truncate(_ file: FileHandle, to byteCount: Int) throws(DiskError) {
        _ = try call("truncate", path(of: file)) { Int(ftruncate(file.number, byteCount)) }
    }

    /// Takes the exclusive lock of a file; see `Disk`.
    package func lock(_ file: FileHandle) throws(DiskError) -> Bool {
        do {
            try systemCall { Int(flock(file.number, LOCK_EX | LOCK_NB)) }
            return true
        } catch {
            if error.code == EWOULDBLOCK { return false }
            throw error.located("lock", path(of: file))
        }
    }

    /// Lets the errors of open files tell their new path.
    func noteRename(_ source: String, to target: String) {
        paths.withLock { paths in
            for (number, path) in paths where path == source { paths[number] = target }
        }
    }

    func call(
        _ operation: String, _ path: String, _ body: () -> Int
    ) throws(DiskError) -> Int {
        do { return try systemCall(body) } catch { throw error.located(operation, path) }
    }

    /// Opens the folders, syncs them at once, and closes them.
    func syncAll(_ directories: [String]) throws(DiskError) {
        var jobs: [DiskJob] = []
        defer { for job in jobs { close(FileHandle(number: job.file)) } }
        for directory in directories {
            let number = Int32(
                try call("open", directory) {
                    unsafe Int(weir_open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0))
                })
            paths.withLock { $0[number] = directory }
            jobs.append(.sync(.syncAll, number))
        }
        try perform("sync", &jobs)
    }

    private func perform(_ operation: String, _ jobs: inout [DiskJob]) throws(DiskError) {
        if jobs.isEmpty { return }
        let failure: JobFailure?
        if let rings, let ring = rings.borrow() {
            failure = ring.perform(&jobs)
            rings.giveBack(ring)
        } else {
            failure = PlainCalls.perform(&jobs)
        }
        if let failure {
            let file = FileHandle(number: jobs[failure.index].file)
            throw failure.error.located(operation, path(of: file))
        }
    }

    private func path(of file: FileHandle) -> String {
        paths.withLock { $0[file.number] } ?? "file \(file.number)"
    }
}
