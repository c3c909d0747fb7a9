import Base
import Disk
import Glibc
import PartFormat
import Store
import Testing

@Suite struct RetentionTests {
    private static let days = CivilTime.millisecondsPerDay

    private static func options(_ change: (inout Retention) -> Void) -> StoreOptions {
        var options = Scenario.derivingOptions()
        options.reserveBytes = 4_096
        change(&options.retention)
        return options
    }

    /// Random ages, late events, merges, derivations and reopenings: each table holds what its
    /// horizon says, which is its limit.
    @Test(arguments: 0..<3) func randomSchedules(_ round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("RetentionTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let disk = FaultingDisk(seed: seed)
        var options = Self.options { retention in
            retention = Self.randomRetention(&random)
        }
        options.granuleRows = Int.random(in: 2...20, using: &random)
        options.wideBytesLeast = [0, 4_000, .max].randomElement(using: &random) ?? 0
        var store = try Scenario.open(disk, "/data", options)
        var events: [TestEvent] = []
        var watermark = Scenario.day(0)
        var flush: UInt64 = 0
        for _ in 1...16 {
            flush += 1
            watermark += Milliseconds.random(in: 0..<3 * Self.days, using: &random)
            let today = Int(floorDivide(watermark, Self.days)) - 20_000
            var more: [TestEvent] = []
            for event in spreadEvents(
                Int.random(in: 0...30, using: &random), from: events.count, days: 1,
                using: &random)
            {
                var event = event
                let age = random.chance(0.3) ? Int.random(in: 0...40, using: &random) : 0
                event.time += Milliseconds(today - age) * Self.days
                more.append(event)
            }
            try store.commit(Scenario.batch(flush, more, watermark: watermark))
            events += more
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                switch Int.random(in: 0..<5, using: &random) {
                case 0, 1: _ = try store.deriveOnce()
                case 2, 3: _ = try store.mergeOnce()
                default: while try store.dropExpired() {}
                }
            }
            if random.chance(0.15) {
                store.close()
                if random.chance(0.3) { options.retention = Self.randomRetention(&random) }
                store = try Scenario.open(disk, "/data", options)
            }
            let some = options.derivedTables.filter { _ in random.chance(0.15) }
            try checkHeld(store.view(), events, some, "seed \(seed), flush \(flush)")
            #expect(try tableFiles(disk, "/data") == namedFiles(store.view()), "seed \(seed)")
        }
        flush = try Scenario.drain(store, from: flush, watermark: watermark)
        let view = store.view()
        try checkHeld(view, events, options.derivedTables, "seed \(seed)")
        try Self.checkGone(view, options, watermark, "seed \(seed)")
        store.close()
    }

    private static func randomRetention(_ random: inout SeededRandom) -> Retention {
        var retention = Retention()
        func age() -> Milliseconds? {
            random.chance(0.3)
                ? nil : Milliseconds.random(in: 0...20, using: &random) * days
        }
        retention.raw = age()
        retention.minute = age()
        retention.quarter = age()
        retention.hour = age()
        retention.day = age().map { $0 * 3 }
        return retention
    }

    /// Once all is derived and split, no table has a partition before its horizon, and the horizon
    /// is at least the limit.
    private static func checkGone(
        _ view: StoreView, _ options: StoreOptions, _ watermark: Milliseconds, _ comment: Comment
    ) throws {
        var limits = ["events": options.retention.rawLimit(watermark: watermark)]
        for table in options.derivedTables {
            limits[table.base] = options.retention.limit(of: .minute, watermark: watermark)
            limits[table.name] = options.retention.limit(of: table.tier, watermark: watermark)
        }
        for (table, limit) in limits {
            let horizon = view.horizon(table: table) ?? .min
            #expect(horizon >= limit ?? .min, "\(table): \(comment)")
            for part in view.parts(table: table) {
                #expect((part.timeRange?.upperBound ?? .max) >= horizon, "\(table): \(comment)")
            }
        }
    }

    /// The base waits for what is kept longer, and only for that.
    @Test func aBaseGoesOnceTheLongerKeptContainIt() throws {
        var random = SeededRandom(seed: 5)
        let disk = FaultingDisk(seed: 5)
        let options = Self.options { retention in
            retention.raw = 2 * Self.days
            retention.minute = 4 * Self.days
            retention.quarter = 4 * Self.days
        }
        let store = try Scenario.open(disk, "/data", options)
        defer { store.close() }
        let events = spreadEvents(40, from: 0, days: 1, using: &random)
        try store.commit(Scenario.batch(1, events, watermark: Scenario.day(1)))
        #expect(try store.dropExpired(), "the horizons are written down")
        #expect(!(try store.dropExpired()))
        #expect(store.view().parts(table: "events").count == 1)

        try store.commit(Scenario.batch(2, [], watermark: Scenario.day(9)))
        #expect(try store.dropExpired())
        var view = store.view()
        #expect(view.parts(table: "events").isEmpty)
        #expect(view.horizon(table: "events") == Scenario.day(7))
        #expect(view.horizon(table: "page_views_minute") == Scenario.day(5))
        #expect(view.horizon(table: "page_views_quarter_total") == Scenario.day(5))
        #expect(view.horizon(table: "page_views_hour_total") == nil)
        #expect(view.parts(table: "page_views_minute").count == 1, "no hours are derived yet")

        while try store.deriveOnce() {}
        #expect(store.view().parts(table: "page_views_quarter_total").isEmpty)
        #expect(try store.dropExpired())
        view = store.view()
        #expect(view.parts(table: "page_views_minute").isEmpty)
        #expect(!view.parts(table: "page_views_hour_total").isEmpty)
        try checkHeld(view, events, options.derivedTables, "derived")
        #expect(store.metrics().droppedParts == 2)
        #expect(store.metrics().droppedRows > 40)

        // A late event of that day passes through the base into the hours.
        let late = spreadEvents(3, from: 40, days: 1, using: &random)
        try store.commit(Scenario.batch(3, late, watermark: Scenario.day(9)))
        try checkHeld(store.view(), events + late, options.derivedTables, "late")
        _ = try Scenario.drain(store, from: 3, watermark: Scenario.day(9))
        #expect(store.view().parts(table: "page_views_minute").isEmpty)
        try checkHeld(store.view(), events + late, options.derivedTables, "late, derived")
    }

    /// With no byte free the record is written all the same, and space comes back.
    @Test func aFullDisk() throws {
        var random = SeededRandom(seed: 6)
        let disk = FaultingDisk(seed: 6)
        let options = Self.options { $0.raw = 0 }
        var store = try Scenario.open(disk, "/data", options)
        let events = spreadEvents(200, from: 0, days: 1, using: &random)
        try store.commit(Scenario.batch(1, events, watermark: Scenario.day(0)))
        _ = try store.dropExpired()
        try store.commit(Scenario.batch(2, [], watermark: Scenario.day(3)))
        #expect(try disk.exists("/data/RESERVE"))
        disk.setCapacity(.max - (try disk.freeSpace(at: "/data")))
        #expect(try disk.freeSpace(at: "/data") == 0)
        #expect(throws: StoreError.self) {
            try store.commit(Scenario.batch(3, events, watermark: Scenario.day(3)))
        }
        #expect(try store.dropExpired())
        #expect(store.view().parts(table: "events").isEmpty)
        #expect(store.metrics().retentionError == nil)
        try disk.syncDirectory("/data/tables/events/2024-10-04")
        #expect(try disk.freeSpace(at: "/data") > 4_096)
        _ = try store.dropExpired()
        while try store.dropExpired() {}
        #expect(try disk.exists("/data/RESERVE"), "it is set aside again")
        store.close()
        store = try Scenario.open(disk, "/data", options)
        #expect(store.recovery.damage.isEmpty && store.view().parts(table: "events").isEmpty)
        store.close()
    }

    /// What could be made again no longer can once its base is gone.
    @Test func aDamagedDerivedPartWithoutItsBaseIsLost() throws {
        var random = SeededRandom(seed: 7)
        let disk = FaultingDisk(seed: 7)
        let options = Self.options { $0.minute = 0 }
        var store = try Scenario.open(disk, "/data", options)
        let events = spreadEvents(40, from: 0, days: 1, using: &random)
        try store.commit(Scenario.batch(1, events, watermark: Scenario.day(2)))
        _ = try Scenario.drain(store, from: 1, watermark: Scenario.day(2))
        let part = try #require(store.view().parts(table: "page_views_hour_total").first)
        let (file, rowCount) = (part.file, part.rowCount)
        store.close()
        disk.flip("/data/\(file)", offset: (disk.contents(of: "/data/\(file)")?.count ?? 0) - 1)
        store = try Scenario.open(disk, "/data", options)
        #expect(store.recovery.damage.map(\.file) == [file])
        #expect(store.view().losses.map(\.rowCount) == [rowCount])
        store.close()
    }

    /// A table that is new has what its base still holds; one that was dropped and comes back too.
    @Test func aNewTableBeginsWhereItsBaseDoes() throws {
        var random = SeededRandom(seed: 8)
        let disk = FaultingDisk(seed: 8)
        var options = Self.options { $0.minute = 0 }
        let all = options.derivedTables
        options.derivedTables = all.filter { $0.name != "page_views_hour_total" }
        let events = spreadEvents(40, from: 0, days: 6, using: &random)
        var flush: UInt64 = 1
        var store = try Scenario.open(disk, "/data", options)
        try store.commit(Scenario.batch(1, events, watermark: Scenario.day(3)))
        flush = try Scenario.drain(store, from: flush, watermark: Scenario.day(3))
        store.close()
        options.derivedTables = all
        store = try Scenario.open(disk, "/data", options)
        #expect(store.view().horizon(table: "page_views_hour_total") == Scenario.day(3))
        #expect(store.view().horizon(table: "page_views_day_total") == nil)
        flush = try Scenario.drain(store, from: flush, watermark: Scenario.day(3))
        try checkHeld(store.view(), events, options.derivedTables, "new")
        store.close()
        options.derivedTables = all.filter { $0.name != "page_views_day_total" }
        try Scenario.open(disk, "/data", options).close()
        options.derivedTables = all
        store = try Scenario.open(disk, "/data", options)
        #expect(store.view().horizon(table: "page_views_day_total") == Scenario.day(3))
        try checkHeld(store.view(), events, options.derivedTables, "back again")
        store.close()
    }

    /// While threads merge and derive, days pass; views that were taken stay readable.
    @Test func inTheBackground() throws {
        var random = SeededRandom(seed: 9)
        let disk = FaultingDisk(seed: 9)
        var options = Self.options { retention in
            retention.raw = 1 * Self.days
            retention.minute = 2 * Self.days
        }
        options.mergesInBackground = true
        let store = try Scenario.open(disk, "/data", options)
        var events: [TestEvent] = []
        var views: [StoreView] = []
        for flush in 1...20 {
            let more = spreadEvents(20, from: events.count, days: 1, using: &random).map { event in
                var event = event
                event.time += Milliseconds(flush / 2) * Self.days
                return event
            }
            let watermark = Scenario.day(flush / 2)
            try store.commit(Scenario.batch(UInt64(flush), more, watermark: watermark))
            events += more
            if flush % 5 == 0 { views.append(store.view()) }
            let some = options.derivedTables.filter { _ in random.chance(0.1) }
            try checkHeld(store.view(), events, some, "flush \(flush)")
        }
        for view in views { _ = try contents(of: view) }
        let metrics = store.metrics()
        #expect(metrics.mergeError == nil && metrics.derivationError == nil)
        #expect(metrics.retentionError == nil)
        store.close()
    }
}
