internal import Base
internal import Disk
internal import EventLog
internal import Events
internal import Store

extension Command {
    static let log = Command(
        name: "log",
        summary: "segments, frames and positions; with --payload the events",
        help: """
            Prints the frames of the log: position, time, events, and where each stands.

            usage: weir-part log PATH [--from N] [--limit N] [--segments | --payload] [--json]

              PATH        a data directory, a snapshot, the folder of a log, or one segment
              --from N    from this position on
              --limit N   at most N frames
              --segments  a line for each segment and none for frames
              --payload   the events, each a line of JSON with its position
              --json      lines of JSON

            What the last segment holds behind its last frame, space that was set aside or a torn
            frame, is no damage, as none of it was acknowledged.

            examples:
              weir-part log data --segments
              weir-part log data --from 41200 --limit 20
              weir-part log data --payload | grep '"eventType":"purchase"'

            exit codes: 0 fine · 1 wrong usage · 2 damage was found · 3 cannot be read

            """,
        options: ["from", "limit"],
        flags: ["segments", "payload", "json"],
        run: runLog)
}

private func runLog(_ arguments: Arguments, _ console: Console) throws(ToolError) -> ExitCode {
    let disk = LinuxDisk()
    let (folder, only, end) = try place(arguments.paths[0], disk)
    let log = try reading(folder) { () throws(DiskError) in
        try LogInspection(disk: disk, directory: folder, durableEnd: end)
    }
    let segments = log.segments.filter { only == nil || $0.name == only }
    guard !segments.isEmpty else { throw .cannotRead("\(folder) holds no segments of a log") }
    var printer = LogPrinter(console: console, findings: Findings.asides(console), folder: folder)
    printer.from = UInt64(try arguments.count("from") ?? 0)
    printer.framesLeft = try arguments.count("limit") ?? .max
    printer.asJSON = arguments.has("json")
    printer.showsPayload = arguments.has("payload")
    printer.showsSegmentsOnly = arguments.has("segments")
    console.totalBytes = segments.reduce(0) { $0 + $1.fileBytes }
    for (index, segment) in segments.enumerated() where printer.framesLeft > 0 {
        // What ends before the first frame that is wanted need not be read.
        if index + 1 < segments.count, segments[index + 1].firstSequence <= printer.from {
            console.advance(segment.fileBytes)
            continue
        }
        try printer.print(segment, of: log)
    }
    return printer.findings.exitCode
}

/// The folder of the log, the one segment that is meant, and what the manifest says was durable.
private func place(
    _ path: String, _ disk: any Disk
) throws(ToolError) -> (folder: String, only: String?, end: UInt64) {
    guard try reading(path, { () throws(DiskError) in try disk.isDirectory(path) }) else {
        guard try reading(path, { () throws(DiskError) in try disk.exists(path) }) else {
            throw .cannotRead("\(path): there is no such file")
        }
        let words = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let name = words.last ?? path
        guard segmentSequence(name) != nil else { throw .cannotRead("\(path) is no log") }
        let folder = words.dropLast().joined(separator: "/")
        return (words.count == 1 ? "." : folder.isEmpty ? "/" : folder, name, 0)
    }
    let manifest = "\(path)/\(FileNames.manifest)"
    guard try reading(manifest, { () throws(DiskError) in try disk.exists(manifest) }) else {
        let folder = "\(path)/\(FileNames.log)"
        let isRoot = try reading(folder) { () throws(DiskError) in try disk.isDirectory(folder) }
        return (isRoot ? folder : path, nil, 0)
    }
    try DataFormat.require(path, disk)
    let state = ManifestFrames.read(try wholeFile(manifest, disk)).state
    return ("\(path)/\(FileNames.log)", nil, state.lastCommit?.position.sequence ?? 0)
}

/// Prints frames, segments or events of a log.
private struct LogPrinter {
    let console: Console
    let findings: Findings
    let folder: String
    var from: UInt64 = 0
    var framesLeft = Int.max
    var asJSON = false
    var showsPayload = false
    var showsSegmentsOnly = false

    mutating func print(
        _ segment: LogInspection.SegmentFile, of log: LogInspection
    ) throws(ToolError) {
        let path = "\(folder)/\(segment.name)"
        if let damage = segment.headerDamage { findings.add(damage.located(in: path)) }
        var frames = 0
        var payloadBytes = 0
        var rest = 0
        if !showsSegmentsOnly, !showsPayload, !asJSON { console.print("\(path):") }
        var printer = self
        try reading(path) { () throws(DiskError) in
            try log.walk(segment) { piece in
                switch piece {
                case .frame(let header, let offset, let payload):
                    frames += 1
                    payloadBytes += payload.count
                    printer.print(header, offset, payload, path)
                case .damage(let error, let lost):
                    var error = error.located(in: path)
                    error.found += "; \(lost.count) frames are lost from \(lost.lowerBound) on"
                    findings.add(error)
                case .rest(_, let byteCount): rest = byteCount
                }
            }
        }
        self = printer
        if showsSegmentsOnly { print(segment, path, frames, payloadBytes, rest) }
    }

    /// Printing stops at the limit; the walk goes on to the end of the segment.
    private mutating func print(
        _ header: FrameHeader, _ offset: Int, _ payload: [UInt8], _ path: String
    ) {
        console.advance(payload.count + FrameHeader.byteCount)
        guard header.sequence >= from, framesLeft > 0, !showsSegmentsOnly else { return }
        framesLeft -= 1
        do throws(CorruptionError) {
            let block = try EventBlock.decode(payload)
            if showsPayload {
                for row in 0..<block.count {
                    console.print(EventText.json(block, row, position: header.sequence))
                }
            } else {
                print(header, offset, events: block.count)
            }
        } catch {
            findings.add(error.located(in: path, base: offset + FrameHeader.byteCount))
            if !showsPayload { print(header, offset, events: nil) }
        }
    }

    private func print(_ header: FrameHeader, _ offset: Int, events: Int?) {
        guard asJSON else {
            console.print(
                "  \(header.sequence) at \(offset): \(timeText(header.logTime)), "
                    + "\(events.map(grouped) ?? "unreadable") events, "
                    + "\(grouped(header.payloadBytes)) bytes, synced below \(header.synced)")
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("sequence", header.sequence)
        writer.field("offset", offset)
        writer.field("logTime", header.logTime)
        writer.field("synced", header.synced)
        writer.field("bytes", header.payloadBytes)
        writer.key("events")
        if let events { writer.value(events) } else { writer.null() }
        writer.endObject()
        console.print(writer.finish())
    }

    private func print(
        _ segment: LogInspection.SegmentFile, _ path: String, _ frames: Int, _ payloadBytes: Int,
        _ rest: Int
    ) {
        guard asJSON else {
            console.print(
                "\(path): from \(segment.firstSequence), \(grouped(frames)) frames, "
                    + "\(grouped(payloadBytes)) bytes of payload in \(grouped(segment.fileBytes))"
                    + (segment.end == nil ? ", \(grouped(rest)) bytes behind the end" : ""))
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("file", segment.name)
        writer.field("first", segment.firstSequence)
        writer.field("frames", frames)
        writer.field("payloadBytes", payloadBytes)
        writer.field("fileBytes", segment.fileBytes)
        writer.endObject()
        console.print(writer.finish())
    }
}
