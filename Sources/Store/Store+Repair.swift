// Lost rows are made again, one stretch at a time (`RepairPlan`): rows of base rollups from raw
// rows, raw rows from the log, both by the code that made them first (`LostRowsMaker`). The result
// is checked against what is known of the lost part, and one manifest record puts it in its place
// and takes the loss back. What cannot be proved right is not done: then the loss is for good.

internal import Base
internal import Disk
internal import Expressions
internal import PartFormat

/// Who makes lost rows again, and when that is tried next.
struct RepairState: Sendable {
    var maker: (any LostRowsMaker)?
    /// After a failure, on the monotonic clock.
    var notBefore: UInt64 = 0
}

extension Store {
    private static let retryNanoseconds: UInt64 = 10_000_000_000

    /// Lets lost rows be made again from now on, in the background.
    package func startRepairs(_ maker: any LostRowsMaker) {
        repairs.withLock { $0.maker = maker }
        merges.update { $0.isDue = true }
    }

    /// Makes rows of one loss again, or finds that nothing can; false if no loss is left of which
    /// that is to be found out.
    package func repairOnce() throws(StoreError) -> Bool {
        try mergeTurn.withLock { _ throws(StoreError) in
            let hadDamage = try setDamagedPartsAside()
            return try repair() || hadDamage
        }
    }

    /// The same, unless it has just failed; the turn of merges is the caller's.
    func repairIfDue() -> Bool {
        let notBefore = repairs.withLock { $0.notBefore }
        guard Clock.monotonicNanoseconds() >= notBefore else { return false }
        do throws(StoreError) {
            let hasWorked = try repair()
            state.withLock { $0.metrics.repairError = nil }
            return hasWorked
        } catch {
            state.withLock { $0.metrics.repairError = "\(error)" }
            repairs.withLock {
                $0.notBefore = Clock.monotonicNanoseconds() + Store.retryNanoseconds
            }
            return false
        }
    }

    private func repair() throws(StoreError) -> Bool {
        try forgetExpiredLosses()
        guard let maker = repairs.withLock({ $0.maker }) else { return false }
        let version = state.withLock { $0.version }
        // Events come first, as rollups are made of them.
        let pending = version.losses.filter(\.isPending)
        let raw = pending.filter { $0.table == LiveGeneration.rawTable }
        for loss in raw + pending.filter({ $0.table != LiveGeneration.rawTable }) {
            if try isBelowMinimumFree() { return false }
            if try repair(loss, maker) { return true }
        }
        return false
    }

    /// Rows that would no longer be kept are not lost.
    private func forgetExpiredLosses() throws(StoreError) {
        let failure = manifest.withLock { manifest -> DiskError? in
            let expired = manifest.state.losses.filter { loss in
                guard let times = loss.timeRange, !loss.table.isEmpty else { return false }
                return times.upperBound < manifest.state.horizon(loss.table)
            }
            if expired.isEmpty { return nil }
            var repair = ManifestRecord.Repair()
            repair.recovered = expired.map(\.file)
            return record(.repair(repair), [], in: &manifest)
        }
        if let failure { throw .disk(failure) }
    }

    /// False if the loss has to wait.
    private func repair(
        _ loss: LostRows, _ maker: any LostRowsMaker
    ) throws(StoreError) -> Bool {
        var files: [PartWrite] = []
        do throws(LostRowsError) {
            guard let plan = try plan(loss) else { return false }
            let isRaw = loss.table == LiveGeneration.rawTable
            files = try isRaw ? makeRaw(plan, maker) : makeRollup(plan, maker)
            try check(files, plan)
            try record(plan, files)
            return true
        } catch {
            remove(files.map(\.entry.path))
            switch error {
            case .unprovable(let reason): try giveUp(loss, reason)
            case .failed(.corrupt):
                // The part has reported itself, and is set aside before the next attempt.
                return try setDamagedPartsAside()
            case .failed(let failure): throw failure
            }
            return true
        }
    }

    private func plan(_ loss: LostRows) throws(LostRowsError) -> RepairPlan? {
        let recorded = manifest.withLock { $0.state }
        return try plan(loss, recorded)
    }

    private func plan(
        _ loss: LostRows, _ recorded: ManifestState
    ) throws(LostRowsError) -> RepairPlan? {
        if loss.table != LiveGeneration.rawTable {
            return try RepairPlan.rollup(loss, recorded, tables: options.derivedTables)
        }
        return try RepairPlan.raw(loss, recorded, edges: flushEdges)
    }

    private var flushEdges: FlushEdges {
        let version = state.withLock { $0.version }
        return FlushEdges(
            version.tables.values.flatMap { $0.map(\.footer.provenance) },
            lastCommit: version.lastCommit)
    }

    private func giveUp(_ loss: LostRows, _ reason: String) throws(StoreError) {
        var final = loss
        final.isFinal = true
        final.reason = "\(loss.reason); not made again: \(reason)"
        var repair = ManifestRecord.Repair()
        repair.recovered = [loss.file]
        repair.lost = [final]
        let failure = manifest.withLock { manifest -> DiskError? in
            guard manifest.state.losses.contains(loss) else { return nil }
            return record(.repair(repair), [], in: &manifest)
        }
        if let failure { throw .disk(failure) }
        tell(DamageFinding(.lost, loss, action: "not made again: \(reason)"))
        derivations.update { $0.isDue = true }
    }

    private func tell(_ finding: DamageFinding) {
        Quarantine(directory: directory, disk: disk).tell(finding)
        journal.withLock { $0.add(finding) }
    }
}

extension Store {
    /// Makes the rows of a rollup from the raw parts of the plan.
    private func makeRollup(
        _ plan: RepairPlan, _ maker: any LostRowsMaker
    ) throws(LostRowsError) -> [PartWrite] {
        guard let rollup = maker.rollup(of: plan.table) else {
            throw .unprovable("nothing makes rows of \(plan.table)")
        }
        let version = state.withLock { $0.version }
        let sources = version.parts(plan.sources)
        guard let first = sources.first, sources.count == plan.sources.count else {
            throw .failed(.superseded)
        }
        let positions = sources.dropFirst().reduce(first.footer.provenance) {
            $0.union($1.footer.provenance)
        }
        let provenance = PartProvenance(
            positionFrom: positions.positionFrom, positionTo: positions.positionTo,
            flushRange: plan.flushRange)
        var files: [PartWrite] = []
        do throws(StoreError) {
            for part in sources {
                defer { part.evict() }
                for granule in 0..<part.granuleCount {
                    try rollup.add(part, granule: granule)
                    if rollup.byteCount < options.mergeInputBytes { continue }
                    if let rows = rollup.take() {
                        files += try writeAgain(rows, plan, provenance)
                    }
                    if isEnding { throw .invalid(message: "the store is closing") }
                }
            }
            if let rows = rollup.take() { files += try writeAgain(rows, plan, provenance) }
            return files
        } catch {
            remove(files.map(\.entry.path))
            throw .failed(error)
        }
    }

    /// Makes raw rows from the log.
    private func makeRaw(
        _ plan: RepairPlan, _ maker: any LostRowsMaker
    ) throws(LostRowsError) -> [PartWrite] {
        guard let (start, end) = flushEdges.positions(of: plan.stretch) else {
            throw .failed(.superseded)
        }
        let provenance = PartProvenance(
            positionFrom: start, positionTo: end, flushRange: plan.flushRange)
        var files: [PartWrite] = []
        do throws(LostRowsError) {
            try maker.rawRows(from: start, to: end) { rows throws(StoreError) in
                files += try self.writeAgain(rows, plan, provenance)
                if self.isEnding { throw .invalid(message: "the store is closing") }
            }
            return files
        } catch {
            remove(files.map(\.entry.path))
            throw error
        }
    }

    /// Writes rows as parts; those of other partitions than the plan's are left out.
    private func writeAgain(
        _ rows: MemoryPart, _ plan: RepairPlan, _ provenance: PartProvenance
    ) throws(StoreError) -> [PartWrite] {
        let added = try encode(rows, provenance, partitionsMost: Int.max)
            .filter { plan.covers($0.entry.partition) }
        try write(added)
        return added.map { PartWrite(entry: $0.entry, bytes: [], footer: $0.footer) }
    }

    /// Checks what was made against what is known of the rows that it replaces.
    private func check(_ files: [PartWrite], _ plan: RepairPlan) throws(LostRowsError) {
        let lost = plan.losses.reduce(0) { $0 + $1.rowCount }
        let replaced = plan.parts.reduce(0) { $0 + $1.rowCount }
        let made = files.reduce(0) { $0 + $1.entry.rowCount }
        if plan.table == LiveGeneration.rawTable {
            if made == lost + replaced { return }
            throw .unprovable("the log gives \(made) rows where there were \(lost + replaced)")
        }
        // Pieces, and the lost part and its neighbours, may have rows of the same keys.
        let isAlone = plan.parts.isEmpty && plan.losses.count == 1
        if files.count <= 1, made > lost + replaced || (isAlone && made < lost) {
            throw .unprovable("the events give \(made) rows where there were \(lost + replaced)")
        }
        let events = try countEvents(files.map(\.entry), written: files)
        let before = try countEvents(plan.parts, written: [])
        if events < before + Int64(lost) {
            throw .unprovable(
                "the events that are kept are \(events), of which \(before) were in other parts")
        }
    }

    /// How many events the rows of rollup parts stand for.
    private func countEvents(
        _ entries: [PartEntry], written: [PartWrite]
    ) throws(LostRowsError) -> Int64 {
        let parts =
            written.isEmpty
            ? state.withLock { $0.version }.parts(entries)
            : written.map { makePart($0.entry, $0.footer) }
        var sum: Int64 = 0
        for part in parts {
            guard let column = part.schema.columns.firstIndex(where: { $0.role == .count }) else {
                throw .unprovable("\(part.file) does not count events")
            }
            for granule in 0..<part.granuleCount {
                do throws(StoreError) {
                    let read = try part.read(columns: [column], granules: [granule])
                    if case .integers(let counts) = read[0][0].values {
                        for count in counts { sum &+= count }
                    }
                } catch {
                    throw .failed(error)
                }
            }
        }
        return sum
    }

    /// Puts the files in the place of what the plan replaces, unless the plan is no longer right.
    private func record(_ plan: RepairPlan, _ files: [PartWrite]) throws(LostRowsError) {
        guard let loss = plan.losses.first else { return }
        var repair = ManifestRecord.Repair()
        repair.removed = (plan.parts + plan.derivedParts).map(\.number)
        repair.added = files.map(\.entry)
        repair.marks = plan.marks
        repair.recovered = plan.losses.map(\.file)
        let (version, derived) = state.withLock {
            ($0.version, Dictionary(grouping: plan.derivedParts, by: \.table).values)
        }
        let result = manifest.withLock { manifest -> Result<Void, LostRowsError> in
            let isRight = (try? self.plan(loss, manifest.state)) == plan
            guard isRight else {
                return .failure(.failed(.superseded))
            }
            let failure = record(
                .repair(repair), files, removing: Set(repair.removed), in: &manifest)
            return failure.map { .failure(.failed(.disk($0))) } ?? .success(())
        }
        try result.get()
        for part in version.parts(plan.parts) + derived.flatMap({ version.parts($0) }) {
            part.markObsolete()
        }
        let source = plan.table == LiveGeneration.rawTable ? "the log" : "raw rows"
        for loss in plan.losses {
            tell(DamageFinding(.madeAgain, loss, action: "made again from \(source)"))
        }
        rewriteManifestIfDue()
        merges.update { $0.isDue = true }
        derivations.update { $0.isDue = true }
    }
}
