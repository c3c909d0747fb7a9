internal import Base
internal import Disk
internal import EventLog
internal import Store

/// What the run of a seed came to.
struct Outcome: Sendable {
    var crashPoints = 0
    var steps = 0
    /// Repeats with the seed, whatever else the machine does.
    var digest: UInt64 = 0
    var findings: [String] = []
    var damageFates: [Inspection.DamageFate: Int] = [:]
}

/// Which steps of a scenario are crashed at.
struct CrashPlan: Sendable {
    /// Every so many steps, beginning with `first`.
    var stride = 1
    var first = 0
    /// Whether the scenario makes snapshots and removes them, too.
    var hasSnapshots = false

    func includes(_ step: Int) -> Bool { step >= first && (step - first) % stride == 0 }
}

/// One seed: a server's data through some lives, each with traffic, flushes, merges, derivations
/// and failures of the disk, and at each step of the disk a crash whose remains are inspected.
final class Scenario {
    private let seed: UInt64
    private let settings: Settings
    private let history = History()
    private let watch: Watch
    private var random: SeededRandom
    private var traffic: Traffic
    private var life = 0
    private var disk: FaultingDisk
    /// Nil without snapshots; of its own, so that the rest of a scenario is the same with them.
    private var snapshots: SnapshotTaking?

    init(seed: UInt64, plan: CrashPlan = CrashPlan()) {
        self.seed = seed
        var random = SeededRandom(seed: seed)
        settings = Settings(&random)
        traffic = Traffic(prefix: "event", &random)
        var later = Traffic(prefix: "spare", after: 7_200_000, &random)
        let spare = [later.block(&random), later.block(&random)].map { block in
            var block = block
            block.number += 1 << 20
            return block
        }
        watch = Watch(seed: seed, settings, plan, history, spare: spare)
        disk = FaultingDisk(seed: random.next())
        snapshots = plan.hasSnapshots ? SnapshotTaking(seed: seed, settings) : nil
        self.random = random
    }

    func run() -> Outcome {
        let lives = random.chance(0.3) ? 3 : Int.random(in: 1...2, using: &random)
        for number in 0..<lives {
            life = number
            disk.setInterruptions(random.chance(0.5) ? 0.05 : 0)
            disk.observeSteps { [watch] operation, path, crashed in
                watch.look(operation, path, crashed)
            }
            do { try live() } catch { find("\(error)") }
            disk.observeSteps(nil)
            disk =
                random.chance(0.5)
                ? disk.afterKill(seed: random.next())
                : disk.afterPowerCut(seed: random.next(), keeping: 0.5)
        }
        return watch.outcome
    }

    private func find(_ sentence: String) {
        watch.note("seed \(seed), life \(life): \(sentence)")
    }

    private func live() throws {
        let machine = try Machine(disk, settings, history)
        if life > 0 {
            let contents = try Contents(machine.store.view(), settings)
            guard let blocks = history.promises.explain(contents.rows, isKill: false) else {
                return find("what the last life left is not what was promised")
            }
            history.change { $0.settle(blocks) }
        }
        for _ in 0..<Int.random(in: 3...9, using: &random) {
            if random.chance(0.2) { breakDisk() }
            act(machine)
            if let sentence = snapshots?.act(machine, disk) { find(sentence) }
            if random.chance(0.4) { try mend(machine) }
        }
        try mend(machine)
        let contents = try Contents(machine.store.view(), settings)
        for sentence in contents.disagreements { find(sentence) }
        if contents.rows != history.promises.current.rows { find("the living differs") }
    }

    private func act(_ machine: Machine) {
        switch random.below(12) {
        case 0..<4: send(machine, areDurable: false)
        case 4..<6: send(machine, areDurable: true)
        case 6: machine.log.work(isSyncDue: true)
        case 7..<10: _ = machine.flush()
        case 10: _ = try? machine.store.deriveOnce()
        default: try? machine.finishBackgroundWork()
        }
    }

    private func send(_ machine: Machine, areDurable: Bool) {
        let blocks = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            traffic.block(&random)
        }
        machine.send(blocks, areDurable: areDurable)
    }

    /// The disk fills up, or some of its operations fail.
    private func breakDisk() {
        if random.chance(0.4) {
            disk.setCapacity(disk.usedBytes + random.below(4_000))
            return
        }
        let operations = FaultingDisk.Operation.allCases
        disk.setFaults(
            (0..<2).map { _ in
                FaultingDisk.Fault(
                    operations[random.below(operations.count)],
                    code: random.chance(0.5) ? DiskFailure.inputOutput : DiskFailure.noSpace,
                    probability: 0.5, count: Int.random(in: 1...3, using: &random))
            })
    }

    /// The disk is well again: all goes on by itself.
    private func mend(_ machine: Machine) throws {
        disk.setFaults([])
        disk.setCapacity(.max)
        machine.log.work(isSyncDue: true)
        send(machine, areDurable: true)
        let promises = history.promises
        if promises.durableCount != promises.blocks.count || !promises.inFlight.isEmpty {
            find("the log does not recover")
        }
        if random.chance(0.5) {
            if !machine.flush() { find("flushes do not recover") }
            if random.chance(0.3) { try machine.finishBackgroundWork() }
        }
    }
}

/// The codes of failures that a disk may report.
private enum DiskFailure {
    static let inputOutput: Int32 = 5
    static let noSpace: Int32 = 28
}

/// Sees every step of a scenario's disk, and inspects what a crash there leaves.
private final class Watch: Sendable {
    private let seed: UInt64
    private let settings: Settings
    private let plan: CrashPlan
    private let history: History
    private let spare: [SentBlock]
    private let state = Locked(Outcome())

    init(
        seed: UInt64, _ settings: Settings, _ plan: CrashPlan, _ history: History,
        spare: [SentBlock]
    ) {
        self.seed = seed
        self.settings = settings
        self.plan = plan
        self.history = history
        self.spare = spare
    }

    var outcome: Outcome { state.withLock { $0 } }

    func note(_ finding: String) { state.withLock { $0.findings.append(finding) } }

    func look(_ operation: FaultingDisk.Operation, _ path: String, _ crashed: FaultingDisk) {
        let step = state.withLock { state in
            state.steps += 1
            state.digest = hash64(state.digest ^ hash64(operation.rawValue) &+ hash64(path))
            return state.steps - 1
        }
        guard plan.includes(step) else { return }
        var inspection = Inspection(
            settings, history.promises, spare: spare,
            seed: hash64(seed &+ UInt64(step) &* 0x9E37_79B9))
        let result = inspection.run(crashed)
        state.withLock { state in
            state.crashPoints += 1
            state.digest = hash64(state.digest ^ result.digest)
            if let fate = result.damage { state.damageFates[fate, default: 0] += 1 }
            for finding in result.findings {
                state.findings.append(
                    "seed \(seed), step \(step) (\(operation.rawValue) \(path)), "
                        + "\(result.manner): \(finding)")
            }
        }
    }
}
