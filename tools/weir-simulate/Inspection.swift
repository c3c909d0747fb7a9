internal import Base
internal import Disk
internal import EventLog
internal import Store
internal import Stream

/// Recovers what a crash left, and compares it with what was promised.
struct Inspection {
    /// What looking at one crash came to.
    struct Result: Sendable {
        /// Sentences on what is wrong; empty where all is as promised.
        var findings: [String] = []
        /// What was done to the disk.
        var manner = ""
        /// Of the rows that were found, for the digest of the run.
        var digest: UInt64 = 0
        /// What became of a flipped bit; nil where none was flipped.
        var damage: DamageFate?
    }

    /// What a bit that was flipped in synced data did.
    enum DamageFate: String, Sendable, CaseIterable {
        /// All is there, and nobody noticed: the byte says nothing.
        case harmless
        /// All is there, and the damage was reported.
        case repaired
        /// Something is lost, and that was reported.
        case reported
        /// The directory cannot be told from a foreign or a newer one, and was left alone.
        case refused
    }

    let settings: Settings
    let promises: Promises
    /// Blocks to go on with.
    let spare: [SentBlock]
    private var random: SeededRandom
    private var result = Result()
    private var isKill = false

    init(_ settings: Settings, _ promises: Promises, spare: [SentBlock], seed: UInt64) {
        self.settings = settings
        self.promises = promises
        self.spare = spare
        random = SeededRandom(seed: seed)
    }

    /// Does one of the things that can happen to the disk, as the seed says, and looks.
    mutating func run(_ crashed: FaultingDisk) -> Result {
        var disk = crash(crashed)
        isKill = result.manner == "kill"
        if random.chance(0.2) {
            disk.crash(atStep: random.below(120))
            _ = try? Machine(disk, settings, History(promises))
            result.manner += ", and in the recovery "
            let before = result.manner
            disk = crash(disk)
            isKill = isKill && result.manner == before + "kill"
        }
        if random.chance(0.12) {
            inspectDamaged(disk)
        } else {
            do { try inspect(disk) } catch { find("\(error)") }
        }
        return result
    }

    private mutating func crash(_ disk: FaultingDisk) -> FaultingDisk {
        let seed = random.next()
        if random.chance(0.3) {
            result.manner += "kill"
            return disk.afterKill(seed: seed)
        }
        let keeping =
            [0, 0.5, 1, Double.random(in: 0..<1, using: &random)]
            .randomElement(using: &random) ?? 0
        let flipping = random.chance(0.5) ? 0.2 : 0
        result.manner += "power cut keeping \(keeping) flipping \(flipping)"
        return disk.afterPowerCut(seed: seed, keeping: keeping, flipping: flipping)
    }

    private mutating func find(_ sentence: String) { result.findings.append(sentence) }

    /// Nothing was damaged: everything must be there, once.
    private mutating func inspect(_ disk: FaultingDisk) throws {
        var settled = promises
        let history = History(promises)
        let machine = try Machine(disk, settings, history)
        reportTroubles(of: machine)
        let contents = try read(machine)
        guard let blocks = promises.explain(contents.rows, isKill: isKill) else {
            let expected = promises.possible.rows
            let strange = contents.rows.filter { $0.value > expected[$0.key] ?? 0 }.count
            return find(
                "\(contents.rows.count) events are found, of which \(strange) are strange or "
                    + "double; \(promises.durable.rows.count) are durable, "
                    + "\(promises.current.rows.count) in the log")
        }
        compareFiles(disk, machine)
        if random.chance(0.3) {
            settled.settle(blocks)
            history.change { $0 = settled }
            try goOn(disk, machine, history)
        }
    }

    private mutating func read(_ machine: Machine) throws -> Contents {
        let contents = try Contents(machine.store.view(), settings)
        result.findings += contents.disagreements
        for (row, count) in contents.rows { result.digest &+= hash64(row &+ UInt64(count)) }
        return contents
    }

    private mutating func reportTroubles(of machine: Machine) {
        let recovery = machine.store.recovery
        for loss in recovery.damage { find("\(loss.file) is damaged: \(loss.reason)") }
        if recovery.manifestIsDamaged { find("the manifest is damaged: \(recovery.notes)") }
        for damage in machine.log.damages { find("the log is damaged: \(damage.error)") }
        result.findings += machine.stream.recovery.findings
        let lost = machine.stream.metrics.lostBlockCount
        if lost > 0 { find("\(lost) blocks are lost") }
    }

    /// Every file in the tables is a part, and nothing was set aside.
    private mutating func compareFiles(_ disk: FaultingDisk, _ machine: Machine) {
        let view = machine.store.view()
        let named = Set(view.tableNames.flatMap { view.parts(table: $0).map(\.file) })
        var found: Set<String> = []
        let prefix = Machine.directory + "/"
        for (path, _) in disk.files where path.hasPrefix(prefix) {
            let parts = path.dropFirst(prefix.count).split(separator: "/")
            if parts[0] == "tables" { found.insert(parts.prefix(4).joined(separator: "/")) }
            if parts[0] == "quarantine" || path.hasSuffix(".damaged") { find("\(path) is there") }
        }
        if found != named {
            find(
                "unnamed files \(found.subtracting(named).sorted()), missing files "
                    + "\(named.subtracting(found).sorted())")
        }
    }

    /// What was recovered takes more events, works on, and survives once more.
    private mutating func goOn(
        _ disk: FaultingDisk, _ machine: Machine, _ history: History
    ) throws {
        machine.send(spare, areDurable: true)
        let promises = history.promises
        if promises.durableCount != promises.blocks.count { find("it takes no more events") }
        if !machine.flush() { find("it does not flush any more") }
        try machine.finishBackgroundWork()
        let expected = promises.current.rows
        if try read(machine).rows != expected { find("after going on rows are lost or double") }
        compareFiles(disk, machine)
        let again = try Machine(
            disk.afterPowerCut(seed: random.next(), keeping: 0), settings, History(promises))
        reportTroubles(of: again)
        if try read(again).rows != expected { find("after going on rows do not survive") }
    }
}

extension Inspection {
    /// A bit of what was synced is flipped: that must be noticed, and what is not touched must be
    /// right.
    private mutating func inspectDamaged(_ disk: FaultingDisk) {
        let lock = "\(Machine.directory)/\(FileNames.lock)"
        guard let damaged = disk.damage(&random, where: { $0 != lock }) else { return }
        result.manner += ", a bit flipped in \(damaged.path) at \(damaged.offset)"
        let machine: Machine
        do throws(Machine.Failure) {
            machine = try Machine(disk, settings, History(promises))
        } catch {
            if damaged.path.hasSuffix("/" + FileNames.format), case .store(let error) = error {
                switch error {
                case .foreignDirectory, .newerFormat:
                    result.damage = .refused
                    return
                default: break
                }
            }
            return find("it does not start: \(error)")
        }
        do { try judge(machine) } catch { find("\(error)") }
    }

    private mutating func judge(_ machine: Machine) throws {
        let view = try settleDamage(machine)
        let lost = Set(view.losses.map(\.table))
        let isLogDamaged =
            !machine.log.damages.isEmpty || !machine.stream.recovery.findings.isEmpty
            || machine.stream.metrics.lostBlockCount > 0 || machine.log.bytesCut > 0
        let recovery = machine.store.recovery
        let isReported =
            isLogDamaged || !lost.isEmpty || recovery.manifestIsDamaged
            || recovery.manifestBytesCut > 0 || !recovery.notes.isEmpty
        let isAnyTable = lost.contains("") || recovery.manifestIsDamaged
        let everyTable = Set(settings.tables)
        let contents = try Contents(view, settings, lost: isAnyTable ? everyTable : lost)
        result.findings += contents.disagreements
        for (row, count) in contents.rows { result.digest &+= hash64(row &+ UInt64(count)) }
        if promises.explain(contents.rows, isKill: isKill) != nil {
            result.damage = isReported ? .repaired : .harmless
            return
        }
        result.damage = .reported
        if !isReported { return find("events are lost or strange, and nobody says so") }
        if lost.contains("events") || isAnyTable || isLogDamaged || recovery.manifestBytesCut > 0 {
            let known = promises.possible.ids
            for (id, count) in contents.ids where count > 1 || !known.contains(id) {
                // The ids of a block that is lost are not remembered, which is said.
                if !isLogDamaged { find("an event is there \(count) times") }
            }
        } else {
            find("events are lost or strange, and only \(lost.sorted()) are said to have losses")
        }
    }

    /// Reads all, and sets what that finds damaged aside, until there is nothing more.
    private func settleDamage(_ machine: Machine) throws -> StoreView {
        for _ in 0..<20 {
            do {
                _ = try Contents(machine.store.view(), settings, lost: Set(settings.tables))
                break
            } catch StoreError.corrupt {
                _ = try machine.store.mergeOnce()
            }
        }
        return machine.store.view()
    }
}
