internal import Base
internal import Disk
internal import EventLog
internal import Events
internal import Store
internal import Stream

/// Fills a new store with generated events through decoder, log and stream, without a server.
struct StoreFill {
    let store: Store
    private let log: EmbeddedLog
    private let stream: StreamWorker

    private static let batchEvents = 1_000

    /// Opens a store in a directory that must be empty; with the built-in rollups, or raw events
    /// alone.
    ///
    /// Nothing is flushed or merged but where that is called.
    init(directory: String, withRollups: Bool) throws(UsageError) {
        let disk = LinuxDisk()
        let catalog = withRollups ? Catalog.builtIn : Catalog(metrics: [], rollups: [])
        var storeOptions = StoreOptions()
        storeOptions.mergesInBackground = false
        var options = StreamOptions()
        options.flushInterval = 1_000_000_000
        options.flushRowsMax = .max
        options.liveTailBytesMax = 16 << 30
        do {
            store = try Store.open(
                directory: directory, disk: disk, options: storeOptions
            ) { _ in }
            guard store.recovery.isNew else { throw UsageError("\(directory) is not empty") }
            log = try EmbeddedLog.open(disk: disk, directory: "\(directory)/log")
            stream = StreamWorker(
                options: options, catalog: catalog, log: log, sink: store, lastCommit: nil)
            stream.start()
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError("\(directory): \(error)")
        }
    }

    /// Stops the stream and closes all.
    func close() {
        stream.stop()
        log.close()
        store.close()
    }

    /// Sends events as the server would, each batch at the time of its last event, and waits until
    /// the stream has taken them.
    func send(
        _ count: Int, _ generator: inout EventGenerator, at time: (Int) -> Milliseconds
    ) throws(UsageError) {
        var builder = EventBlockBuilder(limits: EventLimits())
        var buffer = ByteBuffer(capacity: 1 << 20)
        var sent = 0
        while sent < count {
            let batch = min(Self.batchEvents, count - sent)
            let now = time(sent)
            buffer.removeAll()
            for _ in 0..<batch {
                generator.append(at: now, to: &buffer)
                buffer.append(UInt8(ascii: "\n"))
            }
            let body = buffer.copy(0..<buffer.count)
            guard let outcome = try? builder.append(body, form: .ndjson, receivedAt: now),
                outcome.rejected.isEmpty, let block = builder.finish(receivedAt: now)
            else { throw UsageError("generated events were rejected") }
            log.append(
                LogAppend(
                    payload: block.encode(), receivedAt: now, isDurable: false,
                    written: { [stream] result in
                        if case .success(let mark) = result { stream.offer(block, at: mark) }
                    }))
            sent += batch
        }
        while log.pendingBytes > 0 { Clock.sleep(nanoseconds: 1_000_000) }
        guard stream.waitUntilPublished(log.end, timeout: 600_000) else {
            throw UsageError("the stream did not take the events in ten minutes")
        }
    }

    /// Flushes what the stream holds.
    func flush() throws(UsageError) {
        guard stream.flush(timeout: 600_000) else {
            throw UsageError("the flush did not end in ten minutes")
        }
    }
}
