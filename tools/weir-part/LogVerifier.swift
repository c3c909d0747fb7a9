internal import Base
internal import Disk
internal import EventLog
internal import Events
internal import Store

/// Checks the log of a data directory: segments, frames, and the events in them.
struct LogVerifier {
    let source: Source
    let findings: Findings
    let console: Console

    func run(_ counts: inout VerifyCounts) throws(ToolError) {
        let folder = "\(source.path)/\(FileNames.log)"
        let disk = source.disk
        guard try reading(folder, { () throws(DiskError) in try disk.exists(folder) }) else {
            return
        }
        let point = source.manifest?.state.lastCommit
        let end = point?.position.sequence ?? 0
        let log = try reading(folder) { () throws(DiskError) in
            try LogInspection(disk: disk, directory: folder, durableEnd: end)
        }
        counts.segments = log.segments.count
        for segment in log.segments { try check(segment, of: log, folder, &counts) }
        guard let point, let first = log.segments.first else { return }
        if first.firstSequence > point.replayPosition.sequence {
            findings.add(
                "\(folder)/\(first.name)", 0,
                expected: "the log from \(point.replayPosition.sequence) on, where the manifest "
                    + "says that its replay begins",
                found: "\(first.firstSequence)")
        }
    }

    private func check(
        _ segment: LogInspection.SegmentFile, of log: LogInspection, _ folder: String,
        _ counts: inout VerifyCounts
    ) throws(ToolError) {
        if let damage = segment.headerDamage {
            findings.add(damage.located(in: path(segment, folder)))
        }
        var frames = 0
        var events = 0
        do throws(DiskError) {
            try log.walk(segment) { piece in
                switch piece {
                case .frame(let header, let offset, let payload):
                    frames += 1
                    console.advance(payload.count)
                    events += check(
                        payload, header, path(segment, folder), offset + FrameHeader.byteCount)
                case .damage(let error, let lost):
                    var error = error.located(in: path(segment, folder))
                    error.found += "; \(lost.count) frames are lost from \(lost.lowerBound) on"
                    findings.add(error)
                case .rest: break
                }
            }
        } catch {
            // The server drops segments that nobody needs.
            let isThere = (try? source.disk.exists(path(segment, folder))) ?? true
            if isThere {
                findings.add(
                    path(segment, folder), 0, expected: "bytes that can be read",
                    found: error.message)
            }
        }
        counts.frames += frames
        counts.events += events
    }

    /// The events of a payload; offsets of damage count from the first byte of the payload.
    private func check(
        _ payload: [UInt8], _ header: FrameHeader, _ file: String, _ offset: Int
    ) -> Int {
        do throws(CorruptionError) {
            return try EventBlock.decode(payload).count
        } catch {
            findings.add(
                CorruptionError(
                    file: file, offset: offset,
                    expected: "an event block in frame \(header.sequence), at its offset "
                        + "\(error.offset): \(error.expected)", found: error.found))
            return 0
        }
    }

    private func path(_ segment: LogInspection.SegmentFile, _ folder: String) -> String {
        "\(folder)/\(segment.name)"
    }
}
