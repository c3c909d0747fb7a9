internal import Base
internal import Disk
internal import EventLog
internal import Store

/// Makes snapshots of a machine now and then, removes some, and looks at what they hold.
struct SnapshotTaking {
    private let settings: Settings
    private var random: SeededRandom
    private var count = 0

    init(seed: UInt64, _ settings: Settings) {
        self.settings = settings
        random = SeededRandom(seed: seed ^ 0x5A_4150)
    }

    /// Does one thing or nothing; a sentence where a snapshot does not hold what it must.
    mutating func act(_ machine: Machine, _ disk: FaultingDisk) -> String? {
        switch random.below(8) {
        case 0, 1: return take(machine, disk)
        case 2:
            if let name = try? machine.store.snapshots().first?.name {
                try? machine.store.removeSnapshot(named: name)
            }
            return nil
        default: return nil
        }
    }

    /// What fails leaves no snapshot; what does not holds all that was written, synced.
    private mutating func take(_ machine: Machine, _ disk: FaultingDisk) -> String? {
        count += 1
        let name = "s\(random.below(1 << 30))"
        guard
            (try? machine.log.holding({
                try machine.store.makeSnapshot(named: name, created: Milliseconds(count)) {
                    try machine.log.copy(from: $0, into: $1)
                }
            })) != nil
        else { return nil }
        let left = disk.afterPowerCut(seed: random.next(), keeping: 0)
        do {
            let copy = try Machine(
                left, settings, History(), directory: "\(Machine.directory)/snapshots/\(name)")
            let found = try Contents(copy.store.view(), settings)
            if !copy.store.recovery.damage.isEmpty { return "snapshot \(name) is damaged" }
            if let sentence = found.disagreements.first { return "snapshot \(name): \(sentence)" }
            let expected = try Contents(machine.store.view(), settings)
            return found.rows == expected.rows
                ? nil : "snapshot \(name) has other events than its machine"
        } catch { return "snapshot \(name): \(error)" }
    }
}
