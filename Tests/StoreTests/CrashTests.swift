import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import TestSupport
import Testing

/// A power cut or a kill at every step of a scenario.
@Suite struct CrashTests {
    /// What was acknowledged, and what the commit in flight would make of it.
    private struct Progress {
        var acknowledged = Twin()
        var inFlight: Twin?
        var flush: UInt64 = 0
        var merges = 0
        var rewrites = 0
        var manifestBytes = 0
    }

    private static func scenario(_ disk: FaultingDisk, _ progress: inout Progress) throws {
        var options = Scenario.options()
        options.manifestRewriteFloor = 200
        options.mergeFanIn = 2
        // Some merges make a folder of files.
        options.wideBytesLeast = 2_500
        let store = try Scenario.open(disk, "/data", options)
        defer { store.close() }
        var random = SeededRandom(seed: 77)
        for flush in 1...5 {
            let events = Scenario.events(
                12, from: flush * 12, days: flush == 4 ? 6 : 1, using: &random)
            var next = progress.acknowledged
            next.add(events)
            progress.inFlight = next
            try store.commit(Scenario.batch(UInt64(flush), events))
            progress.acknowledged = next
            progress.inFlight = nil
            progress.flush = UInt64(flush)
            if flush > 2 { while try store.mergeOnce() { progress.merges += 1 } }
            let manifestBytes = store.metrics().manifestBytes
            if manifestBytes < progress.manifestBytes { progress.rewrites += 1 }
            progress.manifestBytes = manifestBytes
        }
    }

    /// A few of the sixteenths of all steps each, so that they run side by side.
    @Test(arguments: 0..<16) func everyStep(_ share: Int) throws {
        let whole = FaultingDisk(seed: 1)
        var progress = Progress()
        try CrashTests.scenario(whole, &progress)
        #expect(whole.steps > 200)
        #expect(progress.merges > 2)
        // The records of tiny parts are so many that each round ends with a longer manifest.
        #expect(progress.rewrites > 0 || TestSizes.isTiny)
        let first = share + 16 * Int.random(in: 0..<TestSizes.oneStep(in: 1))
        for step in stride(from: first, to: whole.steps, by: 16 * TestSizes.oneStep(in: 1)) {
            let seed = UInt64(step) * 3 + 1
            let disk = FaultingDisk(seed: seed)
            disk.crash(atStep: step)
            var progress = Progress()
            #expect(throws: StoreError.self, "step \(step)") {
                try CrashTests.scenario(disk, &progress)
                // Unlinking may be the last step, whose failure nobody has to hear of.
                if disk.hasCrashed { throw StoreError.invalid(message: "crashed") }
            }
            let keeping = [0.0, 0.5, 1.0][step / 16 % 3]
            try CrashTests.check(
                disk.afterPowerCut(seed: seed, keeping: keeping), progress,
                "step \(step), keeping \(keeping)")
            if step % 4 == 0 {
                try CrashTests.check(disk.afterKill(seed: seed), progress, "step \(step), kill")
            }
        }
    }

    private static func check(
        _ disk: FaultingDisk, _ progress: Progress, _ what: Comment
    ) throws {
        let store = try Scenario.open(disk)
        defer { store.close() }
        let found = try contents(of: store.view())
        let isBefore = found == progress.acknowledged
        let isAfter = progress.inFlight.map { found == $0 } ?? false
        #expect(isBefore || isAfter, what)
        #expect(store.recovery.damage.isEmpty && !store.recovery.manifestIsDamaged, what)
        let flush = store.recovery.lastCommit?.flushNumber ?? 0
        #expect(
            flush == (found == progress.acknowledged ? progress.flush : progress.flush + 1)
                || progress.inFlight == progress.acknowledged, what)
        #expect(try tableFiles(disk, "/data") == namedFiles(store.view()), what)
        // It goes on: another commit is taken and survives.
        var random = SeededRandom(seed: 5)
        let events = Scenario.events(5, from: 1_000, days: 1, using: &random)
        try store.commit(Scenario.batch(flush + 1, events))
        while try store.mergeOnce() {}
        var twin = found
        twin.add(events)
        #expect(try contents(of: store.view()) == twin, what)
    }

    /// Errors, not crashes: after each the process goes on and tries again.
    @Test(arguments: 0..<3) func errorsAtRandomSteps(_ round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("CrashTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let disk = FaultingDisk(seed: seed)
        var options = Scenario.options()
        options.manifestRewriteFloor = 200
        let store = try Scenario.open(disk, "/data", options)
        var twin = Twin()
        for flush in 1...12 {
            let events = Scenario.events(10, from: flush * 10, days: 2, using: &random)
            var attempts = 0
            while true {
                let operation = FaultingDisk.Operation.allCases.randomElement(using: &random)
                let fault = FaultingDisk.Fault(
                    operation ?? .write, code: 5,
                    probability: 0.4, count: 3)
                disk.setFaults(attempts < 4 ? [fault] : [])
                attempts += 1
                let result = Result { try store.commit(Scenario.batch(UInt64(flush), events)) }
                _ = try? store.mergeOnce()
                if case .success = result { break }
                disk.setFaults([])
                #expect(try contents(of: store.view()) == twin, "seed \(seed)")
            }
            disk.setFaults([])
            twin.add(events)
            #expect(try contents(of: store.view()) == twin, "seed \(seed)")
            let crashed = disk.afterPowerCut(
                seed: seed, keeping: [0, 0.5, 1].randomElement(using: &random) ?? 0)
            let again = try Scenario.open(crashed)
            #expect(try contents(of: again.view()) == twin, "seed \(seed), flush \(flush)")
            #expect(again.recovery.damage.isEmpty, "seed \(seed)")
            again.close()
        }
        store.close()
    }
}
