internal import Base
internal import Disk

/// The segments of a log in order, for the writer, which adds, and readers, who search.
final class SegmentList: Sendable {
    private struct State {
        var segments: [Segment] = []
        /// What was released: nothing below is read again.
        var released: UInt64 = 0
        /// How many hold all segments (see `beginHold`).
        var holdCount = 0
    }

    private let directory: String
    private let disk: any Disk
    private let keepMilliseconds: Milliseconds
    private let keepBytes: Int
    private let state: Locked<State>

    init(_ segments: [Segment], directory: String, disk: any Disk, options: LogOptions) {
        self.directory = directory
        self.disk = disk
        keepMilliseconds = options.keepMilliseconds
        keepBytes = options.keepBytes
        state = Locked(State(segments: segments))
    }

    var count: Int { state.withLock { $0.segments.count } }
    var fileBytes: Int { state.withLock { $0.segments.reduce(0) { $0 + $1.fileBytes } } }
    /// The first sequence that is kept; nil if there are no segments.
    var firstSequence: UInt64? { state.withLock { $0.segments.first?.firstSequence } }

    /// Adds a segment; frames of its sequences in the segments before are superseded.
    func append(_ segment: Segment) {
        state.withLock { state in
            while let last = state.segments.last, last.firstSequence >= segment.firstSequence {
                state.segments.removeLast()
            }
            state.segments.last?.supersede(from: segment.firstSequence)
            state.segments.append(segment)
        }
    }

    /// The segment in which `sequence` lies or, where it lies in a gap, the one that follows; nil
    /// at the end of the log.
    func segment(for sequence: UInt64) throws(EventLogError) -> Segment? {
        let (segments, first) = state.withLock { ($0.segments, $0.segments.first?.firstSequence) }
        if let first, sequence < first { throw .released(LogPosition(first)) }
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].endSequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low < segments.count ? segments[low] : nil
    }

    /// Tells that nothing below `sequence` is read again.
    func release(below sequence: UInt64) throws(DiskError) {
        state.withLock { $0.released = max($0.released, sequence) }
        try removeReleased()
    }

    /// Removes the oldest segments as far as they are released and exceed what is to be kept.
    ///
    /// The last segment stays, since it says where the log ends.
    func removeReleased() throws(DiskError) {
        let victims = state.withLock { state -> [Segment] in
            if state.holdCount > 0 { return [] }
            var count = 0
            var fileBytes = state.segments.reduce(0) { $0 + $1.fileBytes }
            let logTime = state.segments.last?.logTimeMax ?? 0
            while count + 1 < state.segments.count {
                let segment = state.segments[count]
                let isOld = logTime - segment.logTimeMax > keepMilliseconds
                guard state.segments[count + 1].firstSequence <= state.released,
                    isOld || fileBytes > keepBytes
                else { break }
                fileBytes -= segment.fileBytes
                count += 1
            }
            let victims = Array(state.segments.prefix(count))
            state.segments.removeFirst(count)
            return victims
        }
        // If this is cut short, the rest is found and removed after the next start.
        for victim in victims { try disk.unlink(directory + "/" + victim.name) }
    }

    /// Keeps all segments until `endHold`.
    func beginHold() { state.withLock { $0.holdCount += 1 } }

    func endHold() throws(DiskError) {
        state.withLock { $0.holdCount -= 1 }
        try removeReleased()
    }

    /// Gives the segments from that of `sequence` on a name in another folder, and copies what is
    /// written of the last, to which the writer appends; returns the bytes of all.
    func copy(from sequence: UInt64, into target: String) throws(DiskError) -> Int {
        let segments = state.withLock { state in
            let first = state.segments.lastIndex { $0.firstSequence <= sequence } ?? 0
            return Array(state.segments[first...])
        }
        try disk.createDirectory(target)
        var byteCount = 0
        for segment in segments.dropLast() {
            try disk.link("\(directory)/\(segment.name)", to: "\(target)/\(segment.name)")
            byteCount += segment.fileBytes
        }
        if let last = segments.last, last.endSequence > last.firstSequence {
            let endOffset = last.endOffset
            try disk.copy(
                last.file.handle, byteCount: endOffset, to: "\(target)/\(last.name)")
            byteCount += endOffset
        }
        try disk.syncDirectory(target)
        return byteCount
    }
}
