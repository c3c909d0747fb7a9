// The payload of a manifest record (format-spec.md, "Manifest").

package import Base

/// Upper bounds that a reader checks before it believes a count.
enum ManifestLimits {
    static let recordBytes = 256 << 20
    static let nameBytes = 4_096
    static let textBytes = 65_536
    static let parts = 10_000_000
    static let logPartitions = 65_536
    static let marks = 100_000_000
    /// Numbers of parts and flushes, sequences and log positions, which are counted on.
    static let number: UInt64 = 1 << 62
    /// Days or months from 1970, of which milliseconds are made.
    static let period: UInt64 = 100_000_000_000
    /// Rows and bytes of one part, of which sums are made.
    static let partRows = 1 << 38
    static let partBytes = 1 << 39
    static let horizons = 1_000_000
}

extension ManifestRecord {
    private enum Kind: UInt8 {
        case commit = 1
        case merge = 2
        case loss = 3
        /// A snapshot without marks, as format version 1 had it; no longer written.
        case snapshotWithoutMarks = 4
        case derivation = 5
        /// A snapshot without horizons, written where there are none.
        case snapshot = 6
        case retention = 7
        case snapshotWithHorizons = 8
        case repair = 9
    }

    /// The bytes of the record, without the frame.
    package func encode() -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        switch self {
        case .commit(let point, let added):
            writer.append(Kind.commit.rawValue)
            writer.append(point)
            writer.append(added)
        case .merge(let removed, let added):
            writer.append(Kind.merge.rawValue)
            writer.append(removed)
            writer.append(added)
        case .loss(let removed, let lost):
            writer.append(Kind.loss.rawValue)
            writer.append(removed)
            writer.append(lost)
        case .snapshot(let state):
            let kind = state.horizons.isEmpty ? Kind.snapshot : .snapshotWithHorizons
            writer.append(kind.rawValue)
            writer.appendVarint(state.nextPartNumber)
            writer.append(state.lastCommit == nil ? 0 : 1)
            if let point = state.lastCommit { writer.append(point) }
            writer.append(state.parts.values.sorted { $0.number < $1.number })
            writer.append(state.losses)
            writer.append(state.marks)
            if kind == .snapshotWithHorizons { writer.append(state.horizons) }
        case .derivation(let removed, let added, let marks):
            writer.append(Kind.derivation.rawValue)
            writer.append(removed)
            writer.append(added)
            writer.append(marks)
        case .repair(let repair):
            writer.append(Kind.repair.rawValue)
            writer.append(repair.removed)
            writer.append(repair.added)
            writer.append(repair.marks)
            writer.appendVarint(repair.recovered.count)
            for file in repair.recovered { writer.append(file) }
            writer.append(repair.lost)
        case .retention(let removed, let marks, let horizons):
            writer.append(Kind.retention.rawValue)
            writer.append(removed)
            writer.append(marks)
            writer.append(horizons)
        }
        return writer.bytes
    }

    /// Reads what `encode` wrote.
    package static func decode(_ bytes: [UInt8]) throws(CorruptionError) -> ManifestRecord {
        var reader = unsafe ByteReader(bytes.span.bytes)
        let record = try decode(&reader)
        try reader.requireEnd()
        return record
    }

    private static func decode(_ reader: inout ByteReader) throws(CorruptionError) -> ManifestRecord
    {
        let kind = try reader.readByte()
        switch Kind(rawValue: kind) {
        case .commit:
            let point = try reader.readCommitPoint()
            return .commit(point, added: try reader.readEntries())
        case .merge:
            let removed = try reader.readNumbers()
            return .merge(removed: removed, added: try reader.readEntries())
        case .loss:
            let removed = try reader.readNumbers()
            return .loss(removed: removed, lost: try reader.readLosses())
        case .derivation:
            let removed = try reader.readNumbers()
            let added = try reader.readEntries()
            return .derivation(removed: removed, added: added, marks: try reader.readMarks())
        case .repair:
            var repair = Repair()
            repair.removed = try reader.readNumbers()
            repair.added = try reader.readEntries()
            repair.marks = try reader.readMarks()
            for _ in 0..<(try reader.readCount(atMost: ManifestLimits.parts, of: "losses")) {
                repair.recovered.append(try reader.readString(atMost: ManifestLimits.textBytes))
            }
            repair.lost = try reader.readLosses()
            return .repair(repair)
        case .retention:
            let removed = try reader.readNumbers()
            let marks = try reader.readMarks()
            return .retention(
                removed: removed, marks: marks, horizons: try reader.readHorizons())
        case .snapshot, .snapshotWithoutMarks, .snapshotWithHorizons:
            var state = ManifestState()
            state.nextPartNumber = try reader.readNumber()
            if try reader.readByte() != 0 { state.lastCommit = try reader.readCommitPoint() }
            for entry in try reader.readEntries() { state.parts[entry.number] = entry }
            state.losses = try reader.readLosses()
            if kind != Kind.snapshotWithoutMarks.rawValue {
                for mark in try reader.readMarks() { state.set(mark) }
            }
            if kind == Kind.snapshotWithHorizons.rawValue {
                state.horizons = try reader.readHorizons()
            }
            return .snapshot(state)
        case nil:
            throw CorruptionError(offset: 0, expected: "a record kind of 1 to 9", found: "\(kind)")
        }
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ point: CommitPoint) {
        appendVarint(point.flushNumber)
        append(point.position)
        append(point.replayPosition)
        appendZigzag(point.watermark)
        appendVarint(point.state.count)
        append(point.state)
    }

    fileprivate mutating func append(_ position: LogPosition) {
        appendVarint(position.partitions.count)
        for partition in position.partitions { appendVarint(partition) }
    }

    fileprivate mutating func append(_ numbers: [UInt64]) {
        appendVarint(numbers.count)
        for number in numbers { appendVarint(number) }
    }

    fileprivate mutating func append(_ entries: [PartEntry]) {
        appendVarint(entries.count)
        for entry in entries { append(entry) }
    }

    private mutating func append(_ entry: PartEntry) {
        appendVarint(entry.number)
        append(entry.table)
        append(entry.partition, entry.container)
        appendVarint(entry.flushRange.lowerBound)
        appendVarint(entry.flushRange.upperBound)
        appendVarint(entry.rowCount)
        appendVarint(entry.byteCount)
        append(entry.timeRange)
    }

    private mutating func append(_ range: ClosedRange<Milliseconds>) {
        appendZigzag(range.lowerBound)
        appendZigzag(range.upperBound)
    }

    fileprivate mutating func append(_ losses: [LostRows]) {
        appendVarint(losses.count)
        for loss in losses {
            append(loss.table)
            var flags = LossFlags()
            if loss.timeRange != nil { flags.insert(.time) }
            if loss.place != nil { flags.insert(.place) }
            if loss.isFinal { flags.insert(.forGood) }
            append(flags.rawValue)
            if let range = loss.timeRange { append(range) }
            if let place = loss.place {
                append(place.partition)
                appendVarint(place.flushRange.lowerBound)
                appendVarint(place.flushRange.upperBound)
            }
            appendVarint(loss.rowCount)
            append(loss.file)
            append(loss.reason)
        }
    }
}

extension ByteReader {
    /// A number that others are counted on from.
    mutating func readNumber() throws(CorruptionError) -> UInt64 {
        let start = offset
        let number = try readVarint()
        guard number <= ManifestLimits.number else {
            throw CorruptionError(
                offset: start, expected: "a number up to \(ManifestLimits.number)",
                found: "\(number)")
        }
        return number
    }

    fileprivate mutating func readCommitPoint() throws(CorruptionError) -> CommitPoint {
        CommitPoint(
            flushNumber: try readNumber(), position: try readPosition(),
            replayPosition: try readPosition(), watermark: try readZigzag(),
            state: try readBytes(
                try readCount(atMost: ManifestLimits.recordBytes, of: "bytes of state")))
    }

    private mutating func readPosition() throws(CorruptionError) -> LogPosition {
        let count = try readCount(atMost: ManifestLimits.logPartitions, of: "log partitions")
        var partitions: [UInt64] = []
        for _ in 0..<count { partitions.append(try readNumber()) }
        return LogPosition(partitions: partitions)
    }

    fileprivate mutating func readNumbers() throws(CorruptionError) -> [UInt64] {
        let count = try readCount(atMost: ManifestLimits.parts, of: "parts")
        var numbers: [UInt64] = []
        for _ in 0..<count { numbers.append(try readNumber()) }
        return numbers
    }

    fileprivate mutating func readEntries() throws(CorruptionError) -> [PartEntry] {
        let count = try readCount(atMost: ManifestLimits.parts, of: "parts")
        var entries: [PartEntry] = []
        for _ in 0..<count { entries.append(try readEntry()) }
        return entries
    }

    private mutating func readEntry() throws(CorruptionError) -> PartEntry {
        let number = try readNumber()
        let start = offset
        let table = try readString(atMost: ManifestLimits.nameBytes)
        guard FileNames.isTableName(table) else {
            throw CorruptionError(offset: start, expected: "a table's name", found: table)
        }
        let (partition, container) = try readPlace()
        let flushRange = try readRange(try readNumber(), try readNumber())
        return PartEntry(
            number: number, table: table, partition: partition, flushRange: flushRange,
            rowCount: try readCount(atMost: ManifestLimits.partRows, of: "rows"),
            byteCount: try readCount(atMost: ManifestLimits.partBytes, of: "bytes"),
            timeRange: try readRange(try readZigzag(), try readZigzag()), container: container)
    }

    private func readRange<Bound: Comparable>(
        _ lower: Bound, _ upper: Bound
    ) throws(CorruptionError) -> ClosedRange<Bound> {
        guard lower <= upper else {
            throw CorruptionError(
                offset: offset, expected: "a range that ascends", found: "\(lower)...\(upper)")
        }
        return lower...upper
    }

    fileprivate mutating func readLosses() throws(CorruptionError) -> [LostRows] {
        let count = try readCount(atMost: ManifestLimits.parts, of: "losses")
        var losses: [LostRows] = []
        for _ in 0..<count { losses.append(try readLoss()) }
        return losses
    }

    private mutating func readLoss() throws(CorruptionError) -> LostRows {
        let table = try readString(atMost: ManifestLimits.nameBytes)
        let start = offset
        let flags = LossFlags(rawValue: try readByte())
        guard flags.isSubset(of: .all) else {
            throw CorruptionError(
                offset: start, expected: "flags of a loss", found: "\(flags.rawValue)")
        }
        var range: ClosedRange<Milliseconds>?
        if flags.contains(.time) { range = try readRange(try readZigzag(), try readZigzag()) }
        var place: LostRows.Place?
        if flags.contains(.place) {
            let (partition, _) = try readPlace()
            place = LostRows.Place(
                partition: partition, flushRange: try readRange(try readNumber(), try readNumber()))
        }
        return LostRows(
            table: table, timeRange: range,
            rowCount: try readCount(atMost: ManifestLimits.partRows, of: "rows"),
            file: try readString(atMost: ManifestLimits.textBytes),
            reason: try readString(atMost: ManifestLimits.textBytes), place: place,
            isFinal: flags.contains(.forGood))
    }
}

/// What is told of a loss.
private struct LossFlags: OptionSet {
    let rawValue: UInt8

    static let time = LossFlags(rawValue: 1)
    /// Since version 3.
    static let place = LossFlags(rawValue: 2)
    /// Since version 3.
    static let forGood = LossFlags(rawValue: 4)
    static let all: LossFlags = [.time, .place, .forGood]
}
