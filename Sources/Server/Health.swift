internal import Base
internal import Disk
internal import EventLog
internal import Store
internal import Stream

/// Watches the disk once a second: pauses ingest while too little is free, knows what troubles the
/// server, and logs what the store has found damaged.
final class Health: Sendable {
    private let directory: String
    private let disk: any Disk
    private let minimumFreeBytes: Int
    private let logger: Logger
    private let findings = Locked(Findings())
    private let stopping = Monitor(false)
    private let thread: Locked<WorkerThread?> = Locked(nil)

    private struct Findings {
        var reasons: [String] = []
        var freeBytes: Int?
        /// The parts that retention had dropped at the last look.
        var droppedParts = 0
    }

    init(directory: String, disk: any Disk, minimumFreeBytes: Int, logger: Logger) {
        self.directory = directory
        self.disk = disk
        self.minimumFreeBytes = minimumFreeBytes
        self.logger = logger
    }

    /// Sentences on what is wrong now; empty while all is well.
    var reasons: [String] { findings.withLock(\.reasons) }

    /// What is free on the disk of the data directory, as of the last look.
    var freeBytes: Int? { findings.withLock(\.freeBytes) }

    func start(watching engine: Engine) {
        look(at: engine)
        thread.withLock { thread in
            thread = WorkerThread(name: "weir-health") { [weak engine] in
                while !self.waitASecond() {
                    guard let engine else { return }
                    self.look(at: engine)
                }
            }
        }
    }

    func stop() {
        stopping.update { $0 = true }
        thread.withLock { $0.take()?.join() }
    }

    private func waitASecond() -> Bool {
        let deadline = Clock.monotonicNanoseconds() + 1_000_000_000
        return stopping.wait(until: deadline) { $0 ? true : nil } ?? false
    }

    private func look(at engine: Engine) {
        var reasons: [String] = []
        var freeBytes: Int?
        do {
            let free = try disk.freeSpace(at: directory)
            freeBytes = free
            let isLow = free < minimumFreeBytes
            let reason =
                "only \(free) bytes are free on the disk, \(minimumFreeBytes) are kept free"
            engine.ingest.setPause(isLow ? reason : nil)
            if isLow { reasons.append(reason) }
        } catch {
            reasons.append("the disk cannot be read: \(error)")
        }
        if let error = engine.log.metrics.currentError { reasons.append("event log: \(error)") }
        let store = engine.storeFigures.metrics
        if let error = store.mergeError { reasons.append("merge: \(error)") }
        if let error = store.retentionError { reasons.append("retention: \(error)") }
        if let error = store.derivationError { reasons.append("derivation: \(error)") }
        if let error = store.repairError { reasons.append("repair: \(error)") }
        reasons += damage(store)
        let lostBlocks = engine.stream.metrics.lostBlockCount
        if lostBlocks > 0 { reasons.append("\(lostBlocks) blocks of the event log are lost") }
        logger.report(engine.store.takeFindings())
        if let failure = engine.stream.metrics.commitFailure {
            reasons.append("flush: \(failure)")
        }
        let isNews = findings.withLock { findings in
            findings.reasons = reasons
            findings.freeBytes = freeBytes
            defer { findings.droppedParts = store.droppedParts }
            return findings.droppedParts != store.droppedParts
        }
        if isNews { report(store) }
    }

    private func report(_ store: StoreMetrics) {
        logger.info("retention has dropped parts") { writer in
            writer.field("partsSinceStart", store.droppedParts)
            writer.field("rowsSinceStart", store.droppedRows)
            writer.field("bytesSinceStart", store.droppedBytes)
        }
    }

    /// What is lacking; nothing once it was made again.
    private func damage(_ store: StoreMetrics) -> [String] {
        var reasons: [String] = []
        if store.pendingRepairs > 0 {
            reasons.append("\(store.pendingRepairs) damaged parts wait to be made again")
        }
        if store.losses > store.pendingRepairs {
            reasons.append("\(store.lostRows) rows are lost to damage")
        }
        return reasons
    }
}
