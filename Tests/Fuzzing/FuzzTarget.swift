internal import Base
internal import Disk
internal import EventLog
internal import Events
internal import PartFormat
internal import Store
internal import Stream

/// What is fed with bytes that anyone may have made: none of it may trap, hang or take memory
/// without bound.
///
/// Checksums are made right first (`Seal`), so that what lies behind them is reached.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A packed part: footer, dictionaries and blocks.
    case part
    /// The records of a manifest.
    case manifest
    /// A segment of the log, opened and read as at a start.
    case log
    /// A request body, in each form, into a block and back out of its payload.
    case events
    /// The payload of a block, on into the stream's tables.
    case payload
    /// The text of a query, into a syntax tree and back.
    case sql

    /// Feeds the bytes.
    package func run(_ bytes: [UInt8]) {
        switch self {
        case .part: Self.runPart(bytes)
        case .manifest: Self.runManifest(bytes)
        case .log: Self.runLog(bytes)
        case .events: Self.runEvents(bytes)
        case .payload: Self.runPayload(bytes)
        case .sql: Self.runSQL(bytes)
        }
    }

    private static func runPart(_ bytes: [UInt8]) {
        var bytes = bytes
        Seal.footer(&bytes)
        guard let footer = footer(of: bytes) else { return }
        var reading = PartReading(bytes: bytes, footer: footer)
        reading.run()
    }

    private static func footer(of bytes: [UInt8]) -> PartFooter? {
        let tail = PartFooter.tailRange(fileSize: bytes.count)
        guard
            let range = try? PartFooter.footerRange(
                tail: bytes.span.extracting(tail), fileSize: bytes.count)
        else { return nil }
        return try? PartFooter(decoding: bytes.span.extracting(range), fileSize: bytes.count)
    }

    private static func runManifest(_ bytes: [UInt8]) {
        var bytes = bytes
        Seal.manifest(&bytes)
        let contents = ManifestFrames.read(bytes)
        let again = ManifestFrames.read(
            ManifestFrames.frame(.snapshot(contents.state), sequence: 1))
        invariant(again.state == contents.state, "a snapshot says something else")
    }

    private static func runLog(_ bytes: [UInt8]) {
        var bytes = bytes
        Seal.segment(&bytes)
        let disk = FaultingDisk(seed: 1)
        let path = "/log/" + segmentName(Seal.firstSequence(of: bytes))
        guard (try? disk.createDirectory("/log")) != nil,
            let file = try? disk.open(path, .create)
        else { return }
        disk.close(file)
        disk.setContents(of: path, to: bytes)
        var options = LogOptions()
        options.isDriven = true
        options.segmentBytes = 4_096
        guard let log = try? EmbeddedLog.open(disk: disk, directory: "/log", options: options)
        else { return }
        // Sequences may be any; so many steps are more than there can be frames.
        var position = log.start
        for _ in 0..<bytes.count where position.sequence < log.end.sequence {
            if let entries = try? log.read(from: position, byteCount: 1_024),
                let last = entries.last
            {
                position = LogPosition(last.mark.position.sequence &+ 1)
            } else if let next = try? log.positionBehindDamage(at: position),
                next.sequence > position.sequence
            {
                position = next
            } else {
                break
            }
        }
        log.append(LogAppend(payload: [1], receivedAt: 1, isDurable: true, written: { _ in }))
        log.close()
    }

    private static func runEvents(_ bytes: [UInt8]) {
        var limits = EventLimits()
        limits.ageMax = nil
        for form in BodyForm.allCases {
            var builder = EventBlockBuilder(limits: limits)
            guard (try? builder.append(bytes, form: form, receivedAt: 1_767_571_200_000)) != nil,
                let block = builder.finish(receivedAt: 1_767_571_200_000)
            else { continue }
            do {
                let again = try EventBlock.decode(block.encode())
                invariant(again.count == block.count, "\(again.count) of \(block.count) events")
            } catch {
                fatalError("a block cannot be read back: \(error)")
            }
        }
    }

    private static func runPayload(_ bytes: [UInt8]) {
        _ = try? EventBlock.decodeEventIds(bytes)
        guard let block = try? EventBlock.decode(bytes) else { return }
        var options = StreamOptions()
        options.dedupIdsMax = 1 << 12
        var state = StreamState(options: options, catalog: .builtIn)
        state.take(block, at: LogMark(position: .start, logTime: block.receivedAt))
        _ = state.freeze().batch()
    }
}
