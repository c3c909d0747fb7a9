internal import Base
internal import Disk
internal import Synchronization

/// The one thread that writes the log, and what only it touches.
///
/// A round takes all payloads that were handed over, frames them into one buffer and writes that
/// at the end of the segment with one call; then `written` is called for each. If any of them is
/// durable the file is synced at once, else once the oldest un-synced frame is `syncInterval`
/// old; then `synced` is called. While a sync runs, payloads gather for the next round: the group
/// commit.
///
/// A write that fails leaves the end where it was: its payloads are told, and the next round writes
/// over the same bytes with the same sequences. (`previous` in the frame headers keeps remains
/// of the failed round from being taken for frames.) What happens when a sync fails is in
/// `LogWriter+Recovery`.
final class LogWriter {
    /// What a segment file is called until it is synced and whole.
    static let unfinishedSuffix = ".new"
    /// A round is written in pieces of about this size.
    static let pieceBytes = 4 << 20
    /// So many un-synced bytes are synced without waiting for `syncInterval`.
    static let unsyncedBytesMax = 16 << 20

    /// A frame that was written and not synced.
    struct Unsynced {
        var payload: [UInt8]
        var mark: LogMark
        var synced: (@Sendable (Result<LogMark, EventLogError>) -> Void)?
    }

    let disk: any Disk
    let directory: String
    let options: LogOptions
    let shared: LogShared

    /// The segment that is written to; nil before the first payload and after a roll.
    var active: Segment?
    /// Whether a sync of `active` failed, so that its un-synced frames have to be written anew.
    var isSuspect = false
    /// The end of the log: where the next frame goes (`offset` and `previous` only with `active`).
    var place: FramePlace
    /// The end of the frames, before `place.sequence` skipped to where the manifest wants it.
    var previousEnd: UInt64
    var activeSalt: UInt32 = 0
    var logTime: Milliseconds
    /// Everything below is synced; the frames from here to the end are in `unsynced`.
    var syncedEnd: UInt64
    var unsynced: [Unsynced] = []
    var unsyncedBytes = 0
    /// Whether a durable payload is among them.
    var isSyncWanted = false
    /// When something has to be done without being asked, by the monotonic clock.
    var deadline: UInt64?
    /// The bytes of a piece, kept for the next.
    var buffer: [UInt8] = []
    var random: SeededRandom

    init(
        _ shared: LogShared, disk: any Disk, directory: String, options: LogOptions,
        start: LogStart
    ) {
        self.shared = shared
        self.disk = disk
        self.directory = directory
        self.options = options
        place = FramePlace(sequence: start.sequence, offset: 0)
        previousEnd = start.previousEnd
        logTime = start.logTime
        syncedEnd = start.sequence
        random = SeededRandom(seed: options.saltSeed ?? .random(in: 0 ... .max))
    }

    /// Works until the log is closed.
    func run() {
        while perform(shared.next(until: deadline)) {}
    }

    /// Does what there is to do without waiting for anything; false once the log is closed.
    ///
    /// With `isSyncDue` the time of the un-synced frames has come.
    func work(isSyncDue: Bool) -> Bool {
        while true {
            let next = shared.next(until: 0)
            if case .deadline = next {
                if isSyncDue, deadline != nil { sync() }
                return true
            }
            if !perform(next) { return false }
        }
    }

    private func perform(_ work: LogShared.Work) -> Bool {
        switch work {
        case .appends(let appends): write(appends)
        case .sync, .deadline: sync()
        case .close:
            sync()
            failUnsynced(.closed)
            active = nil
            shared.finish()
            return false
        }
        return true
    }

    private func write(_ appends: [LogAppend]) {
        var next = 0
        while next < appends.count {
            let first = next
            do throws(DiskError) {
                try prepareSegment(for: appends[first].payload.count)
                try writePiece(appends, &next)
            } catch {
                shared.metrics.withLock { $0.currentError = error }
                fail(appends[first...], .disk(error))
                break
            }
        }
        if isSyncWanted || unsyncedBytes >= Self.unsyncedBytesMax || isSyncDue { sync() }
    }

    private var isSyncDue: Bool {
        guard let deadline else { return false }
        return Clock.monotonicNanoseconds() >= deadline
    }

    /// Makes sure that `active` takes a payload of this size.
    private func prepareSegment(for payloadBytes: Int) throws(DiskError) {
        if isSuspect { try rewriteUnsynced() }
        let frameBytes = FrameHeader.frameBytes(payloadBytes)
        if let active, place.offset + frameBytes > active.fileBytes { try roll(active) }
        if active == nil { try beginSegment(frameBytes) }
    }

    /// Ends the segment: syncs it, for the next one is begun only on firm ground.
    private func roll(_ segment: Segment) throws(DiskError) {
        if let error = sync() { throw error }
        // Gives back what was set aside. Without it the file is longer, and nothing else.
        if (try? disk.truncate(segment.file.handle, to: place.offset)) != nil {
            segment.setFileBytes(place.offset)
        }
        active = nil
    }

    private func beginSegment(_ frameBytes: Int) throws(DiskError) {
        buffer.removeAll(keepingCapacity: true)
        var header = SegmentHeader(
            salt: UInt32(truncatingIfNeeded: random.next()), firstSequence: place.sequence,
            previousEnd: previousEnd, previousLogTime: logTime)
        header.encode(to: &buffer)
        let fileBytes = max(options.segmentBytes, SegmentHeader.byteCount + frameBytes)
        let segment = try createSegment(header, fileBytes: fileBytes)
        shared.segments.append(segment)
        active = segment
        activeSalt = header.salt
        place = segment.start
        removeReleased()
    }

    /// Writes as many of the payloads as fit into the segment and a piece.
    private func writePiece(_ appends: [LogAppend], _ next: inout Int) throws(DiskError) {
        guard let active else { fatalError("no segment was prepared") }
        let first = next
        var end = place
        var time = logTime
        buffer.removeAll(keepingCapacity: true)
        while next < appends.count, buffer.count < Self.pieceBytes {
            let append = appends[next]
            let frameBytes = FrameHeader.frameBytes(append.payload.count)
            if place.offset + buffer.count + frameBytes > active.fileBytes { break }
            time = max(time, append.receivedAt)
            var header = FrameHeader(
                sequence: end.sequence, logTime: time, synced: syncedEnd,
                payloadBytes: append.payload.count, payloadChecksum: crc32c(append.payload),
                previous: end.previous ?? 0, salt: activeSalt)
            appendFrame(&header, append.payload, to: &buffer)
            end.pass(header)
            next += 1
        }
        try writeBuffer(active, at: place.offset)
        commit(appends[first..<next], end, time)
    }

    private func writeBuffer(_ segment: Segment, at offset: Int) throws(DiskError) {
        // The buffer itself is handed over, not a copy; after this it is ours alone again.
        try disk.perform(
            WriteBatch(
                writes: [.init(file: segment.file.handle, offset: offset, bytes: buffer)]))
    }

    /// Makes written frames part of the log and tells so.
    private func commit(_ appends: ArraySlice<LogAppend>, _ end: FramePlace, _ time: Milliseconds) {
        var sequence = place.sequence
        let writtenBytes = end.offset - place.offset
        if unsynced.isEmpty { setDeadline(options.syncInterval) }
        place = end
        previousEnd = end.sequence
        active?.commit(to: end, logTime: time)
        shared.commit(end: end.sequence, payloadBytes: Self.payloadBytes(appends))
        shared.metrics.withLock { metrics in
            metrics.appends += appends.count
            metrics.appendedBytes += writtenBytes
            metrics.currentError = nil
        }
        unsyncedBytes += writtenBytes
        for append in appends {
            if append.isDurable { isSyncWanted = true }
            logTime = max(logTime, append.receivedAt)
            let mark = LogMark(position: LogPosition(sequence), logTime: logTime)
            sequence += 1
            unsynced.append(Unsynced(payload: append.payload, mark: mark, synced: append.synced))
            append.written(.success(mark))
        }
    }

    private func fail(_ appends: ArraySlice<LogAppend>, _ error: EventLogError) {
        shared.commit(end: place.sequence, payloadBytes: Self.payloadBytes(appends))
        shared.metrics.withLock { $0.failedAppends += appends.count }
        for append in appends {
            append.written(.failure(error))
            append.synced?(.failure(error))
        }
    }

    func setDeadline(_ delay: Milliseconds) {
        deadline = Clock.monotonicNanoseconds() + UInt64(delay) * 1_000_000
    }

    static func payloadBytes(_ appends: ArraySlice<LogAppend>) -> Int {
        appends.reduce(0) { $0 + $1.payload.count }
    }

    private func removeReleased() {
        do { try shared.segments.removeReleased() } catch {
            shared.metrics.withLock { $0.currentError = error }
        }
    }
}
