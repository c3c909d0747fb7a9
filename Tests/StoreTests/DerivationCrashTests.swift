import Base
import Disk
import Store
import Testing

/// A power cut or a kill at every step of commits, derivations and merges.
@Suite struct DerivationCrashTests {
    private struct Progress {
        var acknowledged = Twin()
        var inFlight: Twin?
        var derivations = 0
        var merges = 0
    }

    private static func scenario(_ disk: FaultingDisk, _ progress: inout Progress) throws {
        let store = try Scenario.open(disk, "/data", options())
        defer { store.close() }
        var random = SeededRandom(seed: 78)
        for flush in 1...3 {
            let events = spreadEvents(10, from: flush * 10, days: 1, using: &random)
            var next = progress.acknowledged
            next.add(events)
            progress.inFlight = next
            try store.commit(Scenario.batch(UInt64(flush), events))
            progress.acknowledged = next
            progress.inFlight = nil
            while try store.deriveOnce() { progress.derivations += 1 }
            while try store.mergeOnce() { progress.merges += 1 }
        }
    }

    private static func options() -> StoreOptions {
        var options = Scenario.derivingOptions()
        options.derivationRows = 10
        options.mergeFanIn = 2
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
        #expect(progress.derivations > 2 && progress.merges > 2)
        let steps = CrashStep.steps(of: whole.steps, share: share, oneIn: 3, seedFactor: 5)
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
        let found = try contents(of: store.view())
        #expect(found == progress.acknowledged || found == progress.inFlight, what)
        #expect(store.recovery.damage.isEmpty && !store.recovery.manifestIsDamaged, what)
        #expect(try tableFiles(disk, "/data") == namedFiles(store.view()), what)
        try checkDerived(store.view(), options().derivedTables, what)
        while try store.deriveOnce() {}
        while try store.mergeOnce() {}
        #expect(try contents(of: store.view()) == found, what)
        try checkDerived(store.view(), options().derivedTables, what)
    }
}
