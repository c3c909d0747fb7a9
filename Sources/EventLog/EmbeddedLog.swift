package import Base
package import Disk

/// The log in segment files of one folder, with a thread of its own that writes them.
///
/// Positions are sequence numbers of payloads. Memory: what is handed over and not written (the
/// caller bounds it by `pendingBytes`), plus what is written and not synced (see `LogWriter`).
/// Whoever opens it must `close` it.
package final class EmbeddedLog: EventLog {
    private let shared: LogShared
    private let thread: Locked<WorkerThread?>
    /// The writer of a log that is driven (`LogOptions.isDriven`); nil where a thread has it.
    private let writer: Locked<LogWriter?>

    /// The damage that was found at the start, with the sequences that are lost.
    package let damages: [LogDamage]

    /// Bytes that were cut off the end: frames that a crash left unfinished or, which cannot be
    /// told apart, the last ones, damaged.
    package let bytesCut: Int

    /// Opens the log of a folder, which is made if need be; the next payload gets the sequence
    /// after the last one found, or `notBefore` if that is greater (the position of the manifest:
    /// all below was seen, even if the log has lost it).
    package init(
        disk: any Disk, directory: String, options: LogOptions = LogOptions(),
        notBefore: LogPosition = .start
    ) throws(EventLogError) {
        let recovery = try LogRecovery(
            disk: disk, directory: directory, notBefore: notBefore.sequence)
        damages = recovery.damages
        bytesCut = recovery.bytesCut
        let start = max(recovery.end, notBefore.sequence)
        let segments = SegmentList(
            recovery.segments, directory: directory, disk: disk, options: options)
        let shared = LogShared(segments, end: start)
        self.shared = shared
        let begin = LogStart(
            sequence: start, previousEnd: recovery.end, logTime: recovery.logTime)
        if options.isDriven {
            thread = Locked(nil)
            writer = Locked(
                LogWriter(
                    shared, disk: disk, directory: directory, options: options, start: begin))
            return
        }
        writer = Locked(nil)
        thread = Locked(
            WorkerThread(name: "weir-log") {
                LogWriter(
                    shared, disk: disk, directory: directory, options: options, start: begin
                ).run()
            })
    }

    /// Opens the log of a folder; see `init`.
    package static func open(
        disk: any Disk, directory: String, options: LogOptions = LogOptions(),
        notBefore: LogPosition = .start
    ) throws(EventLogError) -> EmbeddedLog {
        try EmbeddedLog(
            disk: disk, directory: directory, options: options, notBefore: notBefore)
    }

    /// The position after the last payload that is written.
    package var end: LogPosition { LogPosition(shared.end) }

    /// The first position that can still be read.
    package var start: LogPosition {
        LogPosition(shared.segments.firstSequence ?? shared.end)
    }

    /// The payload bytes that were handed over and are neither written nor refused yet.
    package var pendingBytes: Int { shared.pendingBytes }

    /// The counters at this moment.
    package var metrics: LogMetrics {
        var metrics = shared.metrics.withLock { $0 }
        metrics.segmentCount = shared.segments.count
        metrics.diskBytes = shared.segments.fileBytes
        return metrics
    }

    /// Hands a payload over; `written` and then, for a durable one, `synced` are called once each.
    ///
    /// Where writing fails both get the error. A payload is at most
    /// `FrameHeader.payloadBytesMax` (256 MiB); a greater one is a programmer error.
    package func append(_ append: LogAppend) {
        invariant(
            append.payload.count <= FrameHeader.payloadBytesMax,
            "a payload of \(append.payload.count) bytes")
        if shared.append(append) { return }
        append.written(.failure(.closed))
        append.synced?(.failure(.closed))
    }

    /// Returns when all before `position` survives a power cut.
    package func sync(through position: LogPosition) throws(EventLogError) {
        let wanted = shared.wantSync(through: position.sequence)
        work()
        try shared.waitForSync(wanted)
    }

    /// Reads entries from `position` on; see `EventLog`.
    ///
    /// Sequences may have gaps, where the log lost its end and went on at the manifest's position;
    /// the marks tell. Damage is an error that names file and offset once the next entry is lost;
    /// `positionBehindDamage` tells where to go on.
    package func read(
        from position: LogPosition, byteCount: Int
    ) throws(EventLogError) -> [LogEntry] {
        var entries: [LogEntry] = []
        var sequence = position.sequence
        var wanted = max(1, byteCount)
        while wanted > 0 {
            do throws(EventLogError) {
                guard let segment = try shared.segments.segment(for: sequence) else { break }
                let first = entries.count
                sequence = try segment.read(
                    from: max(sequence, segment.firstSequence), byteCount: wanted, to: &entries)
                for entry in entries[first...] { wanted -= max(1, entry.payload.count) }
            } catch {
                // What was read is good; the next call meets the damage.
                if entries.isEmpty { throw error }
                break
            }
        }
        return entries
    }

    /// The first position behind the damage at `position` that can be read.
    package func positionBehindDamage(
        at position: LogPosition
    ) throws(EventLogError) -> LogPosition {
        guard let segment = try shared.segments.segment(for: position.sequence) else {
            return end
        }
        if let sequence = try segment.sequenceBehindDamage(at: position.sequence) {
            return LogPosition(sequence)
        }
        let next = try shared.segments.segment(for: segment.endSequence)
        return next.map { LogPosition($0.firstSequence) } ?? end
    }

    /// Tells that nothing below `position` is read again; removes segments that `log.keep` does
    /// not hold.
    package func release(below position: LogPosition) {
        do { try shared.segments.release(below: position.sequence) } catch {
            shared.metrics.withLock { $0.currentError = error }
        }
    }

    /// Does something while no segment is removed, whatever is released meanwhile.
    package func holding<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        shared.segments.beginHold()
        defer {
            do { try shared.segments.endHold() } catch {
                shared.metrics.withLock { $0.currentError = error }
            }
        }
        return try body()
    }

    /// Makes the log of another folder of the same file system, synced: all that is written now
    /// from `position` on, and its folder's names; returns its bytes.
    ///
    /// Sealed segments get a second name, which lasts; what is written of the last is copied. Call
    /// it within `holding`, and know since then that `position` is not released.
    package func copy(
        from position: LogPosition, into target: String
    ) throws(EventLogError) -> Int {
        do {
            return try shared.segments.copy(from: position.sequence, into: target)
        } catch { throw .disk(error) }
    }

    /// Writes and syncs what was handed over, then ends; later appends fail.
    package func close() {
        shared.close()
        if let thread = thread.withLock({ $0.take() }) { thread.join() }
        work()
    }

    /// Does what the log's thread would do now: writes what was handed over, and syncs it where
    /// someone waits for that; with `isSyncDue`, also what else is not synced.
    ///
    /// Nothing for a log that has a thread.
    package func work(isSyncDue: Bool = false) {
        writer.withLock { writer in
            guard let current = writer else { return }
            if !current.work(isSyncDue: isSyncDue) { writer = nil }
        }
    }
}

/// Where the writer begins.
struct LogStart: Sendable {
    /// The sequence of the first frame.
    var sequence: UInt64
    /// The end and the log time of the frames that were found.
    var previousEnd: UInt64
    var logTime: Milliseconds
}
