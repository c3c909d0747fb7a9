import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

@Suite struct RecoveryTests {
    /// A store with a few commits and merges; closed.
    private func filled(_ disk: any Disk, flushes: Int = 4) throws -> Twin {
        let store = try Scenario.open(disk)
        var random = SeededRandom(seed: 21)
        var twin = Twin()
        for flush in 1...flushes {
            let events = Scenario.events(15, from: flush * 15, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
        }
        store.close()
        return twin
    }

    @Test func theLastCommitIsGivenBack() throws {
        let disk = FaultingDisk(seed: 1)
        let twin = try filled(disk)
        let store = try Scenario.open(disk)
        #expect(
            store.recovery.lastCommit
                == CommitPoint(
                    flushNumber: 4, position: LogPosition(40), replayPosition: LogPosition(35),
                    watermark: 4_000, state: [4]))
        #expect(!store.recovery.isNew)
        #expect(store.recovery.partCount == 8)
        #expect(store.view().watermark == 4_000)
        #expect(try contents(of: store.view()) == twin)
        store.close()
    }

    /// The record of a commit is damaged, that of the merge which took its parts on is not: the log
    /// must not bring the same events once more.
    @Test func aDamagedCommitWhosePartsWereMergedIsNotRepeated() throws {
        let disk = FaultingDisk(seed: 22)
        let store = try Scenario.open(disk)
        var random = SeededRandom(seed: 22)
        var ends: [Int] = []
        for flush in 1...3 {
            let events = Scenario.events(9, from: flush * 9, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            ends.append(store.metrics().manifestBytes)
        }
        while try store.mergeOnce() {}
        #expect(store.metrics().merges > 0)
        let twin = try contents(of: store.view())
        store.close()
        disk.flip("/data/manifest", offset: ends[1] + 30)
        let again = try Scenario.open(disk)
        #expect(again.recovery.manifestIsDamaged)
        #expect(again.recovery.lastCommit?.flushNumber == 3)
        #expect(again.recovery.lastCommit?.position == LogPosition(30))
        #expect(again.recovery.lastCommit?.replayPosition == LogPosition(15))
        #expect(try contents(of: again.view()) == twin)
        again.close()
        // It was recorded: the next start finds nothing odd.
        let third = try Scenario.open(disk)
        #expect(third.recovery.lastCommit == again.recovery.lastCommit)
        #expect(third.recovery.notes == [])
        third.close()
    }

    @Test func foreignDirectoriesAreRefusedUntouched() throws {
        for name in ["notes.txt", "manifest", "log"] {
            let disk = FaultingDisk(seed: 2)
            try disk.createDirectory("/data/\(name)")
            #expect(throws: StoreError.foreignDirectory(path: "/data")) {
                try Scenario.open(disk)
            }
            #expect(try disk.list("/data") == [name])
        }
    }

    @Test func directoriesOfANewerFormatAreRefusedUntouched() throws {
        let disk = FaultingDisk(seed: 3)
        _ = try filled(disk)
        disk.setContents(of: "/data/FORMAT", to: Array("weir 4\n".utf8))
        let names = try disk.list("/data")
        let manifest = disk.contents(of: "/data/manifest")
        #expect(throws: StoreError.newerFormat(path: "/data", found: "4", supported: 3)) {
            try Scenario.open(disk)
        }
        #expect(try disk.list("/data") == names)
        #expect(disk.contents(of: "/data/manifest") == manifest)
        disk.setContents(of: "/data/FORMAT", to: Array("something else".utf8))
        #expect(throws: StoreError.foreignDirectory(path: "/data")) { try Scenario.open(disk) }
    }

    @Test func aDirectoryIsOpenedOnce() throws {
        let disk = FaultingDisk(seed: 4)
        let store = try Scenario.open(disk)
        #expect(throws: StoreError.locked(path: "/data")) { try Scenario.open(disk) }
        store.close()
        try Scenario.open(disk).close()
    }

    @Test func missingAndShortenedPartsAreReported() throws {
        let disk = FaultingDisk(seed: 7)
        _ = try filled(disk)
        let files = try tableFiles(disk, "/data").sorted()
        try disk.unlink("/data/\(files[0])")
        let bytes = try #require(disk.contents(of: "/data/\(files[1])"))
        disk.setContents(of: "/data/\(files[1])", to: Array(bytes.dropLast()))
        let store = try Scenario.open(disk)
        #expect(Set(store.recovery.damage.map(\.file)) == Set(files[0...1]))
        #expect(namedFiles(store.view()) == Set(files[2...]))
        #expect(Set(store.view().losses.map(\.file)) == Set(files[0...1]))
        #expect(try quarantined(disk).count == 1)
        // A report for each, the missing file included.
        #expect(try disk.list("/data/quarantine").count == 3)
        store.close()
        let again = try Scenario.open(disk)
        #expect(again.recovery.damage.isEmpty)
        #expect(again.view().losses.count == 2)
        again.close()
    }

    @Test func flippedBitsAreNeverReadAsRows() throws {
        let disk = FaultingDisk(seed: 8)
        let twin = try filled(disk, flushes: 2)
        let file = try #require(try tableFiles(disk, "/data").sorted().first)
        let size = try #require(disk.contents(of: "/data/\(file)")).count
        // A different share of the bytes in each run; each tenth run or so meets all of them.
        let first = Int.random(in: 0..<13)
        for offset in stride(from: first, to: size, by: 13) {
            let flipped = disk.afterKill(seed: UInt64(offset))
            flipped.flip("/data/\(file)", offset: offset, mask: 1 << UInt8(offset % 8))
            let store = try Scenario.open(flipped)
            // Reading finds what opening has not; then the part is set aside.
            if store.view().losses.isEmpty {
                if let found = try? contents(of: store.view()) {
                    #expect(found == twin, "offset \(offset)")
                    store.close()
                    continue
                }
                #expect(try store.mergeOnce())
            }
            let view = store.view()
            #expect(view.losses.map(\.file) == [file], "offset \(offset)")
            #expect(!namedFiles(view).contains(file))
            #expect(try quarantined(flipped).count == 1)
            _ = try contents(of: view)
            store.close()
        }
    }

    @Test func itWorksOnARealDisk() throws {
        let directory = "/tmp/weir-store-\(UInt64.random(in: 0 ... .max))"
        let disk = LinuxDisk()
        defer { removeAll(disk, directory) }
        var twin = try filled(disk, directory: directory)
        let store = try Scenario.open(disk, directory)
        #expect(try contents(of: store.view()) == twin)
        #expect(throws: StoreError.locked(path: directory)) {
            try Scenario.open(LinuxDisk(), directory)
        }
        while try store.mergeOnce() {}
        var random = SeededRandom(seed: 22)
        let events = Scenario.events(15, from: 500, days: 8, using: &random)
        try store.commit(Scenario.batch(5, events))
        twin.add(events)
        #expect(try contents(of: store.view()) == twin)
        #expect(try tableFiles(disk, directory) == namedFiles(store.view()))
        store.close()
    }

    private func filled(_ disk: LinuxDisk, directory: String) throws -> Twin {
        let store = try Scenario.open(disk, directory)
        defer { store.close() }
        var random = SeededRandom(seed: 21)
        var twin = Twin()
        for flush in 1...4 {
            let events = Scenario.events(15, from: flush * 15, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
        }
        return twin
    }
}

/// What was moved to quarantine, without the reports.
func quarantined(_ disk: any Disk) throws -> [String] {
    try disk.list("/data/quarantine").filter { !$0.hasSuffix(".json") }
}

/// Removes a folder and all in it.
func removeAll(_ disk: any Disk, _ path: String) {
    for name in (try? disk.list(path)) ?? [] {
        let inner = "\(path)/\(name)"
        if (try? disk.isDirectory(inner)) == true {
            removeAll(disk, inner)
        } else {
            try? disk.unlink(inner)
        }
    }
    try? disk.removeDirectory(path)
}
