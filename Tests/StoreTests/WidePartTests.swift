import Base
import Disk
import PartFormat
import Store
import Testing

/// Parts that are a folder of files, as merges make them.
@Suite struct WidePartTests {
    private static func options() -> StoreOptions {
        var options = Scenario.options()
        options.wideBytesLeast = 0
        return options
    }

    /// A store with wide parts, and its twin.
    private static func filled(_ disk: FaultingDisk) throws -> (Store, Twin) {
        var random = SeededRandom(seed: 31)
        let store = try Scenario.open(disk, "/data", options())
        var twin = Twin()
        for flush in 1...3 {
            let events = Scenario.events(30, from: flush * 30, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
        }
        while try store.mergeOnce() {}
        return (store, twin)
    }

    @Test func mergedPartsAreFoldersAndGoWhole() throws {
        let disk = FaultingDisk(seed: 31)
        let (store, twin) = try Self.filled(disk)
        let part = try #require(store.view().parts(table: "events").first)
        let names = try disk.list("/data/\(part.file)")
        #expect(Set(names).isSuperset(of: ["footer", "0.column", "1.column"]))
        #expect(names.count == part.schema.columns.count + 1)
        let byteCount = names.reduce(0) {
            $0 + (disk.contents(of: "/data/\(part.file)/\($1)")?.count ?? 0)
        }
        #expect(part.byteCount == byteCount)
        #expect(try contents(of: store.view()) == twin)
        store.close()
        // After a restart it is the same, and the next merges take the folders away.
        let again = try Scenario.open(disk, "/data", Self.options())
        #expect(again.recovery.filesDeleted.isEmpty && again.recovery.damage.isEmpty)
        var random = SeededRandom(seed: 32)
        var grown = twin
        for flush in 4...9 {
            let events = Scenario.events(30, from: flush * 30, days: 1, using: &random)
            try again.commit(Scenario.batch(UInt64(flush), events))
            grown.add(events)
        }
        while try again.mergeOnce() {}
        #expect(try contents(of: again.view()) == grown)
        #expect(try tableFiles(disk, "/data") == namedFiles(again.view()))
        again.close()
    }

    @Test func aMissingColumnIsFoundWhenTheStoreOpens() throws {
        let disk = FaultingDisk(seed: 33)
        let (store, twin) = try Self.filled(disk)
        let part = try #require(store.view().parts(table: "events").first)
        let (file, rowCount) = (part.file, part.rowCount)
        store.close()
        try disk.unlink("/data/\(file)/1.column")
        let again = try Scenario.open(disk, "/data", Self.options())
        #expect(again.recovery.damage.count == 1)
        #expect(again.recovery.damage.first?.rowCount == rowCount)
        #expect(again.recovery.damage.first?.reason.contains("1.column") == true)
        #expect(again.view().parts(table: "events").isEmpty)
        #expect(try contents(of: again.view()).rollup == twin.rollup)
        #expect(try quarantined(disk).count == 1)
        #expect(try tableFiles(disk, "/data") == namedFiles(again.view()))
        again.close()
    }

    /// A column file that was cut, or that vanished while the store was open, is found by the read.
    @Test(arguments: [true, false]) func aBrokenColumnIsFoundWhenItIsRead(isCut: Bool) throws {
        let disk = FaultingDisk(seed: 34)
        let (store, _) = try Self.filled(disk)
        let part = try #require(store.view().parts(table: "events").first)
        let path = "/data/\(part.file)/1.column"
        if isCut {
            disk.setContents(of: path, to: Array((disk.contents(of: path) ?? []).dropLast(3)))
        } else {
            try disk.unlink(path)
        }
        store.close()
        let again = try Scenario.open(disk, "/data", Self.options())
        if isCut {
            let part = try #require(again.view().parts(table: "events").first)
            #expect(throws: StoreError.self) { _ = try rows(of: part) }
            _ = try again.mergeOnce()
        }
        #expect(again.view().losses.map(\.table) == ["events"])
        #expect(again.view().parts(table: "events").isEmpty)
        again.close()
    }

    /// Disk errors in the middle of a wide merge leave nothing behind.
    @Test func aFailedMergeChangesNothing() throws {
        var random = SeededRandom(seed: 35)
        let disk = FaultingDisk(seed: 35)
        let store = try Scenario.open(disk, "/data", Self.options())
        for flush in 1...3 {
            let events = Scenario.events(20, from: flush * 20, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
        }
        let files = try tableFiles(disk, "/data")
        for operation in [FaultingDisk.Operation.open, .write, .sync] {
            disk.setFaults([FaultingDisk.Fault(operation, code: 28, count: 1)])
            #expect(throws: StoreError.self) { try store.mergeOnce() }
            disk.setFaults([])
            #expect(try tableFiles(disk, "/data") == files, "\(operation)")
        }
        store.close()
    }
}
