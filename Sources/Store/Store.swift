package import Base
package import Disk
internal import PartFormat
internal import Synchronization

/// The tables on disk: takes flushes, gives views, merges in the background.
///
/// A version of the tables is immutable and shared by the views that were taken of it. Commits and
/// merges write their files first, then append one record to the manifest, and then publish the
/// next version; so a crash leaves what was before or what is after, and readers never wait.
package final class Store: Sendable {
    /// Syncs the log up to a position; called by a commit before it writes the manifest.
    package typealias LogSync = @Sendable (LogPosition) throws -> Void

    struct State {
        var version: StoreVersion
        var live: [LiveGeneration] = []
        /// The derivation that is at work.
        var derivation: DerivationPolicy.Choice?
        /// Whether the file of `Store+Retention` is there.
        var hasReserve = false
        var metrics = StoreMetrics()
    }

    /// What opening found.
    package let recovery: RecoveryReport
    /// The settings that the store was opened with.
    package let options: StoreOptions
    let directory: String
    let disk: any Disk
    let syncLog: LogSync
    let handles: HandleBudget
    let damage: DamageList
    /// What was found and done about damage.
    let journal: Locked<DamageJournal>
    /// Who makes lost rows again, and when that is tried next.
    let repairs = Locked(RepairState())
    private let report: Part.DamageReport
    /// Locked before `state`, never after it.
    ///
    /// Held while a record is written and its version published, so that versions follow one
    /// another as records do.
    let manifest: Locked<ManifestFile>
    let state: Locked<State>
    /// The number that the next part gets.
    let nextPartNumber: Atomic<UInt64>
    /// Folders, relative to the directory, whose names are synced.
    let syncedFolders = Locked(Set<String>())
    let merges: Monitor<MergeQueue>
    /// Held by the one merge that may run.
    let mergeTurn = Locked(())
    /// Held by who makes or removes a snapshot.
    let snapshotTurn = Locked(())
    let derivations: Monitor<MergeQueue>
    /// Held by the one derivation that may run.
    let deriveTurn = Locked(())
    private let threads = Locked(BackgroundThreads())
    private let lock: FileHandle

    /// Takes what recovery made ready.
    init(recovered: consuming RecoveredStore, syncLog: @escaping LogSync) {
        recovery = recovered.report
        options = recovered.options
        directory = recovered.directory
        disk = recovered.disk
        handles = recovered.handles
        damage = recovered.damage
        journal = Locked(recovered.journal)
        lock = recovered.lock
        self.syncLog = syncLog
        let state = recovered.manifest.state
        let merges = Monitor(MergeQueue())
        self.merges = merges
        derivations = Monitor(MergeQueue())
        let report: Part.DamageReport = { [damage = recovered.damage] part, error in
            damage.add(part, error)
            merges.update { $0.isDue = true }
        }
        self.report = report
        let parts = recovered.footers.map { file in
            Part(
                entry: file.entry, footer: file.footer, disk: recovered.disk,
                directory: recovered.directory, handles: recovered.handles, report: report)
        }
        nextPartNumber = Atomic(max(state.nextPartNumber, recovered.nextPartNumber))
        self.state = Locked(
            State(
                version: StoreVersion(parts: parts, state: state)))
        manifest = Locked(recovered.takeManifest())
    }

    /// Opens the store of a data directory, or creates it.
    ///
    /// Finds the state of the last commit, deletes files that no manifest record names, and sets
    /// damaged parts aside; `recovery` says what it found. Refuses only a directory that is in use,
    /// is not ours or has a newer format.
    package static func open(
        directory: String, disk: any Disk, options: StoreOptions = StoreOptions(),
        syncLog: @escaping LogSync
    ) throws(StoreError) -> Store {
        let recovered = try RecoveredStore.open(
            directory: directory, disk: disk, options: options)
        let store = Store(recovered: recovered, syncLog: syncLog)
        do throws(StoreError) {
            try store.dropUnknownDerivedTables()
            try store.dropUnknownHorizons()
        } catch {
            store.state.withLock { $0.metrics.derivationError = "\(error)" }
        }
        store.removeUnfinishedSnapshots()
        // What fails is in the metrics, and tried again after the next commit.
        _ = store.attemptRetention()
        if options.mergesInBackground { store.startThreads() }
        return store
    }

    /// Shows the rows of a coming flush; replaces the generation of the same flush number.
    ///
    /// A generation that a commit has replaced already is not shown again.
    package func publish(_ live: LiveGeneration) {
        state.withLock { state in
            if let last = state.version.lastCommit, live.flushNumber <= last.flushNumber { return }
            let index =
                state.live.firstIndex { $0.flushNumber >= live.flushNumber } ?? state.live.count
            if index < state.live.count, state.live[index].flushNumber == live.flushNumber {
                state.live[index] = live
            } else {
                state.live.insert(live, at: index)
            }
        }
    }

    /// The store at this instant.
    package func view() -> StoreView {
        state.withLock { StoreView(version: $0.version, live: $0.live) }
    }

    /// What the store has done and holds.
    package func metrics() -> StoreMetrics {
        let (snapshot, version, live) = state.withLock { ($0.metrics, $0.version, $0.live.count) }
        var metrics = snapshot
        metrics.liveGenerations = live
        metrics.manifestBytes = manifest.withLock { $0.byteCount }
        metrics.lostRows = version.losses.reduce(0) { $0 + $1.rowCount }
        metrics.losses = version.losses.count
        metrics.pendingRepairs = version.losses.count { $0.isPending }
        let journal = journal.withLock { $0 }
        metrics.partsQuarantined = journal.damagedParts
        metrics.partsMadeAgain = journal.partsMadeAgain
        metrics.partsTakenUp = journal.partsTakenUp
        metrics.tables = version.tables.sorted { $0.key < $1.key }.map { name, parts in
            StoreMetrics.Table(
                name: name, partCount: parts.count,
                rowCount: parts.reduce(0) { $0 + $1.rowCount },
                byteCount: parts.reduce(0) { $0 + $1.byteCount })
        }
        let entries = version.entries
        let lastFlush = version.lastCommit?.flushNumber ?? 0
        let due = MergePolicy(options: options).due(
            entries, lastCommit: version.lastCommit,
            fences: MergeFences(version.marks, tables: options.derivedTables))
        metrics.mergeBacklogBytes = due.reduce(0) { sum, choice in
            sum + choice.parts.reduce(0) { $0 + $1.byteCount }
        }
        metrics.derivationBacklogRows = DerivationPolicy(options: options).due(
            entries, marks: version.marks, horizons: version.horizons, losses: version.losses,
            lastFlush: lastFlush
        ).reduce(0) { $0 + $1.rowCount }
        return metrics
    }

    /// Ends merges and derivations and gives up the lock of the directory.
    ///
    /// Views taken before stay readable. Must be the last call.
    package func close() {
        merges.update { $0.isEnding = true }
        derivations.update { $0.isEnding = true }
        threads.withLock { $0.join() }
        disk.close(lock)
    }

    private func startThreads() {
        threads.withLock { threads in
            threads.merging = WorkerThread(name: "weir-merge") { [self] in mergeUntilClosed() }
            if options.derivedTables.isEmpty { return }
            threads.deriving = WorkerThread(name: "weir-derive") { [self] in deriveUntilClosed() }
        }
    }

    /// A part whose file is written.
    func makePart(_ entry: PartEntry, _ footer: PartFooter) -> Part {
        Part(
            entry: entry, footer: footer, disk: disk, directory: directory, handles: handles,
            report: report)
    }

    /// Publishes the version that a record made; the manifest is locked by the caller.
    ///
    /// `events`: those that a commit brings.
    func publishVersion(
        removing removed: Set<UInt64> = [], adding added: [Part] = [],
        events: EventCounts = EventCounts(), manifest: borrowing ManifestFile
    ) {
        let recorded = manifest.state
        // Versions follow one another under the manifest's lock, so it holds until it is published.
        let received = state.withLock { $0.version.received }.adding(events)
        state.withLock { state in
            state.version = state.version.changed(
                removing: removed, adding: added, state: recorded, received: received)
            if let lastCommit = recorded.lastCommit {
                state.live.removeAll { $0.flushNumber <= lastCommit.flushNumber }
            }
        }
    }

    /// Rewrites the manifest if it has grown; what fails is tried again after the next record.
    func rewriteManifestIfDue() {
        let failure = manifest.withLock { manifest -> String? in
            guard manifest.isRewriteDue(floor: options.manifestRewriteFloor) else { return nil }
            do throws(DiskError) {
                try manifest.rewrite()
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let failure { state.withLock { $0.metrics.commitError = failure } }
    }
}

/// Holds the threads of a store.
private struct BackgroundThreads: ~Copyable {
    var merging: WorkerThread?
    var deriving: WorkerThread?

    mutating func join() {
        if let running = merging.take() { running.join() }
        if let running = deriving.take() { running.join() }
    }
}
