internal import Base
internal import Disk

/// One file of the log: read by many threads at once while the log writer appends to it.
///
/// It stays readable for those who hold it when the log drops it, since its file stays open.
final class Segment: Sendable {
    /// At least so many bytes lie between two remembered places.
    static let indexStride = 64 << 10
    /// The least that is read at once.
    static let readBytes = 256 << 10

    let name: String
    let firstSequence: UInt64
    let file: File
    /// The place of its first frame.
    let start: FramePlace
    private let disk: any Disk
    private let state: Locked<State>

    private struct State {
        /// Places in ascending order, the start of the first frame being the first.
        var places: [FramePlace]
        /// Where the last read ended, since readers mostly go on from there.
        var lastRead: FramePlace?
        /// The sequence after the last frame, and where that frame ends.
        var endSequence: UInt64
        var endOffset: Int
        /// The greatest log time of its frames and all before.
        var logTimeMax: Milliseconds
        /// The size of the file.
        var fileBytes: Int
        var walk: FrameWalk
    }

    /// Takes a file without frames yet; `header` is nil where it is damaged.
    init(
        disk: any Disk, file: consuming File, name: String, firstSequence: UInt64,
        header: SegmentHeader?, fileBytes: Int
    ) {
        self.disk = disk
        self.file = file
        self.name = name
        self.firstSequence = firstSequence
        start = FramePlace(
            sequence: firstSequence, offset: SegmentHeader.byteCount, previous: header?.checksum)
        state = Locked(
            State(
                places: [start], endSequence: firstSequence, endOffset: start.offset,
                logTimeMax: header?.previousLogTime ?? 0, fileBytes: fileBytes,
                walk: FrameWalk(salt: header?.salt)))
    }

    var endSequence: UInt64 { state.withLock { $0.endSequence } }
    /// Where the last frame that is written ends.
    var endOffset: Int { state.withLock { $0.endOffset } }
    var logTimeMax: Milliseconds { state.withLock { $0.logTimeMax } }
    var fileBytes: Int { state.withLock { $0.fileBytes } }

    /// Tells of frames that were written: readers now see them.
    func commit(to end: FramePlace, logTime: Milliseconds) {
        state.withLock { state in
            if let last = state.places.last, end.offset - last.offset >= Self.indexStride {
                state.places.append(end)
            }
            state.endSequence = end.sequence
            state.endOffset = end.offset
            state.logTimeMax = max(state.logTimeMax, logTime)
        }
    }

    /// Tells that the frames from `sequence` on stand in a later segment now.
    func supersede(from sequence: UInt64) {
        state.withLock { $0.endSequence = min($0.endSequence, sequence) }
    }

    /// Sets the end that was found when the log was opened.
    func setEnd(_ end: FramePlace, logTime: Milliseconds, fileBytes: Int) {
        state.withLock { state in
            state.endSequence = end.sequence
            state.endOffset = end.offset
            state.logTimeMax = logTime
            state.fileBytes = fileBytes
        }
    }

    func setFileBytes(_ byteCount: Int) { state.withLock { $0.fileBytes = byteCount } }

    /// Appends the entries from `sequence` on, up to about `byteCount` payload bytes and at least
    /// one where there is one; returns the sequence to go on with.
    func read(
        from sequence: UInt64, byteCount: Int, to entries: inout [LogEntry]
    ) throws(EventLogError) -> UInt64 {
        var (place, end, endOffset, walk) = state.withLock { state in
            (Self.place(before: sequence, state), state.endSequence, state.endOffset, state.walk)
        }
        var wanted = byteCount
        var leastBytes = Self.readBytes
        while place.sequence < end, wanted > 0 {
            let base = place.offset
            let bytes = try load(
                base, min(max(leastBytes, min(wanted, 8 << 20)), endOffset - base))
            leastBytes = Self.readBytes
            do throws(CorruptionError) {
                let missing = try collect(
                    &place, from: sequence, until: end, &wanted, &walk, bytes, base, &entries)
                if base + bytes.count >= endOffset, missing > 0, place.offset == base {
                    throw CorruptionError(
                        offset: base, expected: "a frame of \(missing) bytes",
                        found: "the end of the segment")
                }
                leastBytes = max(leastBytes, missing)
            } catch {
                remember(place, walk)
                try skipDamage(error, &place, &walk, wanted: sequence, endOffset)
            }
            remember(place, walk)
        }
        return place.sequence
    }

    /// Takes frames out of the bytes; how many bytes the next frame needs, if it is not whole.
    private func collect(
        _ place: inout FramePlace, from sequence: UInt64, until end: UInt64, _ wanted: inout Int,
        _ walk: inout FrameWalk, _ bytes: [UInt8], _ base: Int, _ entries: inout [LogEntry]
    ) throws(CorruptionError) -> Int {
        let span = unsafe bytes.span.bytes  // UInt8 has no padding to leak.
        while place.sequence < end, wanted > 0 {
            switch try walk.step(place, span, base: base) {
            case .incomplete(let byteCount): return byteCount
            case .frame(let header, let payload):
                if place.sequence >= sequence {
                    try FrameWalk.checkPayload(header, span.extracting(payload), at: place)
                    let mark = LogMark(
                        position: LogPosition(header.sequence), logTime: header.logTime)
                    entries.append(LogEntry(mark: mark, payload: Array(bytes[payload])))
                    wanted -= max(1, payload.count)
                }
                place.pass(header)
            }
        }
        return 0
    }

    /// Goes on behind damage if it lies before the entry that is wanted; else fails.
    private func skipDamage(
        _ error: CorruptionError, _ place: inout FramePlace, _ walk: inout FrameWalk,
        wanted sequence: UInt64, _ endOffset: Int
    ) throws(EventLogError) {
        let located = EventLogError.corrupt(error.located(in: "log/" + name))
        guard place.sequence < sequence else { throw located }
        let bytes = try load(place.offset, endOffset - place.offset)
        guard
            let found = unsafe walk.find(
                from: place.offset + 8, sequence: place.sequence + 1, bytes.span.bytes,
                base: place.offset), found.place.sequence <= sequence
        else { throw located }
        place = found.place
    }

    /// The first sequence behind the damage at `sequence` that can be read; nil if none can.
    func sequenceBehindDamage(at sequence: UInt64) throws(EventLogError) -> UInt64? {
        let (start, end, endOffset, walk) = state.withLock { state in
            (Self.place(before: sequence, state), state.endSequence, state.endOffset, state.walk)
        }
        let bytes = try load(start.offset, endOffset - start.offset)
        let found = unsafe walk.find(
            from: start.offset, sequence: sequence + 1, bytes.span.bytes, base: start.offset)
        guard let found, found.place.sequence < end else { return nil }
        return found.place.sequence
    }

    private func load(_ offset: Int, _ byteCount: Int) throws(EventLogError) -> [UInt8] {
        do {
            let range = ReadRange(file: file.handle, offset: offset, byteCount: max(0, byteCount))
            return try disk.read([range])[0]
        } catch { throw .disk(error) }
    }

    private static func place(before sequence: UInt64, _ state: State) -> FramePlace {
        var low = 0
        var high = state.places.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if state.places[middle].sequence <= sequence { low = middle } else { high = middle }
        }
        let place = state.places[low]
        if let lastRead = state.lastRead, lastRead.sequence <= sequence,
            lastRead.sequence > place.sequence
        {
            return lastRead
        }
        return place
    }

    /// Keeps the place for the reads that follow.
    private func remember(_ place: FramePlace, _ walk: FrameWalk) {
        state.withLock { state in
            state.lastRead = place
            state.walk = walk
            if let last = state.places.last, place.sequence > last.sequence,
                place.offset - last.offset >= Self.indexStride
            {
                state.places.append(place)
            }
        }
    }
}
