import Base
import Disk
import Store
import Testing

/// A process is killed, the next one starts from what is written but not synced, and then the power
/// fails: what the second one showed must still be there.
@Suite struct PowerCutAfterKillTests {
    private static func options() -> StoreOptions {
        var options = Scenario.options()
        options.manifestRewriteFloor = 200
        options.mergeFanIn = 2
        return options
    }

    private static func scenario(_ disk: FaultingDisk) throws {
        let store = try Scenario.open(disk, "/data", options())
        defer { store.close() }
        var random = SeededRandom(seed: 31)
        for flush in 1...3 {
            let events = Scenario.events(8, from: flush * 8, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            while try store.mergeOnce() {}
        }
    }

    /// Once the names of a new manifest and of FORMAT were not, nor a record that was read.
    @Test func whatAStartShowsSurvives() throws {
        let whole = FaultingDisk(seed: 1)
        try Self.scenario(whole)
        for step in 0..<whole.steps {
            let seed = UInt64(step)
            let disk = FaultingDisk(seed: seed)
            disk.crash(atStep: step)
            do { try Self.scenario(disk) } catch {}
            let killed = disk.afterKill(seed: seed)
            let second = try Scenario.open(killed, "/data", Self.options())
            let found = try contents(of: second.view())
            let cut = killed.afterPowerCut(seed: seed, keeping: step % 2 == 0 ? 0 : 0.5)
            let third = try Scenario.open(cut, "/data", Self.options())
            #expect(try contents(of: third.view()) == found, "step \(step)")
            #expect(third.recovery.damage.isEmpty, "step \(step)")
            second.close()
            third.close()
        }
    }

    /// And what it took on, too: the folder itself must have a durable name by then.
    @Test func whatIsCommittedAfterAKilledCreationSurvives() throws {
        var random = SeededRandom(seed: 32)
        let events = Scenario.events(5, from: 0, days: 1, using: &random)
        var twin = Twin()
        twin.add(events)
        for step in 0..<30 {
            let disk = FaultingDisk(seed: UInt64(step))
            disk.crash(atStep: step)
            _ = try? Scenario.open(disk)
            let killed = disk.afterKill(seed: 1)
            let store = try Scenario.open(killed)
            try store.commit(Scenario.batch(1, events))
            let again = try Scenario.open(killed.afterPowerCut(seed: 1, keeping: 0))
            #expect(try contents(of: again.view()) == twin, "step \(step)")
            store.close()
            again.close()
        }
    }
}
