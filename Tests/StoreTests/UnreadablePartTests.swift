import Base
import Disk
import Glibc
import PartFormat
import Store
import Testing

/// Parts that the disk does not give when a store is opened.
@Suite struct UnreadablePartTests {
    /// A store of three commits, closed; the files of its parts.
    private static func filled(_ disk: FaultingDisk, wide: Bool) throws -> [Known] {
        var options = Scenario.options()
        options.wideBytesLeast = wide ? 0 : .max
        let store = try Scenario.open(disk, "/data", options)
        var random = SeededRandom(seed: 61)
        for flush in 1...3 {
            let events = Scenario.events(15, from: flush * 15, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
        }
        if wide { while try store.mergeOnce() {} }
        defer { store.close() }
        let view = store.view()
        return view.tableNames.flatMap { table in
            view.parts(table: table).map {
                Known(table: table, file: $0.file, rowCount: $0.rowCount)
            }
        }
    }

    private struct Known {
        var table: String
        var file: String
        var rowCount: Int
    }

    /// The store starts without the part, says what is lost, and keeps the file as it is.
    @Test(arguments: [FaultingDisk.Operation.open, .read], [false, true])
    func onePartIsSetAside(_ operation: FaultingDisk.Operation, wide: Bool) throws {
        let disk = FaultingDisk(seed: 61)
        let parts = try Self.filled(disk, wide: wide)
        #expect(parts.count > 2 || wide)
        let bad = try #require(parts.first { $0.table == "events" })
        let footer = "/data/\(bad.file)" + (wide ? "/footer" : "")
        let bytes = try #require(disk.contents(of: footer))
        disk.setFaults([.init(operation, code: EIO, pathPart: footer)])
        let store = try Scenario.open(disk)
        #expect(store.recovery.damage.map(\.rowCount) == [bad.rowCount])
        #expect(store.recovery.damage.allSatisfy { $0.table == "events" && $0.file == bad.file })
        let view = store.view()
        #expect(view.losses.count == 1)
        let rowCount = parts.reduce(0) { $0 + $1.rowCount } - bad.rowCount
        let found = view.tableNames.flatMap { view.parts(table: $0) }
        #expect(found.reduce(0) { $0 + $1.rowCount } == rowCount)
        let kept = disk.files.filter { $0.path.hasPrefix("/data/quarantine/") }.filter {
            disk.contents(of: $0.path) == bytes
        }
        #expect(kept.count == 1)
        store.close()
        // The next start has nothing to say.
        disk.setFaults([])
        let again = try Scenario.open(disk)
        #expect(again.recovery.damage.isEmpty && again.view().losses.count == 1)
        again.close()
    }

    /// Where most parts cannot be read it is not the parts: nothing is moved.
    @Test func aDiskThatGivesNothingIsNoReasonToGiveUpParts() throws {
        let disk = FaultingDisk(seed: 62)
        let parts = try Self.filled(disk, wide: false)
        let files = disk.files.map(\.path)
        disk.setFaults([.init(.read, code: EIO, pathPart: ".part")])
        #expect(throws: StoreError.self) { try Scenario.open(disk) }
        #expect(disk.files.map(\.path) == files)
        disk.setFaults([])
        let store = try Scenario.open(disk)
        #expect(store.recovery.damage.isEmpty && store.recovery.partCount == parts.count)
        store.close()
    }
}
