import Base
import Disk
import Store
import Testing

/// A power cut or a kill at every step of commits, derivations, merges and retention.
@Suite struct RetentionCrashTests {
    private struct Progress {
        var acknowledged: [TestEvent] = []
        var inFlight: [TestEvent] = []
        var droppedParts = 0
    }

    private static func scenario(_ disk: FaultingDisk, _ progress: inout Progress) throws {
        let store = try Scenario.open(disk, "/data", options())
        defer { store.close() }
        var random = SeededRandom(seed: 79)
        for flush in 1...4 {
            let events = spreadEvents(10, from: flush * 10, days: 2, using: &random)
            progress.inFlight = events
            try store.commit(
                Scenario.batch(UInt64(flush), events, watermark: Scenario.day(flush)))
            progress.acknowledged += events
            progress.inFlight = []
            while try store.deriveOnce() {}
            while try store.dropExpired() {}
            while try store.mergeOnce() {}
        }
        progress.droppedParts = store.metrics().droppedParts
    }

    private static func options() -> StoreOptions {
        var options = Scenario.derivingOptions()
        options.derivationRows = 10
        options.mergeFanIn = 2
        options.manifestRewriteFloor = 256
        options.reserveBytes = 512
        options.retention.raw = CivilTime.millisecondsPerDay
        options.retention.minute = 0
        options.retention.hour = 2 * CivilTime.millisecondsPerDay
        // Few tables, for each makes steps.
        options.derivedTables = derivedRollup.derivedTables.filter {
            ["page_views_hour_by_page", "page_views_day_total"].contains($0.name)
        }
        return options
    }

    @Test(arguments: 0..<CrashStep.shares) func everyStep(_ share: Int) throws {
        let whole = FaultingDisk(seed: 1)
        var progress = Progress()
        try Self.scenario(whole, &progress)
        #expect(progress.droppedParts > 3)
        let steps = CrashStep.steps(of: whole.steps, share: share, oneIn: 4, seedFactor: 7)
        for step in steps {
            let disk = step.disk()
            var progress = Progress()
            do { try Self.scenario(disk, &progress) } catch {}
            try Self.check(step.remains(of: disk), progress, step.comment)
        }
    }

    private static func check(
        _ disk: FaultingDisk, _ progress: Progress, _ what: Comment
    ) throws {
        let store = try Scenario.open(disk, "/data", options())
        defer { store.close() }
        #expect(store.recovery.damage.isEmpty && !store.recovery.manifestIsDamaged, what)
        #expect(try tableFiles(disk, "/data") == namedFiles(store.view()), what)
        // A flush that was not acknowledged is there as a whole or not at all.
        let flush = store.recovery.lastCommit?.flushNumber ?? 0
        var events = progress.acknowledged
        if flush > events.count / 10 { events += progress.inFlight }
        #expect(events.count / 10 == flush, what)
        let tables = options().derivedTables
        try checkHeld(store.view(), events, tables, what)
        guard let watermark = store.recovery.lastCommit?.watermark else { return }
        _ = try Scenario.drain(store, from: flush, watermark: watermark)
        try checkHeld(store.view(), events, tables, what)
    }
}
