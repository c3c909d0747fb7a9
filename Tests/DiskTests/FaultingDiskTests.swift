import Base
import Disk
import Glibc
import Testing

@Suite struct FaultingDiskTests {
    @Test func aPowerCutLeavesWhatWasSynced() throws {
        let disk = FaultingDisk(seed: 1)
        try disk.createDirectory("/data")
        try disk.syncDirectory("/")
        let file = try File(disk, "/data/a", .create)
        try disk.perform(
            WriteBatch(
                writes: [.init(file: file.handle, offset: 0, bytes: [1, 2, 3])],
                syncFiles: [file.handle], syncDirectories: ["/data"]))
        try disk.perform(
            WriteBatch(writes: [.init(file: file.handle, offset: 1, bytes: [8, 9, 10])]))
        #expect(disk.contents(of: "/data/a") == [1, 8, 9, 10])
        #expect(disk.afterPowerCut(seed: 1, keeping: 0).contents(of: "/data/a") == [1, 2, 3])
        #expect(disk.afterPowerCut(seed: 1, keeping: 1).contents(of: "/data/a") == [1, 8, 9, 10])
        #expect(disk.afterKill(seed: 1).contents(of: "/data/a") == [1, 8, 9, 10])
    }

    @Test func aPowerCutTearsAtSectors() throws {
        let disk = FaultingDisk(seed: 1)
        let file = try File(disk, "/a", .create)
        let old = [UInt8](repeating: 1, count: 1_536)
        let new = [UInt8](repeating: 2, count: 1_536)
        try disk.perform(
            WriteBatch(
                writes: [.init(file: file.handle, offset: 0, bytes: old)],
                syncFiles: [file.handle], syncDirectories: ["/"]))
        try disk.perform(WriteBatch(writes: [.init(file: file.handle, offset: 0, bytes: new)]))
        var seen: Set<[UInt8]> = []
        for seed in 0..<300 {
            let left = try #require(disk.afterPowerCut(seed: UInt64(seed)).contents(of: "/a"))
            let sectors = stride(from: 0, to: 1_536, by: 512).map { left[$0] }
            let whole = sectors.flatMap { [UInt8](repeating: $0, count: 512) }
            #expect(left == whole, "seed \(seed) tears inside a sector")
            seen.insert(sectors)
        }
        // Three sectors, each old or new.
        #expect(seen.count == 8)
    }

    @Test func namesAreDurableOnlyAfterTheirFolderIsSynced() throws {
        let disk = FaultingDisk(seed: 1)
        for name in ["a", "b"] { disk.close(try disk.open("/" + name, .create)) }
        try disk.syncDirectory("/")
        disk.close(try disk.open("/c", .create))
        try disk.rename("/a", to: "/d")
        try disk.unlink("/b")
        #expect(try disk.list("/") == ["c", "d"])
        #expect(try disk.afterKill(seed: 1).list("/") == ["c", "d"])
        #expect(try disk.afterPowerCut(seed: 1, keeping: 0).list("/") == ["a", "b"])
        #expect(try disk.afterPowerCut(seed: 1, keeping: 1).list("/") == ["c", "d"])
        var seen: Set<[String]> = []
        for seed in 0..<200 { seen.insert(try disk.afterPowerCut(seed: UInt64(seed)).list("/")) }
        // Three changes, each come through or not.
        #expect(seen.count == 8)
        #expect(seen.allSatisfy { $0.contains("a") != $0.contains("d") })
    }

    @Test func filesAreLostWithTheirFolder() throws {
        let disk = FaultingDisk(seed: 1)
        try disk.createDirectory("/new")
        disk.close(try disk.open("/new/a", .create))
        try disk.syncDirectory("/new")
        let left = disk.afterPowerCut(seed: 1, keeping: 0)
        #expect(try left.list("/").isEmpty)
        #expect(try !left.exists("/new/a"))
    }

    @Test func afterAFailedSyncALaterOneSavesNothing() throws {
        let disk = FaultingDisk(seed: 3)
        let file = try File(disk, "/a", .create)
        try disk.syncDirectory("/")
        disk.setFaults([.init(.sync, code: EIO, count: 1)])
        var losses = 0
        for round in 0..<20 {
            let offset = round * 512
            let write = WriteBatch.Write(
                file: file.handle, offset: offset, bytes: [UInt8](repeating: 7, count: 512))
            disk.setFaults([.init(.sync, code: EIO, count: 1)])
            expectErrno(EIO) {
                try disk.perform(WriteBatch(writes: [write], syncFiles: [file.handle]))
            }
            try disk.perform(WriteBatch(syncFiles: [file.handle]))
            #expect(disk.contents(of: "/a")?[offset] == 7)
            let left = disk.afterPowerCut(seed: 1, keeping: 1).contents(of: "/a") ?? []
            if left.count <= offset || left[offset] != 7 { losses += 1 }
        }
        #expect(losses > 0)
    }

    @Test func everythingFailsFromTheStepOfTheCrash() throws {
        let disk = FaultingDisk(seed: 1)
        let file = try File(disk, "/a", .create)
        disk.crash(atStep: disk.steps + 1)
        try disk.perform(WriteBatch(writes: [.init(file: file.handle, offset: 0, bytes: [1])]))
        #expect(!disk.hasCrashed)
        let writes = WriteBatch(writes: [
            .init(file: file.handle, offset: 0, bytes: [UInt8](repeating: 3, count: 10_000))
        ])
        for _ in 0..<2 {
            let error = #expect(throws: DiskError.self) { try disk.perform(writes) }
            #expect(error.map(FaultingDisk.isCrash) == true)
        }
        #expect(disk.hasCrashed)
        // The step of the crash happened in part.
        #expect(try #require(disk.contents(of: "/a")).count < 10_000)
        let error = #expect(throws: DiskError.self) { _ = try disk.list("/") }
        #expect(error.map(FaultingDisk.isCrash) == true)
    }

    @Test func bitsOfWhatIsNotSyncedAreFlippedAndNoOthers() throws {
        let disk = FaultingDisk(seed: 1)
        let file = try File(disk, "/a", .create)
        let zeros = [UInt8](repeating: 0, count: 1_000)
        try disk.perform(
            WriteBatch(
                writes: [.init(file: file.handle, offset: 0, bytes: zeros)],
                syncFiles: [file.handle], syncDirectories: ["/"]))
        try disk.perform(
            WriteBatch(writes: [.init(file: file.handle, offset: 1_000, bytes: zeros)]))
        var flipped = 0
        for seed in 0..<50 {
            let cut = disk.afterPowerCut(seed: UInt64(seed), keeping: 1, flipping: 0.5)
            let left = try #require(cut.contents(of: "/a"))
            #expect(left[..<1_000].allSatisfy { $0 == 0 } && left.count == 2_000)
            if left.contains(where: { $0 != 0 }) { flipped += 1 }
        }
        #expect(flipped > 10)
        var random = SeededRandom(seed: 1)
        let place = try #require(disk.damage(&random))
        #expect(place.path == "/a" && disk.contents(of: "/a")?[place.offset] != 0)
        #expect(disk.damage(&random, where: { $0 == "/b" }) == nil)
    }

    @Test func transfersGoOnWhereTheyWereInterrupted() throws {
        let disk = FaultingDisk(seed: 1)
        disk.setInterruptions(0.5)
        let file = try File(disk, "/a", .create)
        let content = bytes(3_000, seed: 4)
        let before = disk.steps
        for _ in 0..<20 {
            try disk.perform(
                WriteBatch(
                    writes: [.init(file: file.handle, offset: 0, bytes: content)],
                    syncFiles: [file.handle]))
            let range = ReadRange(file: file.handle, offset: 100, byteCount: 2_000)
            #expect(try disk.read([range])[0] == Array(content[100..<2_100]))
        }
        #expect(disk.steps - before > 70)
        let beyond = ReadRange(file: file.handle, offset: 2_999, byteCount: 2)
        expectErrno(0) { _ = try disk.read([beyond]) }
    }

    @Test func everyStepShowsWhatACrashLeaves() throws {
        let seen = Locked<[String]>([])
        let disk = FaultingDisk(seed: 1)
        let file = try File(disk, "/a", .create)
        disk.observeSteps { operation, path, crashed in
            let left = crashed.afterKill(seed: 1).contents(of: path)?.count ?? -1
            seen.withLock { $0.append("\(operation.rawValue) \(path) \(min(left, 1))") }
        }
        try disk.perform(
            WriteBatch(
                writes: [.init(file: file.handle, offset: 0, bytes: [])],
                syncFiles: [file.handle], syncDirectories: ["/"]))
        try disk.unlink("/a")
        disk.observeSteps(nil)
        _ = try disk.list("/")
        #expect(
            seen.withLock { $0 } == [
                "write /a 0", "sync /a 0", "syncDirectory / -1", "unlink /a 0",
            ])
    }

    @Test func aFullDiskTakesNoMore() throws {
        let disk = FaultingDisk(seed: 1, capacity: 1_000)
        let file = try File(disk, "/a", .create)
        try disk.preallocate(file.handle, byteCount: 600)
        #expect(try disk.freeSpace(at: "/") == 400)
        let inside = WriteBatch.Write(file: file.handle, offset: 0, bytes: bytes(600, seed: 1))
        try disk.perform(WriteBatch(writes: [inside]))
        let beyond = WriteBatch.Write(file: file.handle, offset: 600, bytes: bytes(401, seed: 1))
        expectErrno(ENOSPC) { try disk.perform(WriteBatch(writes: [beyond])) }
        expectErrno(ENOSPC) { try disk.preallocate(file.handle, byteCount: 1_001) }
        disk.setCapacity(2_000)
        try disk.perform(WriteBatch(writes: [beyond]))
    }

    @Test func faultsStrikeWhereTheyAreAimed() throws {
        let disk = FaultingDisk(seed: 5)
        disk.setFaults([.init(.open, code: EIO, pathPart: ".log", count: 2)])
        disk.close(try disk.open("/a", .create))
        expectErrno(EIO) { _ = try disk.open("/a.log", .create) }
        expectErrno(EIO) { _ = try disk.open("/a.log", .create) }
        disk.close(try disk.open("/a.log", .create))
        disk.setFaults([.init(.open, code: EIO, probability: 0.5)])
        var failures = 0
        for _ in 0..<100 {
            do { disk.close(try disk.open("/a", .read)) } catch { failures += 1 }
        }
        #expect((20...80).contains(failures))
    }
}
