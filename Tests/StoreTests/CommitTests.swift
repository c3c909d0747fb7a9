import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

@Suite struct CommitTests {
    @Test func aCommitIsReadBack() throws {
        var random = SeededRandom(seed: 1)
        let disk = FaultingDisk(seed: 1)
        let store = try Scenario.open(disk)
        let events = Scenario.events(100, from: 0, days: 2, using: &random)
        try store.commit(Scenario.batch(1, events))
        var twin = Twin()
        twin.add(events)
        #expect(try contents(of: store.view()) == twin)
        #expect(try tableFiles(disk, "/data") == namedFiles(store.view()))
        let part = try #require(store.view().parts(table: "events").first)
        #expect(part.granuleCount > 1)
        #expect(part.flushRange == 1...1)
        store.close()
    }

    @Test func rowsBeyondThePartitionsOfAFlushAreMixed() throws {
        var random = SeededRandom(seed: 2)
        let store = try Scenario.open(FaultingDisk(seed: 2))
        let events = Scenario.events(300, from: 0, days: 30, using: &random)
        try store.commit(Scenario.batch(1, events))
        for table in ["events", "page_views_minute"] {
            let parts = store.view().parts(table: table)
            #expect(parts.count == 4)
            #expect(parts.count { $0.file.contains("/mixed/") } == 1)
        }
        var twin = Twin()
        twin.add(events)
        #expect(try contents(of: store.view()) == twin)
        store.close()
    }

    @Test func generationsAreReplacedByTheirCommit() throws {
        var random = SeededRandom(seed: 3)
        let store = try Scenario.open(FaultingDisk(seed: 3))
        let first = Scenario.events(20, from: 0, days: 1, using: &random)
        let second = Scenario.events(20, from: 20, days: 1, using: &random)
        func generation(_ number: UInt64, _ events: [TestEvent]) -> LiveGeneration {
            LiveGeneration(
                flushNumber: number, position: LogPosition(number), watermark: 7,
                parts: [TestRows.rollup(events)])
        }
        store.publish(generation(1, Array(first.prefix(5))))
        store.publish(generation(1, first))
        store.publish(generation(2, second))
        #expect(store.view().live.map(\.flushNumber) == [1, 2])
        #expect(store.view().watermark == 7)
        let before = store.view()
        try store.commit(Scenario.batch(1, first))
        #expect(store.view().live.map(\.flushNumber) == [2])
        store.publish(generation(1, first))
        #expect(store.view().live.map(\.flushNumber) == [2])
        var twin = Twin()
        twin.add(first + second)
        #expect(try contents(of: store.view(), live: true).rollup == twin.rollup)
        #expect(try contents(of: before, live: true).rollup == twin.rollup)
        store.close()
    }

    @Test func flushNumbersAscend() throws {
        let store = try Scenario.open(FaultingDisk(seed: 4))
        try store.commit(Scenario.batch(5, []))
        #expect(throws: StoreError.self) { try store.commit(Scenario.batch(5, [])) }
        try store.commit(Scenario.batch(6, []))
        store.close()
    }

    @Test func aFullDiskFailsTheCommitAndTheRetrySucceeds() throws {
        var random = SeededRandom(seed: 5)
        let disk = FaultingDisk(seed: 5)
        let store = try Scenario.open(disk)
        let events = Scenario.events(200, from: 0, days: 3, using: &random)
        var twin = Twin()
        twin.add(Array(events[..<100]))
        try store.commit(Scenario.batch(1, Array(events[..<100])))
        let faults: [FaultingDisk.Operation] = [.open, .write, .sync, .syncDirectory]
        for operation in faults {
            for pathPart in ["tables", "manifest"] {
                let files = try tableFiles(disk, "/data")
                disk.setFaults([
                    FaultingDisk.Fault(operation, code: 28, pathPart: pathPart, count: 1)
                ])
                let result = Result { try store.commit(Scenario.batch(2, Array(events[100...]))) }
                disk.setFaults([])
                if case .success = result {
                    #expect(pathPart == "manifest" && operation != .write && operation != .sync)
                    continue
                }
                #expect(store.metrics().commitError != nil)
                #expect(try tableFiles(disk, "/data") == files, "\(operation) \(pathPart)")
                #expect(try contents(of: store.view()) == twin)
            }
            if store.view().parts(table: "events").contains(where: { $0.flushRange == 2...2 }) {
                break
            }
        }
        if store.metrics().commits == 1 {
            try store.commit(Scenario.batch(2, Array(events[100...])))
        }
        twin.add(Array(events[100...]))
        #expect(try contents(of: store.view()) == twin)
        #expect(store.metrics().commitError == nil)
        store.close()
        let again = try Scenario.open(disk.afterPowerCut(seed: 1, keeping: 0))
        #expect(try contents(of: again.view()) == twin)
        again.close()
    }

    @Test func theLogIsSyncedBeforeTheManifest() throws {
        struct Refusal: Error {}
        let disk = FaultingDisk(seed: 6)
        let store = try Store.open(
            directory: "/data", disk: disk, options: Scenario.options()
        ) { position in
            #expect(position == LogPosition(10))
            throw Refusal()
        }
        var random = SeededRandom(seed: 6)
        let events = Scenario.events(10, from: 0, days: 1, using: &random)
        #expect(throws: StoreError.self) { try store.commit(Scenario.batch(1, events)) }
        #expect(store.view().tableNames.isEmpty)
        #expect(try tableFiles(disk, "/data").isEmpty)
        store.close()
    }

    @Test func tablesNamedLikePathsAreRefused() throws {
        let store = try Scenario.open(FaultingDisk(seed: 7))
        var part = TestRows.raw([])
        part.schema.name = "../escape"
        var random = SeededRandom(seed: 7)
        let other = TestRows.raw(Scenario.events(1, from: 0, days: 1, using: &random))
        part.rowCount = 1
        part.columns = Array(other.columns.prefix(part.columns.count))
        let batch = FlushBatch(
            flushNumber: 1, position: .start, replayPosition: .start, watermark: 0, state: [],
            parts: [part])
        #expect(throws: StoreError.invalid(message: "../escape cannot name a table")) {
            try store.commit(batch)
        }
        store.close()
    }
}
