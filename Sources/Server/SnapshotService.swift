internal import Base
internal import EventLog
internal import HTTP
internal import Store

/// Makes, lists and removes snapshots on a thread of its own, for they wait for the disk.
final class SnapshotService: Sendable {
    /// What was done since the start.
    struct Figures: Sendable {
        let made = Counter()
        let failed = Counter()
    }

    let figures = Figures()
    private let store: Store
    private let log: EmbeddedLog
    /// Absolute, where the system can tell.
    private let directory: String
    private let logger: Logger
    private let pool = WorkerPool(name: "weir-snap", threads: 1, queueLimit: 8)

    init(store: Store, log: EmbeddedLog, directory: String, logger: Logger) {
        self.store = store
        self.log = log
        self.directory = directory
        self.logger = logger
    }

    /// Ends what runs and what waits.
    func close() { pool.stop() }

    /// Makes a snapshot; false if too many requests wait.
    func make(named name: String, _ responder: Responder) -> Bool {
        // All that was acknowledged before is written by now.
        submit(responder) { [self] () throws(SnapshotError) in
            let started = Clock.monotonicNanoseconds()
            let info = try log.holding { () throws(SnapshotError) in
                try store.makeSnapshot(named: name, created: Clock.now()) { position, target in
                    try log.copy(from: position, into: target)
                }
            }
            figures.made.add()
            logger.info("made a snapshot") { writer in
                writer.field("name", name)
                writer.field("parts", info.partCount)
                writer.field("bytes", info.byteCount)
                let nanoseconds = Clock.monotonicNanoseconds() - started
                writer.field("seconds", Double(nanoseconds / 1_000_000) / 1_000)
            }
            var writer = JSONWriter(reserving: 256)
            write(info, into: &writer)
            return .json(writer.finish(), status: 201)
        }
    }

    /// Lists all snapshots; false if too many requests wait.
    func list(_ responder: Responder) -> Bool {
        submit(responder) { [self] () throws(SnapshotError) in
            let found = try store.snapshots()
            var writer = JSONWriter(reserving: 64 + found.count * 160)
            writer.beginObject()
            writer.key("snapshots")
            writer.beginArray()
            for info in found { write(info, into: &writer) }
            writer.endArray()
            writer.endObject()
            return .json(
                writer.finish(), headers: [Response.Header("Cache-Control", "no-store")])
        }
    }

    /// Removes a snapshot; false if too many requests wait.
    func remove(named name: String, _ responder: Responder) -> Bool {
        submit(responder) { [self] () throws(SnapshotError) in
            try store.removeSnapshot(named: name)
            logger.info("removed a snapshot") { $0.field("name", name) }
            return Response(status: 204)
        }
    }

    private func write(_ info: SnapshotInfo, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", info.name)
        writer.field("path", "\(directory)/\(FileNames.snapshots)/\(info.name)")
        writer.field("created", CivilTime(info.created).text)
        writer.field("parts", info.partCount)
        writer.field("bytes", info.byteCount)
        writer.endObject()
    }

    private func submit(
        _ responder: Responder, _ work: @escaping @Sendable () throws(SnapshotError) -> Response
    ) -> Bool {
        pool.submit { [self] in
            do throws(SnapshotError) {
                responder.answer(try work())
            } catch {
                if case .failed(let message) = error {
                    figures.failed.add()
                    logger.error("a snapshot failed") { $0.field("reason", message) }
                }
                responder.answer(Response(error))
            }
        }
    }
}

extension Response {
    fileprivate init(_ error: SnapshotError) {
        switch error {
        case .invalidName: self = .error(400, "invalid_name", "\(error)")
        case .exists: self = .error(409, "snapshot_exists", "\(error)")
        case .missing: self = .error(404, "unknown_snapshot", "\(error)")
        case .failed: self = .error(503, "storage_unavailable", "\(error)")
        }
    }
}
