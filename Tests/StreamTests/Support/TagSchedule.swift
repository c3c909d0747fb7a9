import Base
import Disk
import EventLog
import Query
import Store
import Stream
import TestSupport

/// A stream and a store that are driven step by step, as a server drives them.
final class TagSchedule {
    enum Step: CaseIterable {
        case take, publish, freeze, commit, merge, derive, damage, restart
    }

    static let catalog = Catalog(
        metrics: [
            metric("events", .count, "events", ["eventType"]),
            metric("views", .count, "views", ["page", "device", "country"]),
            metric("visitors", .uniq, "views", ["page", "country"]),
        ],
        rollups: [
            RollupDefinition(
                name: "events", eventType: nil, dimensions: ["eventType"], countsUsers: false),
            RollupDefinition(
                name: "views", eventType: "page_view", dimensions: ["page", "device", "country"],
                countsUsers: true),
        ])

    private(set) var store: Store
    /// When the newest block came.
    private(set) var now = TestBlock.startTime
    private let disk: FaultingDisk
    private let blocks: [TestBlock]
    private let log: TestLog
    private var state = StreamState(options: StreamOptions(), catalog: catalog)
    private var frozen: [FrozenGeneration] = []
    private var next = 0

    init(_ random: inout SeededRandom) throws {
        disk = FaultingDisk(seed: random.seed)
        blocks = TestBlock.random(count: 90, rowsMax: 5, &random)
        log = TestLog(blocks)
        store = try Self.open(disk)
    }

    /// Does one of the steps, chosen at random; damage and restarts are rare.
    func step(_ random: inout SeededRandom, of steps: [Step] = Step.allCases) throws -> Step {
        var step = steps[random.int(0..<steps.count)]
        let isRare = step == .damage || step == .restart
        if isRare && !random.oneIn(4) { step = .take }
        switch step {
        case .take:
            take()
            if random.oneIn(2) { publish() }
        case .publish: publish()
        case .freeze:
            if frozen.count < 2 {
                frozen.append(state.freeze())
                for generation in frozen { store.publish(generation.live) }
            }
        case .commit:
            if !frozen.isEmpty { try store.commit(frozen.removeFirst().batch()) }
        case .merge: repeatWhile { try store.mergeOnce() }
        case .derive: repeatWhile { try store.deriveOnce() }
        case .damage: damage(&random)
        case .restart: try restart()
        }
        return step
    }

    private func take() {
        guard next < blocks.count else { return }
        let logTime = blocks[...next].map(\.receivedAt).max() ?? 0
        state.take(
            blocks[next].block,
            at: LogMark(position: LogPosition(UInt64(next)), logTime: logTime))
        now = max(now, blocks[next].receivedAt)
        next += 1
    }

    /// Works until there is nothing to do, or until damage is met.
    private func repeatWhile(_ work: () throws -> Bool) {
        var works = true
        while works { works = (try? work()) ?? false }
    }

    private func publish() { store.publish(state.liveGeneration()) }

    /// Flips a bit of a rollup's part.
    private func damage(_ random: inout SeededRandom) {
        let parts = ["events_minute", "views_minute", "views_minute_corrections"].flatMap {
            store.view().parts(table: $0)
        }
        guard !parts.isEmpty else { return }
        let path = "/data/" + parts[random.int(0..<parts.count)].file
        let size = disk.contents(of: path)?.count ?? 1
        disk.flip(path, offset: random.int(0..<size))
    }

    /// Opens the store again and takes from the log what it had not committed.
    private func restart() throws {
        store.close()
        store = try Self.open(disk)
        frozen = []
        state = StreamState(options: StreamOptions(), catalog: Self.catalog)
        let taken = next
        next = 0
        if let commit = store.recovery.lastCommit {
            var recovery = StreamRecovery(log: log, decoder: log, options: StreamOptions())
            recovery.restore(&state, to: commit)
            next = Int(commit.position.sequence)
        }
        while next < taken { take() }
        publish()
    }

    private static func open(_ disk: FaultingDisk) throws -> Store {
        var options = StoreOptions()
        options.granuleRows = 7
        options.mergeFanIn = 3
        options.tierFloorBytes = 256
        options.minimumFreeBytes = 0
        options.derivedTables = catalog.rollups.flatMap(\.derivedTables)
        options.derivationRows = 2
        options.fullDerivationRows = 5
        options.correctionDerivationRows = 3
        options.mergesInBackground = false
        options.takeTestSizes()
        return try Store.open(directory: "/data", disk: disk, options: options) { _ in }
    }

    private static func metric(
        _ name: String, _ aggregate: MetricDefinition.Aggregate, _ rollup: String,
        _ dimensions: [String]
    ) -> MetricDefinition {
        MetricDefinition(
            name: name, aggregate: aggregate, eventType: nil, field: nil, dimensions: dimensions,
            rollup: rollup, column: aggregate == .count ? "events" : "users")
    }
}
