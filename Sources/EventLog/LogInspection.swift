// A log that is looked at without being opened: nothing is cut, made, locked or synced, so another
// process may write to it meanwhile. The rules are those of format-spec.md, "Where the log ends,
// and what counts"; `LogRecovery` follows the same when it opens a log.

package import Base
package import Disk
internal import Glibc

/// The segments of a log as they lie on disk, and a walk over the frames of each.
package struct LogInspection: Sendable {
    /// A segment as its name, its header and the next segment tell.
    package struct SegmentFile: Sendable {
        /// The name of the file in the folder.
        package var name: String
        /// The sequence in the name.
        package var firstSequence: UInt64
        /// The size of the file.
        package var fileBytes: Int
        /// What the header says; nil where it is damaged.
        package var header: SegmentHeader?
        /// Why there is no header.
        package var headerDamage: CorruptionError?
        /// The sequence after the last frame that it must hold; nil for the last segment.
        package var end: UInt64?
    }

    /// What stands in a segment.
    package enum Piece: Sendable {
        /// A good frame with its payload.
        case frame(FrameHeader, offset: Int, payload: [UInt8])
        /// Frames that were durable once and cannot be read.
        case damage(CorruptionError, lost: Range<UInt64>)
        /// Where the last segment ends: what follows is no part of the log.
        case rest(offset: Int, byteCount: Int)
    }

    /// Ascending by their first sequence.
    package private(set) var segments: [SegmentFile] = []
    /// Everything below was durable once, as far as a manifest says.
    private let durableEnd: UInt64
    private let directory: String
    private let disk: any Disk

    /// Reads the names and headers of a log's segments.
    package init(
        disk: any Disk, directory: String, durableEnd: UInt64 = 0
    ) throws(DiskError) {
        self.disk = disk
        self.directory = directory
        self.durableEnd = durableEnd
        for name in try disk.list(directory) {
            guard let sequence = segmentSequence(name) else { continue }
            segments.append(try segmentFile(name, sequence))
        }
        segments.sort { $0.firstSequence < $1.firstSequence }
        for index in segments.indices.dropLast() {
            let next = segments[index + 1]
            segments[index].end = min(
                next.firstSequence, next.header?.previousEnd ?? next.firstSequence)
        }
    }

    private func segmentFile(
        _ name: String, _ firstSequence: UInt64
    ) throws(DiskError) -> SegmentFile {
        let file = try File(disk, "\(directory)/\(name)", .read)
        let fileBytes = try disk.size(of: file.handle)
        let range = ReadRange(
            file: file.handle, offset: 0, byteCount: min(fileBytes, SegmentHeader.byteCount))
        let bytes = try disk.read([range])[0]
        var segment = SegmentFile(name: name, firstSequence: firstSequence, fileBytes: fileBytes)
        do throws(CorruptionError) {
            let header = try unsafe SegmentHeader.decode(bytes.span.bytes)
            guard header.firstSequence == firstSequence else {
                throw CorruptionError(
                    offset: 16, expected: "first sequence \(firstSequence)",
                    found: "\(header.firstSequence)")
            }
            segment.header = header
        } catch {
            segment.headerDamage = error.located(in: name)
        }
        return segment
    }

    /// Passes over a segment, piece by piece, in the order of the file; reads about a mebibyte at a
    /// time, or a frame, if that is larger.
    package func walk(
        _ segment: SegmentFile, _ visit: (Piece) -> Void
    ) throws(DiskError) {
        let file = try File(disk, "\(directory)/\(segment.name)", .read)
        var window = Window(
            disk: disk, file: file.handle, fileBytes: try disk.size(of: file.handle))
        var walk = FrameWalk(salt: segment.header?.salt)
        var place = FramePlace(
            sequence: segment.firstSequence, offset: SegmentHeader.byteCount,
            previous: segment.header?.checksum)
        while segment.end.map({ place.sequence < $0 }) ?? true {
            if let error = try step(&walk, &place, &window, visit) {
                let found = try window.find(walk, from: place)
                guard let found, isDamage(found, at: place, in: segment) else {
                    return finish(segment, at: place, error, window.fileBytes, visit)
                }
                visit(
                    .damage(
                        error.located(in: segment.name),
                        lost: place.sequence..<found.place.sequence))
                place = found.place
            }
        }
    }

    /// Passes one frame; what is wrong with it, if it is not good.
    private func step(
        _ walk: inout FrameWalk, _ place: inout FramePlace, _ window: inout Window,
        _ visit: (Piece) -> Void
    ) throws(DiskError) -> CorruptionError? {
        var wanted = FrameHeader.byteCount
        while true {
            guard try window.load(place.offset, wanted) else {
                return CorruptionError(
                    offset: place.offset, expected: "a frame of \(wanted) bytes",
                    found: "the end of the file, at \(window.fileBytes)")
            }
            do throws(CorruptionError) {
                let bytes = unsafe window.bytes.span.bytes
                switch try walk.step(place, bytes, base: window.base) {
                case .incomplete(let byteCount): wanted = byteCount
                case .frame(let header, let payload):
                    try FrameWalk.checkPayload(header, bytes.extracting(payload), at: place)
                    visit(
                        .frame(
                            header, offset: place.offset, payload: Array(window.bytes[payload])))
                    place.pass(header)
                    return nil
                }
            } catch {
                return error
            }
        }
    }

    /// Whether what is not good at a place was durable once, so that it is no torn end.
    private func isDamage(
        _ found: (place: FramePlace, header: FrameHeader), at place: FramePlace,
        in segment: SegmentFile
    ) -> Bool {
        if let end = segment.end { return found.place.sequence < end }
        return found.header.synced > place.sequence || durableEnd > place.sequence
    }

    /// Tells of what is left when no further frame can be read.
    private func finish(
        _ segment: SegmentFile, at place: FramePlace, _ error: CorruptionError, _ fileBytes: Int,
        _ visit: (Piece) -> Void
    ) {
        let end = segment.end ?? durableEnd
        if place.sequence < end {
            visit(.damage(error.located(in: segment.name), lost: place.sequence..<end))
        } else {
            visit(.rest(offset: place.offset, byteCount: max(0, fileBytes - place.offset)))
        }
    }
}

/// Bytes of a segment that are in memory.
private struct Window {
    private static let readBytes = 1 << 20

    let disk: any Disk
    let file: FileHandle
    let fileBytes: Int
    private(set) var base = 0
    private(set) var bytes: [UInt8] = []

    init(disk: any Disk, file: FileHandle, fileBytes: Int) {
        self.disk = disk
        self.file = file
        self.fileBytes = fileBytes
    }

    /// Takes so many bytes from an offset into memory; false if the file ends before.
    mutating func load(_ offset: Int, _ byteCount: Int) throws(DiskError) -> Bool {
        if offset >= base, offset + byteCount <= base + bytes.count { return true }
        guard byteCount <= fileBytes - offset else { return false }
        let count = min(max(byteCount, Window.readBytes), fileBytes - offset)
        bytes = try disk.read([ReadRange(file: file, offset: offset, byteCount: count)])[0]
        base = offset
        return true
    }

    /// The next whole and good frame behind a place, of a later sequence.
    ///
    /// Space that was set aside is mostly zeros, which are passed over; behind them the rest of the
    /// file is read at once, since a frame may be as large.
    func find(
        _ walk: FrameWalk, from place: FramePlace
    ) throws(DiskError) -> (place: FramePlace, header: FrameHeader)? {
        var start = place.offset
        let zeros = [UInt8](repeating: 0, count: Window.readBytes)
        while start < fileBytes {
            let count = min(Window.readBytes, fileBytes - start)
            let chunk = try disk.read([ReadRange(file: file, offset: start, byteCount: count)])[0]
            let isZero = unsafe chunk.withUnsafeBytes { left in
                unsafe zeros.withUnsafeBytes { right in
                    guard let left = left.baseAddress, let right = right.baseAddress else {
                        return true
                    }
                    return unsafe memcmp(left, right, count) == 0
                }
            }
            if !isZero { break }
            start += count
        }
        guard start < fileBytes else { return nil }
        // A frame whose first bytes are zeros is none, so nothing before `start` can be one.
        let range = ReadRange(file: file, offset: start, byteCount: fileBytes - start)
        let rest = try disk.read([range])[0]
        return unsafe walk.find(
            from: start, sequence: place.sequence + 1, rest.span.bytes, base: start)
    }
}
