internal import Base
internal import Disk

/// Opens what earlier processes have left of a log.
///
/// 1. Remove half-made segments (`.new`) and read the headers of the others.
/// 2. From the last segment back, look for the last good frame. Behind it the torn end is cut, so
///    that nothing in it can ever be taken for a frame. A segment without any frame is removed.
/// 3. If good frames follow bad ones, and the bad ones were durable (a later frame, the header of
///    a later segment or the manifest says so), it is not a torn end but damage: nothing is cut,
///    and what is lost is reported.
///
/// What is left is synced, for a process that was killed may have left frames that were not.
/// Nothing is appended to these files: the writer starts a new segment.
struct LogRecovery {
    private let disk: any Disk
    private let directory: String

    private(set) var segments: [Segment] = []
    private(set) var damages: [LogDamage] = []
    /// The sequence after the last frame.
    private(set) var end: UInt64 = 0
    private(set) var logTime: Milliseconds = 0
    /// Bytes behind the last good frame that are not zero, and were cut.
    private(set) var bytesCut = 0
    /// Everything below was durable once, as far as is known.
    private var durableEnd: UInt64

    init(disk: any Disk, directory: String, notBefore: UInt64) throws(EventLogError) {
        self.disk = disk
        self.directory = directory
        durableEnd = notBefore
        try makeDirectory()
        var found = try openSegments()
        var tail: Found?
        while tail == nil, let last = found.popLast() {
            if try openTail(last) { tail = last }
        }
        takeSealed(found, before: tail)
        if let tail { segments.append(tail.segment) }
        do { try disk.syncDirectory(directory) } catch { throw .disk(error) }
    }

    /// A segment as its name and header tell.
    private struct Found {
        var segment: Segment
        var header: SegmentHeader?
    }

    private func makeDirectory() throws(EventLogError) {
        do throws(DiskError) {
            if try disk.isDirectory(directory) { return }
            try disk.createDirectory(directory)
            try disk.syncDirectory(parentPath(of: directory))
        } catch { throw .disk(error) }
    }

    private func openSegments() throws(EventLogError) -> [Found] {
        let names: [String]
        do { names = try disk.list(directory) } catch { throw .disk(error) }
        var found: [Found] = []
        for name in names {
            if name.hasSuffix(LogWriter.unfinishedSuffix) {
                do { try disk.unlink(directory + "/" + name) } catch { throw .disk(error) }
            } else if let sequence = segmentSequence(name) {
                found.append(try openSegment(name, sequence))
            }
        }
        return found
    }

    private func openSegment(
        _ name: String, _ firstSequence: UInt64
    ) throws(EventLogError) -> Found {
        let found: (segment: Segment, header: Result<SegmentHeader?, CorruptionError>)
        do { found = try loadSegment(name, firstSequence) } catch { throw .disk(error) }
        do {
            return Found(segment: found.segment, header: try found.header.get())
        } catch { throw .corrupt(error) }
    }

    private func loadSegment(
        _ name: String, _ firstSequence: UInt64
    ) throws(DiskError) -> (Segment, Result<SegmentHeader?, CorruptionError>) {
        let file = try File(disk, directory + "/" + name, .readWrite)
        let fileBytes = try disk.size(of: file.handle)
        let range = ReadRange(
            file: file.handle, offset: 0, byteCount: min(fileBytes, SegmentHeader.byteCount))
        let bytes = try disk.read([range])[0]
        let header: Result<SegmentHeader?, CorruptionError>
        do throws(CorruptionError) {
            header = .success(try Self.header(bytes, name, firstSequence))
        } catch { header = .failure(error) }
        let segment = Segment(
            disk: disk, file: file, name: name, firstSequence: firstSequence,
            header: (try? header.get()) ?? nil, fileBytes: fileBytes)
        return (segment, header)
    }

    /// The header, or nil if it is damaged; a version that is not known is an error.
    private static func header(
        _ bytes: [UInt8], _ name: String, _ firstSequence: UInt64
    ) throws(CorruptionError) -> SegmentHeader? {
        do {
            let header = try unsafe SegmentHeader.decode(bytes.span.bytes)
            return header.firstSequence == firstSequence ? header : nil
        } catch {
            if error.offset == SegmentHeader.versionOffset {
                throw error.located(in: "log/" + name)
            }
            return nil
        }
    }

    /// Finds the end of the log in what is the last segment; false if there is no frame in it, and
    /// it was removed.
    private mutating func openTail(_ found: Found) throws(EventLogError) -> Bool {
        let segment = found.segment
        let bytes: [UInt8]
        do {
            let range = ReadRange(
                file: segment.file.handle, offset: 0, byteCount: segment.fileBytes)
            bytes = try disk.read([range])[0]
        } catch { throw .disk(error) }
        var scan = TailScan(segment.start, salt: found.header?.salt, durableEnd: durableEnd)
        unsafe scan.run(bytes.span.bytes)
        let written = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        bytesCut += max(0, written - scan.place.offset)
        for damage in scan.damages {
            damages.append(
                LogDamage(error: damage.error.located(in: "log/" + segment.name), lost: damage.lost)
            )
        }
        let hasFrames = scan.frameCount > 0
        end = max(end, hasFrames ? scan.place.sequence : 0, found.header?.previousEnd ?? 0)
        logTime = max(logTime, scan.logTime, found.header?.previousLogTime ?? 0)
        durableEnd = max(durableEnd, found.header?.previousEnd ?? 0)
        if hasFrames {
            try cut(segment, at: scan.place.offset)
            segment.setEnd(scan.place, logTime: logTime, fileBytes: scan.place.offset)
        } else {
            try remove(segment)
        }
        return hasFrames
    }

    private func cut(_ segment: Segment, at byteCount: Int) throws(EventLogError) {
        do throws(DiskError) {
            if byteCount < segment.fileBytes {
                try disk.truncate(segment.file.handle, to: byteCount)
            }
            try disk.perform(WriteBatch(syncFiles: [segment.file.handle]))
        } catch { throw .disk(error) }
    }

    /// Removes a segment in which no frame is left; if there were durable ones, it is set aside.
    private func remove(_ segment: Segment) throws(EventLogError) {
        let path = directory + "/" + segment.name
        do throws(DiskError) {
            if segment.firstSequence < durableEnd {
                try disk.rename(path, to: path + ".damaged")
            } else {
                try disk.unlink(path)
            }
        } catch { throw .disk(error) }
    }

    /// Takes the segments before the tail.
    ///
    /// Each was synced before the next was begun, whose header
    /// says where it ends.
    private mutating func takeSealed(_ found: [Found], before tail: Found?) {
        for (index, entry) in found.enumerated() {
            let next = index + 1 < found.count ? found[index + 1] : tail
            guard let next else { break }
            let nextStart = next.segment.firstSequence
            let end = FramePlace(
                sequence: min(nextStart, next.header?.previousEnd ?? nextStart),
                offset: entry.segment.fileBytes)
            let logTime = next.header?.previousLogTime ?? entry.header?.previousLogTime ?? 0
            entry.segment.setEnd(end, logTime: logTime, fileBytes: entry.segment.fileBytes)
            segments.append(entry.segment)
        }
    }
}

/// The search for the last good frame of a segment.
struct TailScan {
    /// Behind the last good frame.
    private(set) var place: FramePlace
    private(set) var frameCount = 0
    private(set) var logTime: Milliseconds = 0
    private(set) var damages: [LogDamage] = []
    private let durableEnd: UInt64
    private var walk: FrameWalk

    init(_ start: FramePlace, salt: UInt32?, durableEnd: UInt64) {
        place = start
        walk = FrameWalk(salt: salt)
        self.durableEnd = durableEnd
    }

    /// Scans the bytes of the whole file.
    mutating func run(_ bytes: RawSpan) {
        while true {
            do throws(CorruptionError) {
                guard case .frame(let header, let payload) = try walk.step(place, bytes, base: 0)
                else {
                    throw CorruptionError(
                        offset: place.offset, expected: "a whole frame",
                        found: "the end of the file")
                }
                try FrameWalk.checkPayload(header, bytes.extracting(payload), at: place)
                frameCount += 1
                logTime = max(logTime, header.logTime)
                place.pass(header)
            } catch {
                guard place.offset < bytes.byteCount,
                    let found = walk.find(
                        from: place.offset, sequence: place.sequence + 1, bytes, base: 0),
                    found.header.synced > place.sequence || durableEnd > place.sequence
                else { return }
                damages.append(
                    LogDamage(error: error, lost: place.sequence..<found.place.sequence))
                place = found.place
            }
        }
    }
}
