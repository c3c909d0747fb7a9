internal import Base
internal import Disk
internal import EventLog
internal import Events
internal import PartFormat
internal import Store
internal import Stream

/// The sizes of a scenario, all tiny.
struct Settings: Sendable {
    static let rollup = RollupDefinition(
        name: "views", eventType: "view", dimensions: ["page", "device"], countsUsers: true)
    static let catalog = Catalog(metrics: [], rollups: [rollup])

    /// The tables of the scenario.
    var tables: [String] {
        [LiveGeneration.rawTable]
            + [false, true].map { Self.rollup.schema(corrections: $0).name }
            + store.derivedTables.map(\.name)
    }

    var store = StoreOptions()
    var log = LogOptions()
    var stream = StreamOptions()

    init(_ random: inout SeededRandom) {
        store.granuleRows = [2, 3, 8].randomElement(using: &random) ?? 3
        store.compressionLevel = random.chance(0.5) ? 1 : nil
        store.partitionsPerFlush = 2
        store.mergeFanIn = 2
        store.mergeFanInMost = 3
        store.tierFloorBytes = 256
        store.tierFactor = 4
        store.mixedWaitFlushes = 1
        store.closingWaitFlushes = 2
        store.wideBytesLeast = random.chance(0.5) ? 2_500 : 1 << 20
        store.minimumFreeBytes = 0
        store.manifestRewriteFloor = [200, 800].randomElement(using: &random) ?? 200
        store.mergesInBackground = false
        store.derivationRows = 4
        store.derivationWaitFlushes = 2
        store.fullDerivationRows = 6
        store.fullDerivationWaitFlushes = 2
        store.correctionDerivationRows = 3
        store.derivationSliceRows = 5
        // Few, for each of them makes steps.
        let tables = Self.rollup.derivedTables.shuffled(using: &random).prefix(random.below(3))
        store.derivedTables = Self.rollup.derivedTables.filter { tables.contains($0) }
        log.isDriven = true
        log.saltSeed = random.next()
        // Only the scenario says when a sync is due.
        log.syncInterval = CivilTime.millisecondsPerDay
        log.segmentBytes = [1_024, 2_048, 4_096].randomElement(using: &random) ?? 2_048
        log.keepMilliseconds = 60_000
        log.keepBytes = 4_096
        stream.flushInterval = CivilTime.millisecondsPerDay
        stream.publishInterval = CivilTime.millisecondsPerDay
        stream.dedupWindow = 2 * Traffic.repeatedWithin
        stream.logRetryInterval = 0
        stream.logReadBytes = 1_024
    }
}

/// Log, stream and store on a disk in memory, driven step by step by the one who made it.
final class Machine {
    static let directory = "/data"

    let store: Store
    let log: EmbeddedLog
    let stream: StreamWorker
    private let history: History
    /// So many blocks are in the generation that waits for its commit.
    private var flushedCount = 0

    /// Why a machine could not be opened.
    enum Failure: Error, CustomStringConvertible {
        case store(StoreError)
        case log(EventLogError)

        var description: String {
            switch self {
            case .store(let error): "the store: \(error)"
            case .log(let error): "the log: \(error)"
            }
        }
    }

    /// Recovers what the disk has, and takes into the stream what lies in the log.
    init(
        _ disk: FaultingDisk, _ settings: Settings, _ history: History,
        directory: String = Machine.directory
    ) throws(Failure) {
        self.history = history
        let slot = Slot()
        let store: Store
        do throws(StoreError) {
            store = try Store.open(
                directory: directory, disk: disk, options: settings.store
            ) { position in try slot.sync(through: position) }
        } catch { throw .store(error) }
        let lastCommit = store.recovery.lastCommit
        do throws(EventLogError) {
            log = try EmbeddedLog.open(
                disk: disk, directory: directory + "/log", options: settings.log,
                notBefore: lastCommit?.position ?? .start)
        } catch { throw .log(error) }
        slot.log.withLock { [log] in $0 = log }
        stream = StreamWorker(
            options: settings.stream, catalog: Settings.catalog, log: log, sink: store,
            lastCommit: lastCommit)
        self.store = store
        stream.work()
    }

    /// Hands blocks to the log and has them written, and taken by the stream.
    func send(_ blocks: [SentBlock], areDurable: Bool) {
        history.change { $0.inFlight = blocks }
        for block in blocks { append(block, isDurable: areDurable) }
        log.work()
        history.change { $0.endRound() }
        stream.work()
    }

    private func append(_ sent: SentBlock, isDurable: Bool) {
        var append = LogAppend(
            payload: sent.block.encode(), receivedAt: sent.receivedAt, isDurable: isDurable,
            written: { [stream, history] result in
                guard case .success(let mark) = result else {
                    return history.change { $0.noteRefused(sent) }
                }
                history.change { $0.noteWritten(sent) }
                stream.offer(sent.block, at: mark)
            })
        if isDurable {
            append.synced = { [history] result in
                if case .success = result { history.change { $0.noteDurable(sent.number) } }
            }
        }
        log.append(append)
    }

    /// Flushes what was taken, or tries the flush that failed before once more; false if that
    /// fails.
    func flush() -> Bool {
        if !stream.hasFlush {
            flushedCount = history.promises.blocks.count
            stream.wantFlush()
            stream.work()
            if !stream.hasFlush { return true }
        }
        guard stream.commit() else { return false }
        let count = flushedCount
        history.change { $0.noteCommitted(count) }
        return true
    }

    /// Derives and merges all that is due.
    func finishBackgroundWork() throws(StoreError) {
        while try store.deriveOnce() {}
        while try store.mergeOnce() {}
    }

    /// The log, which the store needs and which is opened after it.
    private final class Slot: Sendable {
        let log = Locked<EmbeddedLog?>(nil)

        func sync(through position: LogPosition) throws(EventLogError) {
            guard let log = log.withLock({ $0 }) else { throw .closed }
            try log.sync(through: position)
        }
    }
}
