import Base
import Disk
import Glibc
import Synchronization
import Testing

/// What every disk must do, whatever is below it.
@Suite struct DiskSuite {
    @Test(arguments: DiskKind.allCases) func whatIsWrittenIsRead(kind: DiskKind) throws {
        try kind.withDisk { disk, folder in
            let file = try File(disk, folder + "/a", .create)
            let first = bytes(3_000_000, seed: 1)
            let second = bytes(10, seed: 2)
            try disk.perform(
                WriteBatch(
                    writes: [
                        .init(file: file.handle, offset: 0, bytes: first),
                        .init(file: file.handle, offset: 3_000_100, bytes: second),
                        .init(file: file.handle, offset: 7, bytes: []),
                    ],
                    syncFiles: [file.handle], syncDirectories: [folder]))
            #expect(try disk.size(of: file.handle) == 3_000_110)
            let read = try disk.read([
                ReadRange(file: file.handle, offset: 0, byteCount: 3_000_000),
                ReadRange(file: file.handle, offset: 3_000_000, byteCount: 110),
                ReadRange(file: file.handle, offset: 17, byteCount: 0),
                ReadRange(file: file.handle, offset: 2_999_999, byteCount: 1),
            ])
            #expect(read[0] == first)
            #expect(read[1] == [UInt8](repeating: 0, count: 100) + second)
            #expect(read[2].isEmpty)
            #expect(read[3] == [first[2_999_999]])
        }
    }

    @Test(arguments: DiskKind.allCases) func manyWritesOfOneBatch(kind: DiskKind) throws {
        // More jobs than the ring holds at once.
        try kind.withDisk { disk, folder in
            var files: [FileHandle] = []
            defer { for file in files { disk.close(file) } }
            for index in 0..<20 { files.append(try disk.open("\(folder)/\(index)", .create)) }
            var batch = WriteBatch(syncFiles: files, syncDirectories: [folder, folder])
            for index in 0..<400 {
                batch.writes.append(
                    .init(
                        file: files[index % 20], offset: index / 20 * 100,
                        bytes: bytes(100, seed: UInt64(index))))
            }
            try disk.perform(batch)
            let ranges = batch.writes.map {
                ReadRange(file: $0.file, offset: $0.offset, byteCount: 100)
            }
            #expect(try disk.read(ranges) == batch.writes.map(\.bytes))
        }
    }

    @Test(arguments: DiskKind.allCases) func readingPastTheEndFails(kind: DiskKind) throws {
        try kind.withDisk { disk, folder in
            let file = try File(disk, folder + "/short", .create)
            try disk.perform(
                WriteBatch(writes: [.init(file: file.handle, offset: 0, bytes: [1, 2, 3])]))
            let error = #expect(throws: DiskError.self) {
                try disk.read([ReadRange(file: file.handle, offset: 1, byteCount: 3)])
            }
            #expect(error?.code == 0)
            #expect(error?.operation == "read")
            #expect(error?.path == folder + "/short")
            #expect(error?.message == "the file ends early")
        }
    }

    @Test(arguments: DiskKind.allCases) func linksAndCopies(kind: DiskKind) throws {
        try kind.withDisk { disk, folder in
            let content = bytes(5 << 20, seed: 3)
            do {
                let file = try File(disk, folder + "/file", .create)
                try disk.perform(
                    WriteBatch(
                        writes: [.init(file: file.handle, offset: 0, bytes: content)],
                        syncFiles: [file.handle]))
            }
            try disk.createDirectory(folder + "/tree/inner")
            #expect(try !disk.linkOrCopy(folder + "/file", to: folder + "/tree/inner/link"))
            try disk.copy(folder + "/file", to: folder + "/tree/copy")
            expectErrno(EEXIST) { try disk.link(folder + "/file", to: folder + "/tree/copy") }
            expectErrno(EEXIST) { try disk.copy(folder + "/file", to: folder + "/tree/copy") }
            expectErrno(ENOENT) { try disk.link(folder + "/none", to: folder + "/other") }
            try disk.unlink(folder + "/file")
            // A folder takes with it what is in it.
            try disk.rename(folder + "/tree", to: folder + "/moved")
            for name in ["inner/link", "copy"] {
                let file = try File(disk, "\(folder)/moved/\(name)", .read)
                let size = try disk.size(of: file.handle)
                let whole = ReadRange(file: file.handle, offset: 0, byteCount: size)
                #expect(try disk.read([whole])[0] == content)
            }
            try disk.removeTree(folder + "/moved")
            #expect(try disk.list(folder).isEmpty)
        }
    }

    @Test(arguments: DiskKind.allCases) func openModes(kind: DiskKind) throws {
        try kind.withDisk { disk, folder in
            let path = folder + "/modes"
            expectErrno(ENOENT) { _ = try disk.open(path, .read) }
            expectErrno(ENOENT) { _ = try disk.open(path, .readWrite) }
            disk.close(try disk.open(path, .create))
            expectErrno(EEXIST) { _ = try disk.open(path, .create) }
            let file = try File(disk, path, .readWrite)
            try disk.preallocate(file.handle, byteCount: 10_000)
            #expect(try disk.size(of: file.handle) == 10_000)
            try disk.preallocate(file.handle, byteCount: 10)
            #expect(try disk.size(of: file.handle) == 10_000)
            try disk.truncate(file.handle, to: 5)
            #expect(try disk.size(of: file.handle) == 5)
            let zeros = try disk.read([ReadRange(file: file.handle, offset: 0, byteCount: 5)])
            #expect(zeros == [[0, 0, 0, 0, 0]])
        }
    }

    @Test(arguments: DiskKind.allCases) func names(kind: DiskKind) throws {
        try kind.withDisk { disk, folder in
            try disk.createDirectory(folder + "/x/y/z")
            try disk.createDirectory(folder + "/x/y/z")
            #expect(try disk.isDirectory(folder + "/x/y/z"))
            #expect(try !disk.exists(folder + "/x/none"))
            #expect(try !disk.exists(folder + "/x/none/deeper"))
            for name in ["b", "a", "é", "Z"] {
                disk.close(try disk.open("\(folder)/x/\(name)", .create))
            }
            #expect(try disk.list(folder + "/x") == ["Z", "a", "b", "y", "é"])
            #expect(try !disk.isDirectory(folder + "/x/a"))
            try disk.rename(folder + "/x/a", to: folder + "/x/b")
            try disk.rename(folder + "/x/b", to: folder + "/x/y/moved")
            try disk.unlink(folder + "/x/Z")
            try disk.syncDirectory(folder + "/x")
            #expect(try disk.list(folder + "/x") == ["y", "é"])
            #expect(try disk.list(folder + "/x/y") == ["moved", "z"])
            expectErrno(ENOTEMPTY) { try disk.removeDirectory(folder + "/x/y") }
            expectErrno(ENOENT) { try disk.unlink(folder + "/x/Z") }
            expectErrno(ENOENT) { try disk.rename(folder + "/q", to: folder + "/r") }
            expectErrno(ENOENT) { _ = try disk.list(folder + "/q") }
            expectErrno(ENOENT) { try disk.syncDirectory(folder + "/q") }
            try disk.removeDirectory(folder + "/x/y/z")
            #expect(try disk.freeSpace(at: folder) > 1_000_000)
        }
    }

    @Test(arguments: DiskKind.allCases) func anUnlinkedFileLivesUntilItIsClosed(
        kind: DiskKind
    ) throws {
        try kind.withDisk { disk, folder in
            let file = try File(disk, folder + "/gone", .create)
            try disk.perform(WriteBatch(writes: [.init(file: file.handle, offset: 0, bytes: [9])]))
            try disk.unlink(folder + "/gone")
            let read = try disk.read([ReadRange(file: file.handle, offset: 0, byteCount: 1)])
            #expect(read == [[9]])
        }
    }

    @Test(arguments: DiskKind.allCases) func onlyOneHandleHasTheLock(kind: DiskKind) throws {
        try kind.withDisk { disk, folder in
            let first = try File(disk, folder + "/LOCK", .create)
            let second = try File(disk, folder + "/LOCK", .readWrite)
            #expect(try disk.lock(first.handle))
            #expect(try !disk.lock(second.handle))
            first.close()
            #expect(try disk.lock(second.handle))
        }
    }

    @Test(arguments: DiskKind.allCases) func threadsShareADisk(kind: DiskKind) throws {
        try kind.withDisk { disk, folder in
            let users = DiskUsers(disk: disk, folder: folder)
            let first = WorkerThread(name: "test-1") { users.use(1) }
            let second = WorkerThread(name: "test-2") { users.use(2) }
            let third = WorkerThread(name: "test-3") { users.use(3) }
            first.join()
            second.join()
            third.join()
            #expect(users.successes.load(ordering: .relaxed) == 60)
        }
    }

    @Test(arguments: DiskKind.allCases) func batchesFailWithThePathAndTheErrno(
        kind: DiskKind
    ) throws {
        if kind == .faulting { return }
        try kind.withDisk { disk, folder in
            let full = try File(disk, "/dev/full", .readWrite)
            let batch = WriteBatch(writes: [.init(file: full.handle, offset: 0, bytes: [1])])
            let error = expectErrno(ENOSPC) { try disk.perform(batch) }
            #expect(error?.description == "write /dev/full: No space left on device")
            let nowhere = WriteBatch(syncDirectories: [folder + "/none"])
            expectErrno(ENOENT) { try disk.perform(nowhere) }
        }
    }

    @Test func parents() {
        #expect(parentPath(of: "/a/b") == "/a")
        #expect(parentPath(of: "/a/b/") == "/a")
        #expect(parentPath(of: "/a") == "/")
        #expect(parentPath(of: "/") == "/")
        #expect(parentPath(of: "a/b") == "a")
        #expect(parentPath(of: "a") == ".")
    }
}

/// Expects a `DiskError` of this errno.
@discardableResult
func expectErrno(
    _ code: Int32, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> DiskError? {
    let error = #expect(throws: DiskError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    return error
}

/// Writes and reads a file of its own on each thread.
private final class DiskUsers: Sendable {
    let disk: any Disk
    let folder: String
    let successes = Atomic(0)

    init(disk: any Disk, folder: String) {
        self.disk = disk
        self.folder = folder
    }

    func use(_ thread: Int) {
        guard let file = try? File(disk, "\(folder)/thread-\(thread)", .create) else { return }
        for round in 0..<20 {
            let data = bytes(5_000, seed: UInt64(thread * 1_000 + round))
            let range = ReadRange(file: file.handle, offset: round * 5_000, byteCount: 5_000)
            let batch = WriteBatch(
                writes: [.init(file: file.handle, offset: range.offset, bytes: data)],
                syncFiles: round % 10 == 0 ? [file.handle] : [])
            guard (try? disk.perform(batch)) != nil, (try? disk.read([range])) == [data] else {
                return
            }
            successes.add(1, ordering: .relaxed)
        }
    }
}
