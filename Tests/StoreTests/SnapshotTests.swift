import Base
import Disk
import Glibc
import PartFormat
import Store
import Testing

@Suite struct SnapshotTests {
    private static let path = "/data/snapshots/one"

    /// The store's log in these tests: a file that says where it began.
    private static func copyLog(
        _ disk: FaultingDisk
    ) -> (LogPosition, String) throws -> Int {
        { position, target in
            try disk.createDirectory(target)
            let handle = try disk.open("\(target)/begin", .create)
            defer { disk.close(handle) }
            let bytes = Array("\(position)".utf8)
            try disk.perform(
                WriteBatch(
                    writes: [WriteBatch.Write(file: handle, offset: 0, bytes: bytes)],
                    syncFiles: [handle], syncDirectories: [target]))
            return bytes.count
        }
    }

    private static func options() -> StoreOptions {
        var options = Scenario.derivingOptions()
        options.wideBytesLeast = 6_000
        return options
    }

    /// A store with packed and wide parts, derived tables and mixed partitions.
    private static func fill(
        _ store: Store, _ twin: inout Twin, flushes: ClosedRange<UInt64>, work: Bool = true
    ) throws {
        var random = SeededRandom(seed: flushes.lowerBound)
        for flush in flushes {
            let events = spreadEvents(
                40, from: twin.events.count, days: flush % 4 == 0 ? 8 : 2, using: &random)
            try store.commit(Scenario.batch(flush, events))
            twin.add(events)
            if work { try Self.work(store) }
        }
    }

    private static func work(_ store: Store) throws {
        while try store.deriveOnce() {}
        while try store.mergeOnce() {}
    }

    @Test func aSnapshotIsADataDirectoryOfItsInstant() throws {
        let disk = FaultingDisk(seed: 1)
        let store = try Scenario.open(disk, "/data", Self.options())
        var twin = Twin()
        try Self.fill(store, &twin, flushes: 1...12)
        let parts = store.metrics().tables.reduce(0) { $0 + $1.partCount }
        let info = try store.makeSnapshot(
            named: "one", created: 1_768_003_200_000, copyLog: Self.copyLog(disk))
        #expect(info.partCount == parts)
        #expect(disk.contents(of: "\(Self.path)/log/begin") == Array("115".utf8))
        #expect(try store.snapshots() == [info])
        let taken = twin
        // What happens here does not happen there.
        try Self.fill(store, &twin, flushes: 13...30)
        store.close()

        // All of it was synced.
        let later = disk.afterPowerCut(seed: 2, keeping: 0)
        let copy = try Scenario.open(later, Self.path, Self.options())
        #expect(copy.recovery.damage.isEmpty && copy.recovery.notes.isEmpty)
        #expect(copy.recovery.lastCommit?.flushNumber == 12)
        #expect(try contents(of: copy.view()) == taken)
        try checkDerived(copy.view(), Self.options().derivedTables, "snapshot")
        var more = taken
        try Self.fill(copy, &more, flushes: 13...16)
        #expect(try contents(of: copy.view()) == more)
        copy.close()
        let same = try Scenario.open(later, "/data", Self.options())
        #expect(try contents(of: same.view()) == twin)
        same.close()
    }

    @Test func namesAreCheckedAndFilesFreed() throws {
        let disk = FaultingDisk(seed: 3)
        let store = try Scenario.open(disk, "/data", Self.options())
        defer { store.close() }
        var twin = Twin()
        try Self.fill(store, &twin, flushes: 1...3)
        let copy = Self.copyLog(disk)
        for name in ["", "a/b", "..", "a.temporary", "é", String(repeating: "a", count: 129)] {
            #expect(throws: SnapshotError.invalidName(name)) {
                try store.makeSnapshot(named: name, created: 0, copyLog: copy)
            }
            #expect(throws: SnapshotError.missing(name)) { try store.removeSnapshot(named: name) }
        }
        #expect(throws: SnapshotError.missing("one")) { try store.removeSnapshot(named: "one") }
        let second = try store.makeSnapshot(named: "two", created: 2, copyLog: copy)
        let first = try store.makeSnapshot(named: "one", created: 1, copyLog: copy)
        #expect(throws: SnapshotError.exists("one")) {
            try store.makeSnapshot(named: "one", created: 0, copyLog: copy)
        }
        #expect(try store.snapshots() == [first, second])
        // What merges replace stays on the disk as long as a snapshot has it.
        try Self.fill(store, &twin, flushes: 4...12)
        let before = try disk.freeSpace(at: "/data")
        try store.removeSnapshot(named: "one")
        #expect(try store.snapshots() == [second])
        try store.removeSnapshot(named: "two")
        #expect(try disk.list("/data/snapshots").isEmpty)
        try disk.syncDirectory("/data/snapshots")
        #expect(try disk.freeSpace(at: "/data") > before)
        #expect(try contents(of: store.view()) == twin)
    }

    /// A log that fails, or a full disk, leaves nothing.
    @Test func whatFailsLeavesNothing() throws {
        let disk = FaultingDisk(seed: 4)
        let store = try Scenario.open(disk, "/data", Self.options())
        defer { store.close() }
        var twin = Twin()
        try Self.fill(store, &twin, flushes: 1...3)
        struct LogFailure: Error {}
        #expect(throws: SnapshotError.self) {
            try store.makeSnapshot(named: "one", created: 0) { _, _ in throw LogFailure() }
        }
        #expect(try disk.list("/data/snapshots").isEmpty)
        disk.setFaults([.init(.write, code: ENOSPC, pathPart: "/snapshots/")])
        let error = #expect(throws: SnapshotError.self) {
            try store.makeSnapshot(named: "one", created: 0, copyLog: Self.copyLog(disk))
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("No space left"))
        #expect(try disk.list("/data/snapshots").isEmpty)
        disk.setFaults([])
        _ = try store.makeSnapshot(named: "one", created: 0, copyLog: Self.copyLog(disk))
    }

    /// A crash at any step: the store is as it was, and the snapshot is whole or not there.
    @Test(arguments: 0..<4) func everyStep(_ share: Int) throws {
        var twin = Twin()
        func scenario(_ disk: FaultingDisk, removes: Bool) throws {
            let store = try Scenario.open(disk, "/data", Self.options())
            defer { store.close() }
            twin = Twin()
            try Self.fill(store, &twin, flushes: 1...2, work: false)
            try Self.work(store)
            _ = try store.makeSnapshot(named: "one", created: 5, copyLog: Self.copyLog(disk))
            if removes { try store.removeSnapshot(named: "one") }
        }
        let setup = FaultingDisk(seed: 1)
        try scenario(setup, removes: false)
        let whole = FaultingDisk(seed: 1)
        try scenario(whole, removes: true)
        // The steps before the snapshot are those of other tests.
        let first = setup.steps * 2 / 3
        for step in stride(from: first + share, to: whole.steps, by: 12) {
            let disk = FaultingDisk(seed: UInt64(step))
            disk.crash(atStep: step)
            do { try scenario(disk, removes: true) } catch {}
            let keeping = [0.0, 0.5, 1.0][step / 4 % 3]
            let after = disk.afterPowerCut(seed: UInt64(step), keeping: keeping)
            let what: Comment = "step \(step), keeping \(keeping)"
            let store = try Scenario.open(after, "/data", Self.options())
            let found = try contents(of: store.view())
            let names = try store.snapshots().map(\.name)
            store.close()
            if try after.exists("/data/snapshots") {
                #expect(try after.list("/data/snapshots") == names, what)
            }
            guard names == ["one"] else { continue }
            let copy = try Scenario.open(after, Self.path, Self.options())
            #expect(copy.recovery.damage.isEmpty, what)
            #expect(try contents(of: copy.view()) == found && found == twin, what)
            copy.close()
        }
    }

    /// Commits, merges and derivations go on beside it.
    @Test func whileThreadsWork() throws {
        let disk = FaultingDisk(seed: 6)
        var options = Self.options()
        options.mergesInBackground = true
        let store = try Scenario.open(disk, "/data", options)
        var twins: [Twin] = []
        var twin = Twin()
        for round in 0..<8 {
            let flush = UInt64(round * 4)
            try Self.fill(store, &twin, flushes: flush + 1...flush + 4, work: false)
            _ = try store.makeSnapshot(
                named: "\(round)", created: Milliseconds(round), copyLog: Self.copyLog(disk))
            twins.append(twin)
        }
        store.close()
        for (round, twin) in twins.enumerated() {
            let copy = try Scenario.open(disk, "/data/snapshots/\(round)", Self.options())
            #expect(try contents(of: copy.view()) == twin, "snapshot \(round)")
            try checkDerived(copy.view(), options.derivedTables, "snapshot \(round)")
            copy.close()
        }
    }
}
