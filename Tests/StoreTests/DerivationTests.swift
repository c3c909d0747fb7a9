import Base
import Disk
import PartFormat
import Store
import Testing

@Suite struct DerivationTests {
    /// Random commits, merges, derivations, reopenings and changes of what is derived; after each
    /// step every derived table and what it lacks add up to the base.
    @Test(arguments: 0..<4) func randomSchedules(_ round: Int) throws {
        let seed = UInt64(round) &+ UInt64.random(in: 0 ... .max)
        print("DerivationTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let disk = FaultingDisk(seed: seed)
        var options = Scenario.derivingOptions()
        options.granuleRows = Int.random(in: 2...20, using: &random)
        options.derivationSliceRows = Int.random(in: 1...60, using: &random)
        options.mergeInputBytes = random.chance(0.3) ? 200 : 1 << 20
        options.dictionaryBytes = random.chance(0.3) ? 64 : 1 << 20
        options.wideBytesLeast = [0, 4_000, .max].randomElement(using: &random) ?? 0
        var store = try Scenario.open(disk, "/data", options)
        var twin = Twin()
        var derivations = 0
        for flush in 1...24 {
            let days = random.chance(0.3) ? 9 : 2
            let events = spreadEvents(
                Int.random(in: 0...40, using: &random), from: twin.events.count, days: days,
                using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            twin.add(events)
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                if random.chance(0.5) {
                    if try store.deriveOnce() { derivations += 1 }
                } else {
                    _ = try store.mergeOnce()
                }
            }
            if random.chance(0.15) {
                store.close()
                options.derivedTables = derivedRollup.derivedTables.filter { _ in
                    random.chance(0.8)
                }
                store = try Scenario.open(disk, "/data", options)
            }
            let some = options.derivedTables.filter { _ in random.chance(0.3) }
            try checkDerived(store.view(), some, "seed \(seed), flush \(flush)")
            #expect(try tableFiles(disk, "/data") == namedFiles(store.view()), "seed \(seed)")
        }
        #expect(derivations > 5, "seed \(seed)")
        // What a merge splits is derived then.
        for _ in 0..<3 {
            while try store.mergeOnce() {}
            while try store.deriveOnce() {}
        }
        while try store.mergeOnce() {}
        let metrics = store.metrics()
        #expect(metrics.derivationBacklogRows == 0 && metrics.mergeBacklogBytes == 0)
        #expect(try contents(of: store.view()) == twin, "seed \(seed)")
        try checkDerived(store.view(), options.derivedTables, "seed \(seed)")
        store.close()
    }

    /// Once all is derived, a query reads nothing of the base but what waits to be split.
    @Test func derivedTablesContainWhatWasFlushed() throws {
        var random = SeededRandom(seed: 21)
        let options = Scenario.derivingOptions()
        let store = try Scenario.open(FaultingDisk(seed: 21), "/data", options)
        for flush in 1...2 {
            let events = spreadEvents(60, from: flush * 60, days: 2, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
        }
        while try store.deriveOnce() {}
        for table in options.derivedTables where !table.isCorrections {
            let view = store.view()
            #expect(view.sources(table: table.base, beyond: table.name).isEmpty)
            #expect(!view.parts(table: table.name).isEmpty)
        }
        #expect(store.metrics().derivedRows > 0 && store.metrics().derivedBytes > 0)
        // The next flush is beyond the marks until it is derived, too.
        try store.commit(
            Scenario.batch(3, spreadEvents(20, from: 500, days: 1, using: &random)))
        let view = store.view()
        #expect(
            view.sources(table: "page_views_minute", beyond: "page_views_day_total").count == 1)
        try checkDerived(view, options.derivedTables, "after a flush")
        store.close()
    }

    /// Merges never put rows of both sides of a mark into one part.
    @Test func mergesDoNotCrossMarks() throws {
        var random = SeededRandom(seed: 22)
        let options = Scenario.derivingOptions()
        let store = try Scenario.open(FaultingDisk(seed: 22), "/data", options)
        for flush in 1...24 {
            let events = spreadEvents(12, from: flush * 12, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            if flush == 8 || flush == 17 { while try store.deriveOnce() {} }
            if flush > 8 { while try store.mergeOnce() {} }
            let ranges = store.view().parts(table: "page_views_minute").map(\.flushRange)
            let mark: UInt64 = flush < 17 ? 8 : 17
            #expect(
                !ranges.contains { $0.lowerBound <= mark && $0.upperBound > mark }, "\(flush)")
        }
        #expect(store.metrics().merges > 3)
        store.close()
    }

    @Test func aDamagedDerivedPartIsMadeAgain() throws {
        for isFoundAtOpen in [false, true] {
            var random = SeededRandom(seed: 23)
            let disk = FaultingDisk(seed: 23)
            let options = Scenario.derivingOptions()
            var store = try Scenario.open(disk, "/data", options)
            for flush in 1...4 {
                let events = spreadEvents(50, from: flush * 50, days: 2, using: &random)
                try store.commit(Scenario.batch(UInt64(flush), events))
                while try store.deriveOnce() {}
            }
            let name = "page_views_day_by_page"
            let part = try #require(store.view().parts(table: name).first)
            var bytes = try #require(disk.contents(of: "/data/\(part.file)"))
            if isFoundAtOpen {
                store.close()
                bytes.removeLast()
                disk.setContents(of: "/data/\(part.file)", to: bytes)
                store = try Scenario.open(disk, "/data", options)
                #expect(store.recovery.damage.isEmpty)
                #expect(store.takeFindings().map(\.file) == [part.file])
            } else {
                bytes[40] ^= 0xFF
                disk.setContents(of: "/data/\(part.file)", to: bytes)
                #expect(throws: (any Error).self) { _ = try rows(of: part) }
                _ = try store.mergeOnce()
            }
            // Nothing is lost: the base has it all.
            #expect(store.view().losses.isEmpty)
            #expect(store.view().parts(table: name).isEmpty)
            try checkDerived(store.view(), options.derivedTables, "set aside")
            while try store.deriveOnce() {}
            #expect(!store.view().parts(table: name).isEmpty)
            #expect(
                store.view().sources(table: "page_views_minute", beyond: name).isEmpty)
            try checkDerived(store.view(), options.derivedTables, "made again")
            store.close()
        }
    }

    @Test func aFailedDerivationChangesNothing() throws {
        var random = SeededRandom(seed: 24)
        let disk = FaultingDisk(seed: 24)
        let options = Scenario.derivingOptions()
        let store = try Scenario.open(disk, "/data", options)
        for flush in 1...4 {
            let events = spreadEvents(30, from: flush * 30, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
        }
        let files = try tableFiles(disk, "/data")
        for operation in [FaultingDisk.Operation.open, .write, .sync, .read] {
            disk.setFaults([FaultingDisk.Fault(operation, code: 5, count: 1)])
            #expect(throws: StoreError.self) { try store.deriveOnce() }
            disk.setFaults([])
            #expect(try tableFiles(disk, "/data") == files, "\(operation)")
            try checkDerived(store.view(), options.derivedTables, "\(operation)")
        }
        #expect(store.metrics().derivationError != nil)
        while try store.deriveOnce() {}
        #expect(store.metrics().derivationError == nil)
        store.close()
    }

    @Test func derivationsPauseWhileTheDiskIsFull() throws {
        var random = SeededRandom(seed: 25)
        let disk = FaultingDisk(seed: 25, capacity: 1 << 20)
        var options = Scenario.derivingOptions()
        options.minimumFreeBytes = 512 << 10
        let store = try Scenario.open(disk, "/data", options)
        try store.commit(
            Scenario.batch(1, spreadEvents(60, from: 0, days: 1, using: &random)))
        disk.setCapacity(256 << 10)
        #expect(try !store.deriveOnce())
        #expect(store.metrics().mergesPaused && store.metrics().derivationBacklogRows > 0)
        disk.setCapacity(1 << 20)
        #expect(try store.deriveOnce())
        store.close()
    }

    @Test func namesAndSchemasOfDerivedTables() throws {
        let tables = Catalog.builtIn.derivedTables
        #expect(tables.count == 144)
        #expect(Set(tables.map(\.name)).count == 144)
        let names = Set(tables.map(\.name))
        for name in [
            "page_views_hour", "page_views_day_by_page-device", "page_views_minute_total",
            "page_views_minute_by_page", "page_views_minute_by_page-country",
            "clicks_quarter_by_element", "events_minute_total",
            "unique_visitors_hour_by_country", "page_views_hour_by_country_corrections",
        ] {
            #expect(names.contains(name), "\(name)")
        }
        #expect(!names.contains("page_views_minute") && !names.contains("events_minute"))
        #expect(!names.contains("clicks_minute_by_page-element"))
        let pair = try #require(
            tables.first { $0.name == "page_views_quarter_by_page-device_corrections" })
        #expect(pair.base == "page_views_minute_corrections" && pair.isCorrections)
        #expect(pair.schema.sortKey == ["page", "device", "bucket", "receivedHour"])
        #expect(pair.schema.columns.map(\.name) == pair.schema.sortKey + ["events"])
        let minutes = try #require(tables.first { $0.name == "page_views_minute_by_page" })
        #expect(minutes.schema.sortKey == ["bucket", "page"])
    }
}
