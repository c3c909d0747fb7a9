import Base
import Disk
import EventLog
import Events
import Query
import Store
import Stream
import TestSupport

/// What a server has behind its endpoints, on a disk in memory: log, stream and store.
///
/// Nothing happens by time: flushes, merges and derivations are the test's.
final class WholeWay {
    let disk: FaultingDisk
    private let catalog: Catalog
    private let storeOptions: StoreOptions
    private var builder = EventBlockBuilder(limits: WholeWay.limits)
    private var parts: Parts

    private struct Parts {
        var store: Store
        var log: EmbeddedLog
        var stream: StreamWorker
    }

    private static var limits: EventLimits {
        var limits = EventLimits()
        limits.ageMax = nil
        return limits
    }

    init(_ disk: FaultingDisk, _ catalog: Catalog, _ options: StoreOptions) throws {
        self.disk = disk
        self.catalog = catalog
        storeOptions = options
        parts = try Self.open(disk, catalog, options)
    }

    var store: Store { parts.store }

    /// Events that no table took any more, since the last restart.
    var expiredCount: UInt64 { parts.stream.metrics.expiredCount }

    /// Sends events, NDJSON, received at once, and waits until queries see them.
    func send(_ body: String, receivedAt: Milliseconds) throws {
        let outcome = try builder.append(
            Array(body.utf8), form: .ndjson, receivedAt: receivedAt)
        precondition(outcome.rejected.isEmpty, "\(outcome.rejected)")
        guard let block = builder.finish(receivedAt: receivedAt) else { return }
        parts.log.append(
            LogAppend(
                payload: block.encode(), receivedAt: receivedAt, isDurable: false,
                written: { [stream = parts.stream] result in
                    if case .success(let mark) = result { stream.offer(block, at: mark) }
                }))
        while parts.log.pendingBytes > 0 { Clock.sleep(nanoseconds: 100_000) }
        let isPublished = parts.stream.waitUntilPublished(parts.log.end, timeout: 20_000)
        precondition(isPublished)
    }

    func flush() {
        let isFlushed = parts.stream.flush(timeout: 20_000)
        precondition(isFlushed)
    }

    /// Ends without a flush, and starts again from what the disk has, which may be changed before.
    func restart(_ change: (FaultingDisk) throws -> Void = { _ in }) throws {
        close()
        try change(disk)
        parts = try Self.open(disk, catalog, storeOptions)
        let isPublished = parts.stream.waitUntilPublished(
            parts.stream.recoveryEnd, timeout: 20_000)
        precondition(isPublished)
    }

    func close() {
        parts.stream.stop()
        parts.log.close()
        parts.store.close()
    }

    private static func open(
        _ disk: FaultingDisk, _ catalog: Catalog, _ storeOptions: StoreOptions
    ) throws -> Parts {
        var storeOptions = storeOptions
        storeOptions.takeTestSizes()
        let store = try Store.open(directory: "/data", disk: disk, options: storeOptions) { _ in }
        let lastCommit = store.recovery.lastCommit
        var logOptions = LogOptions()
        logOptions.segmentBytes = 1 << 16
        logOptions.takeTestSizes()
        let log = try EmbeddedLog.open(
            disk: disk, directory: "/data/log", options: logOptions,
            notBefore: lastCommit?.position ?? .start)
        var options = StreamOptions()
        options.flushInterval = 1_000_000_000
        options.takeTestSizes()
        options.retention = storeOptions.retention
        // All ids of a test are remembered, as its twin does.
        options.dedupWindow = 1_000 * CivilTime.millisecondsPerDay
        let stream = StreamWorker(
            options: options, catalog: catalog, log: log, sink: store, lastCommit: lastCommit)
        stream.start()
        store.startRepairs(EventsAgain(options: options, catalog: catalog, log: log))
        return Parts(store: store, log: log, stream: stream)
    }
}

/// Random events of the rollup of `MetricsPropertyTests`, and the rows that they are.
struct WholeWayEvents {
    private(set) var rows: [Row] = []
    private var seen: Set<String> = []
    private var idCount = 0
    private var eventTimeMax = Milliseconds.min
    private var watermark = Milliseconds.min

    /// The lines of a request that is received at that time: late and repeated events, values
    /// that are absent, null or numbers, people with and without a name, other events between.
    mutating func request(
        at receivedAt: Milliseconds, span: Milliseconds, _ random: inout SeededRandom
    ) -> String {
        (0..<Int.random(in: 1...30, using: &random)).map { _ in
            event(at: receivedAt, span: span, &random)
        }.joined(separator: "\n")
    }

    private mutating func event(
        at receivedAt: Milliseconds, span: Milliseconds, _ random: inout SeededRandom
    ) -> String {
        var time = receivedAt - Milliseconds.random(in: 0..<50_000, using: &random)
        if random.chance(0.15) { time -= Milliseconds.random(in: 0..<span, using: &random) }
        if random.chance(0.1) { time += Milliseconds.random(in: 0..<200_000, using: &random) }
        let isNew = idCount == 0 || random.chance(0.85)
        if isNew { idCount += 1 }
        let id = "e\(isNew ? idCount : Int.random(in: 1...idCount, using: &random))"
        let isView = random.chance(0.8)
        var members = [
            "\"eventId\":\"\(id)\"", "\"eventType\":\"\(isView ? "view" : "click")\"",
            "\"timestamp\":\(time)",
        ]
        let user = random.chance(0.7) ? "u\(Int.random(in: 0..<40, using: &random))" : nil
        let session = random.chance(0.7) ? "s\(Int.random(in: 0..<60, using: &random))" : nil
        if let user { members.append("\"userId\":\"\(user)\"") }
        if let session { members.append("\"sessionId\":\"\(session)\"") }
        var values: [String?] = []
        var properties: [String] = []
        for (name, known) in zip(MetricsPropertyTests.dimensions, [pages, devices, countries]) {
            let value = random.chance(0.2) ? nil : known.randomElement(using: &random)
            values.append(value)
            if let value {
                let isNumber = value == "75" && random.chance(0.5)
                properties.append("\"\(name)\":\(isNumber ? value : "\"\(value)\"")")
            } else if random.chance(0.5) {
                properties.append("\"\(name)\":null")
            }
        }
        members.append("\"properties\":{\(properties.joined(separator: ","))}")
        take(id, isView, values, user ?? session, time, receivedAt)
        return "{\(members.joined(separator: ","))}"
    }

    /// Counts the event as the design says: once by its id, late if its minute had closed.
    private mutating func take(
        _ id: String, _ isView: Bool, _ values: [String?], _ person: String?,
        _ time: Milliseconds, _ receivedAt: Milliseconds
    ) {
        guard seen.insert(id).inserted else { return }
        eventTimeMax = max(eventTimeMax, time)
        watermark = max(watermark, min(receivedAt, eventTimeMax) - 60_000)
        if !isView { return }
        let minute = floorDivide(time, 60_000) * 60_000
        rows.append(
            Row(
                dimensions: values, time: minute, events: 1,
                users: person.map { [hash64($0)] } ?? [], isLate: minute + 60_000 <= watermark))
    }
}
