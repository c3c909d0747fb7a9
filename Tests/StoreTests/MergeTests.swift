import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

@Suite struct MergeTests {
    /// Random batches, merges and reopenings; after each step the tables equal the naive twin.
    @Test(arguments: 0..<4) func randomBatchesMergesAndReopenings(_ round: Int) throws {
        let seed = UInt64(round) &+ UInt64.random(in: 0 ... .max)
        print("MergeTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let disk = FaultingDisk(seed: seed)
        var options = Scenario.options()
        options.granuleRows = Int.random(in: 2...20, using: &random)
        // Some rounds keep no dictionaries, or few: columns then are plain strings.
        options.dictionaryBytes = [0, 64, 300, 1 << 20].randomElement(using: &random) ?? 0
        options.granuleBytes = random.chance(0.3) ? 64 : 1 << 20
        options.mergeInputBytes = random.chance(0.3) ? 200 : 1 << 20
        options.wideBytesLeast = [0, 4_000, .max].randomElement(using: &random) ?? 0
        var store = try Scenario.open(disk, "/data", options)
        var twin = Twin()
        var flush: UInt64 = 0
        for _ in 0..<25 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                flush += 1
                let count = Int.random(in: 0...40, using: &random)
                let days = random.chance(0.2) ? 9 : 2
                let events = Scenario.events(
                    count, from: twin.events.count, days: days, using: &random)
                try store.commit(Scenario.batch(flush, events))
                twin.add(events)
            case 6..<9: while try store.mergeOnce() {}
            default:
                store.close()
                store = try Scenario.open(disk, "/data", options)
                #expect(store.recovery.filesDeleted.isEmpty)
                #expect(store.recovery.lastCommit?.flushNumber == (flush == 0 ? nil : flush))
            }
            #expect(try contents(of: store.view()) == twin, "seed \(seed)")
            #expect(try tableFiles(disk, "/data") == namedFiles(store.view()))
        }
        for _ in 0..<3 {
            flush += 1
            try store.commit(Scenario.batch(flush, []))
        }
        while try store.mergeOnce() {}
        #expect(try contents(of: store.view()) == twin, "seed \(seed)")
        #expect(store.metrics().mergeBacklogBytes == 0)
        store.close()
    }

    @Test func partCountsStayBounded() throws {
        var random = SeededRandom(seed: 8)
        let options = Scenario.options()
        let store = try Scenario.open(FaultingDisk(seed: 8), "/data", options)
        var written = 0
        for flush in 1...60 {
            let events = Scenario.events(30, from: flush * 30, days: 2, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            while try store.mergeOnce() {}
            let parts = store.view().parts(table: "events")
            var counts: [Substring: Int] = [:]
            for part in parts { counts[part.file.split(separator: "/")[2], default: 0] += 1 }
            // Two parts a tier, and no more than nine tiers between 256 bytes and 256 × 4⁹.
            #expect(counts.values.allSatisfy { $0 <= 2 * 9 })
            written = parts.reduce(0) { $0 + $1.byteCount }
        }
        let metrics = store.metrics()
        #expect(metrics.mergeBacklogBytes == 0)
        #expect(metrics.merges > 25)
        // A byte is read by about one merge a tier; six tiers lie below what is there now.
        #expect(metrics.mergedBytes < 12 * 2 * written)
        store.close()
    }

    /// The parts of a day that is over become one; what comes late stays beside it while it is
    /// small.
    @Test func closedPartitionsEndAsOnePart() throws {
        var random = SeededRandom(seed: 13)
        var options = Scenario.options()
        options.mergeFanIn = 100
        options.closingWaitFlushes = 3
        let store = try Scenario.open(FaultingDisk(seed: 13), "/data", options)
        var twin = Twin()
        func commit(_ flush: Int, _ count: Int, watermark: Milliseconds) throws {
            let events = Scenario.events(count, from: flush * 200, days: 1, using: &random)
            var batch = Scenario.batch(UInt64(flush), events)
            batch.watermark = watermark
            try store.commit(batch)
            twin.add(events)
        }
        func partCount() -> Int { store.view().parts(table: "page_views_minute").count }
        let day: Milliseconds = 20_001 * 86_400_000
        for flush in 1...6 { try commit(flush, 100, watermark: day) }
        while try store.mergeOnce() {}
        #expect(partCount() == 6)
        for flush in 7...9 { try commit(flush, 0, watermark: day + 3_600_000) }
        while try store.mergeOnce() {}
        #expect(partCount() == 1)
        // Three late rows are not worth rewriting the day.
        try commit(10, 3, watermark: day + 3_600_000)
        for flush in 11...14 { try commit(flush, 0, watermark: day + 7_200_000) }
        #expect(try !store.mergeOnce())
        #expect(partCount() == 2)
        #expect(try contents(of: store.view()) == twin)
        store.close()
    }

    /// A table may be sorted otherwise by a later version: old parts are sorted anew.
    @Test func partsThatAreSortedOtherwiseAreRewritten() throws {
        var random = SeededRandom(seed: 14)
        let store = try Scenario.open(FaultingDisk(seed: 14))
        var twin = Twin()
        for flush in 1...6 {
            let events = Scenario.events(20, from: flush * 20, days: 1, using: &random)
            var parts = TestRows.parts(events)
            if flush > 2 { parts[1].schema.sortKey = ["bucket", "page", "device"] }
            try store.commit(Scenario.batch(UInt64(flush), parts: parts))
            twin.add(events)
            while try store.mergeOnce() {}
            #expect(try contents(of: store.view()) == twin)
        }
        let parts = store.view().parts(table: "page_views_minute")
        #expect(parts.count < 4)
        #expect(parts.allSatisfy { $0.schema.sortKey.first == "bucket" })
        store.close()
    }

    @Test func mixedPartsAreSplit() throws {
        var random = SeededRandom(seed: 9)
        let store = try Scenario.open(FaultingDisk(seed: 9))
        var twin = Twin()
        for flush in 1...3 {
            let events = Scenario.events(100, from: flush * 100, days: 12, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
        }
        func mixedCount() -> Int { namedFiles(store.view()).count { $0.contains("/mixed/") } }
        #expect(mixedCount() == 6)
        while try store.mergeOnce() {}
        #expect(mixedCount() == 0)
        #expect(try contents(of: store.view()) == twin)
        store.close()
    }

    @Test func viewsOutliveTheirParts() throws {
        var random = SeededRandom(seed: 10)
        let disk = FaultingDisk(seed: 10)
        let store = try Scenario.open(disk)
        var twin = Twin()
        for flush in 1...3 {
            let events = Scenario.events(20, from: flush * 20, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
        }
        var view: StoreView? = store.view()
        let before = namedFiles(store.view())
        while try store.mergeOnce() {}
        let after = namedFiles(store.view())
        #expect(before.isDisjoint(with: after))
        #expect(try tableFiles(disk, "/data") == before.union(after))
        #expect(try contents(of: try #require(view)) == twin)
        view = nil
        #expect(try tableFiles(disk, "/data") == after)
        #expect(try contents(of: store.view()) == twin)
        store.close()
    }

    @Test func mergesPauseWhileTheDiskIsFull() throws {
        var random = SeededRandom(seed: 11)
        let disk = FaultingDisk(seed: 11, capacity: 1 << 20)
        var options = Scenario.options()
        options.minimumFreeBytes = 512 << 10
        let store = try Scenario.open(disk, "/data", options)
        for flush in 1...3 {
            let events = Scenario.events(20, from: flush * 20, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
        }
        disk.setCapacity(256 << 10)
        #expect(try !store.mergeOnce())
        #expect(store.metrics().mergesPaused)
        #expect(store.metrics().mergeBacklogBytes > 0)
        disk.setCapacity(1 << 20)
        #expect(try store.mergeOnce())
        #expect(!store.metrics().mergesPaused)
        store.close()
    }

    @Test func aFailedMergeChangesNothing() throws {
        var random = SeededRandom(seed: 12)
        let disk = FaultingDisk(seed: 12)
        let store = try Scenario.open(disk)
        var twin = Twin()
        for flush in 1...3 {
            let events = Scenario.events(20, from: flush * 20, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
        }
        let files = try tableFiles(disk, "/data")
        for operation in [FaultingDisk.Operation.open, .write, .sync, .read] {
            disk.setFaults([FaultingDisk.Fault(operation, code: 5, count: 1)])
            #expect(throws: StoreError.self) { try store.mergeOnce() }
            disk.setFaults([])
            #expect(try tableFiles(disk, "/data") == files, "\(operation)")
            #expect(try contents(of: store.view()) == twin)
        }
        #expect(store.metrics().mergeError != nil)
        while try store.mergeOnce() {}
        #expect(store.metrics().mergeError == nil)
        #expect(try contents(of: store.view()) == twin)
        store.close()
    }
}
