internal import Base
internal import Disk
internal import EventLog
internal import Events
internal import Glibc
internal import Query
internal import Store
internal import Stream

/// Everything behind the endpoints, joined: disk, store, log, stream and ingest of one data
/// directory.
///
/// Opening recovers: the store finds its last commit, the log its end, and the stream takes what
/// lies between; after that the engine holds exactly what it held before the crash.
final class Engine: Sendable {
    let store: Store
    let storeFigures: StoreFigures
    let log: EmbeddedLog
    let stream: StreamWorker
    let ingest: Ingest
    let catalog: Catalog
    let health: Health
    let queries: QueryService
    let selects: SelectService
    let snapshots: SnapshotService
    let decompressedLimit: Int

    init(_ options: EngineOptions, disk: any Disk, logger: Logger) throws(EngineError) {
        let logSlot = LogSlot()
        let store = try Self.openStore(options, disk, logSlot)
        self.store = store
        storeFigures = StoreFigures(store)
        Self.report(store, to: logger)
        let lastCommit = store.recovery.lastCommit
        let log = try Self.openLog(options, disk, notBefore: lastCommit?.position ?? .start)
        self.log = log
        Self.report(log, to: logger)
        logSlot.set(log)
        catalog = .builtIn
        let stream = StreamWorker(
            options: options.stream, catalog: catalog, log: log, sink: store,
            lastCommit: lastCommit)
        self.stream = stream
        for finding in stream.recovery.findings { logger.warning(finding) }
        stream.start()
        // Endless on purpose: a server that has not caught up with its log must not answer.
        while !stream.waitUntilPublished(stream.recoveryEnd, timeout: 60_000) {
            let position = stream.metrics.position
            logger.info("still reading the log") { $0.field("position", "\(position)") }
        }
        store.startRepairs(EventsAgain(options: options.stream, catalog: catalog, log: log))
        ingest = Ingest(options: options.ingest, log: log) { block, mark in
            stream.offer(block, at: mark)
        }
        ingest.start()
        health = Health(
            directory: options.directory, disk: disk, minimumFreeBytes: options.minimumFreeBytes,
            logger: logger)
        queries = QueryService(
            store: store, catalog: catalog, threads: options.queryThreads,
            queueLimit: options.queryQueue, cacheBytes: options.queryCacheBytes,
            subtotalBytes: options.querySubtotalBytes)
        selects = SelectService(store: store, catalog: catalog, options: options.selects)
        snapshots = SnapshotService(
            store: store, log: log, directory: absolutePath(options.directory), logger: logger)
        decompressedLimit = options.decompressedLimit
        selects.setSystemTables(SystemTables(engine: self, settings: options.settings).all)
        health.start(watching: self)
    }

    /// Takes no more events, commits what was taken, and closes the files.
    ///
    /// Returns whether everything is in the store; what is not stays in the log.
    func close() -> Bool {
        health.stop()
        ingest.close()
        queries.close()
        selects.close()
        snapshots.close()
        waitForLog()
        let isFlushed =
            stream.waitUntilPublished(log.end, timeout: 10_000) && stream.flush(timeout: 15_000)
        stream.stop()
        log.close()
        store.close()
        return isFlushed
    }

    /// Waits until the log has written what ingest has handed to it, or can write nothing.
    private func waitForLog() {
        let deadline = Clock.monotonicNanoseconds() + 10_000_000_000
        while log.pendingBytes > 0, Clock.monotonicNanoseconds() < deadline {
            Clock.sleep(nanoseconds: 1_000_000)
        }
    }

    private static func openStore(
        _ options: EngineOptions, _ disk: any Disk, _ logSlot: LogSlot
    ) throws(EngineError) -> Store {
        do {
            return try Store.open(
                directory: options.directory, disk: disk, options: options.store,
                syncLog: { position in try logSlot.sync(through: position) })
        } catch {
            throw .store(error)
        }
    }

    private static func openLog(
        _ options: EngineOptions, _ disk: any Disk, notBefore position: LogPosition
    ) throws(EngineError) -> EmbeddedLog {
        do {
            return try EmbeddedLog.open(
                disk: disk, directory: options.directory + "/log", options: options.log,
                notBefore: position)
        } catch {
            throw .log(error)
        }
    }

    private static func report(_ log: EmbeddedLog, to logger: Logger) {
        for damage in log.damages {
            logger.error("events lost to damage of the log") {
                $0.field("reason", "\(damage.error)")
                $0.field("blocks", damage.lost.count)
            }
        }
        if log.bytesCut > 0 {
            logger.warning("cut unfinished blocks off the event log") {
                $0.field("bytes", log.bytesCut)
            }
        }
    }

    private static func report(_ store: Store, to logger: Logger) {
        let recovery = store.recovery
        for note in recovery.notes { logger.warning(note) }
        logger.report(store.takeFindings())
        if recovery.manifestBytesCut > 0 {
            logger.warning("cut an unfinished record off the manifest") {
                $0.field("bytes", recovery.manifestBytesCut)
            }
        }
    }
}

extension Logger {
    /// One line for each finding.
    func report(_ findings: [DamageFinding]) {
        for finding in findings {
            switch finding.kind {
            case .madeAgain, .takenUp: info(finding.message) { finding.write(into: &$0) }
            case .setAside: warning(finding.message) { finding.write(into: &$0) }
            case .damaged, .manifest, .lost: error(finding.message) { finding.write(into: &$0) }
            }
        }
    }
}

/// Why an engine could not be opened.
enum EngineError: Error, CustomStringConvertible {
    case store(StoreError)
    case log(EventLogError)

    var description: String {
        switch self {
        case .store(let error): error.description
        case .log(let error): "cannot open the event log: \(error)"
        }
    }
}

/// The path as it is from the root of the file system, if it can be told.
private func absolutePath(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
}

/// Hands the log to the store, which is opened before it: the log needs to know where the last
/// commit ended.
private final class LogSlot: Sendable {
    private let log = Locked<EmbeddedLog?>(nil)

    func set(_ opened: EmbeddedLog) { log.withLock { $0 = opened } }

    func sync(through position: LogPosition) throws(EventLogError) {
        guard let log = log.withLock({ $0 }) else { throw .closed }
        try log.sync(through: position)
    }
}
