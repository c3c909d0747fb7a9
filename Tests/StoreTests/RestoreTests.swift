import Base
import Disk
import Glibc
import PartFormat
import Store
import Testing

@Suite struct RestoreTests {
    private static let snapshot = "/data/snapshots/one"

    /// A disk with a snapshot, and what is in it.
    private static func makeSnapshot() throws -> (FaultingDisk, Twin) {
        let disk = FaultingDisk(seed: 1)
        var options = Scenario.derivingOptions()
        options.wideBytesLeast = 6_000
        let store = try Scenario.open(disk, "/data", options)
        defer { store.close() }
        var random = SeededRandom(seed: 1)
        var twin = Twin()
        for flush in 1...8 {
            let events = spreadEvents(60, from: twin.events.count, days: 2, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
            while try store.deriveOnce() {}
            while try store.mergeOnce() {}
        }
        _ = try store.makeSnapshot(named: "one", created: 5) { _, target in
            try disk.createDirectory(target)
            return 0
        }
        return (disk, twin)
    }

    private static func restore(
        _ disk: FaultingDisk, from snapshot: String = snapshot, to target: String = "/new"
    ) throws -> SnapshotRestore.Report {
        try SnapshotRestore(snapshot: snapshot, target: target, disk: disk).run { source, target in
            #expect(source.hasSuffix("/log"))
            try disk.createDirectory(target)
            return 7
        }
    }

    @Test(arguments: [false, true]) func theSameIsThere(copies: Bool) throws {
        let (disk, twin) = try Self.makeSnapshot()
        if copies { disk.setFaults([.init(.link, code: EXDEV)]) }
        let report = try Self.restore(disk)
        #expect(report.copiedBytes == (copies ? report.byteCount : 0) + 7)
        #expect(report.partCount > 10 && report.rowCount > 480)
        let later = disk.afterPowerCut(seed: 3, keeping: 0)
        let store = try Scenario.open(later, "/new", Scenario.derivingOptions())
        #expect(store.recovery.damage.isEmpty && store.recovery.filesDeleted.isEmpty)
        #expect(try contents(of: store.view()) == twin)
        #expect(try store.snapshots().isEmpty)
        while try store.mergeOnce() {}
        store.close()
        // And the snapshot is there for another time.
        _ = try Self.restore(later, to: "/other")
    }

    @Test func onlyIntoAnEmptyDirectory() throws {
        let (disk, _) = try Self.makeSnapshot()
        for target in ["/data", "/data/manifest"] {
            let error = #expect(throws: StoreError.self) { try Self.restore(disk, to: target) }
            #expect("\(error.map { "\($0)" } ?? "")".contains("not an empty directory"))
        }
        try disk.createDirectory("/empty/lost+found")
        _ = try Self.restore(disk, to: "/empty")
    }

    @Test func onlyASnapshot() throws {
        let (disk, _) = try Self.makeSnapshot()
        try disk.createDirectory("/nothing")
        for source in ["/data", "/nothing", "/data/tables"] {
            #expect(throws: StoreError.self) { try Self.restore(disk, from: source) }
        }
        #expect(try !disk.exists("/new"))
        disk.setContents(of: "\(Self.snapshot)/FORMAT", to: Array("weir 99\n".utf8))
        let error = #expect(throws: StoreError.self) { try Self.restore(disk) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("newer"))
    }

    /// Any byte of a part or of the manifest that is wrong is found, and nothing stays.
    @Test func damageIsRefused() throws {
        let (pristine, _) = try Self.makeSnapshot()
        var random = SeededRandom(seed: 9)
        var files = ["manifest"]
        for table in try pristine.list("\(Self.snapshot)/tables").shuffled(using: &random).prefix(4)
        {
            for partition in try pristine.list("\(Self.snapshot)/tables/\(table)") {
                let folder = "tables/\(table)/\(partition)"
                for name in try pristine.list("\(Self.snapshot)/\(folder)") {
                    let path = "\(folder)/\(name)"
                    guard try pristine.isDirectory("\(Self.snapshot)/\(path)") else {
                        files.append(path)
                        continue
                    }
                    files += try pristine.list("\(Self.snapshot)/\(path)").map { "\(path)/\($0)" }
                }
            }
        }
        for file in files {
            let disk = pristine.afterKill(seed: 1)
            let path = "\(Self.snapshot)/\(file)"
            let size = try #require(disk.contents(of: path)?.count)
            // The first bytes of a part are its header, which readers need not look at.
            let offset = size > 40 ? Int.random(in: 17..<size, using: &random) : size - 1
            disk.flip(path, offset: offset)
            let error = #expect(throws: StoreError.self, "\(file), byte \(offset)") {
                try Self.restore(disk)
            }
            let name = file.split(separator: "/").dropFirst().joined(separator: "/")
            #expect("\(error.map { "\($0)" } ?? "")".contains(name.isEmpty ? file : name))
            #expect(try !disk.exists("/new") || disk.list("/new").isEmpty)
        }
        let disk = pristine.afterKill(seed: 2)
        try disk.unlink("\(Self.snapshot)/\(files.last ?? "")")
        #expect(throws: StoreError.self) { try Self.restore(disk) }
    }
}
