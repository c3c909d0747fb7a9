// How records stand in the manifest file, and how the file is read after a crash.
//
//     offset  size  field
//          0     4  magic, "WMRF"
//          4     8  sequence: 1 greater than that of the record before
//         12     4  payload size in bytes
//         16     4  CRC-32C of the 16 bytes before and the payload
//         20     n  payload (see ManifestRecord+Bytes.swift)
//
// Numbers are little-endian. Records follow one another without gaps; the first is a snapshot.
//
// Reading: 1. take records while magic, sequence, size and checksum fit; 2. where one does not,
// look for a valid record with a greater sequence anywhere behind. If there is none, the rest is
// the torn tail of a commit that was never acknowledged, and is cut. If there is one, a record in
// the middle was damaged: reading goes on behind it, and the caller is told.

package import Base

/// Frames and reads manifest records; bytes in, values out.
package enum ManifestFrames {
    static let magic: [UInt8] = Array("WMRF".utf8)
    static let headerBytes = 20

    /// A record with its frame.
    package static func frame(_ record: ManifestRecord, sequence: UInt64) -> [UInt8] {
        let payload = record.encode()
        invariant(payload.count <= ManifestLimits.recordBytes, "record of \(payload.count) bytes")
        var writer = ByteWriter(reserving: headerBytes + payload.count)
        writer.append(magic)
        writer.appendFixed(sequence)
        writer.appendFixed(UInt32(payload.count))
        let head = crc32c(writer.bytes)
        writer.appendFixed(unsafe crc32c(payload.span.bytes, continuing: head))
        writer.append(payload)
        return writer.bytes
    }

    /// What reading a manifest gave.
    package struct Contents: Sendable {
        /// What the records that could be read add up to.
        package var state = ManifestState()
        /// Where the next record goes.
        package var validBytes = 0
        /// The sequence of the next record.
        package var nextSequence: UInt64 = 1
        /// Bytes behind `validBytes`.
        package var bytesCut = 0
        /// Damaged places with valid records behind them.
        package var damage: [CorruptionError] = []
        /// Whether the first record is a snapshot; else it is not known what came before.
        var startsWhole = false
        /// What the last snapshot said of the numbers of parts and flushes that came before it.
        var snapshot = Snapshot()
        /// The numbers of all parts that a record has taken out.
        var removed: Set<UInt64> = []
        /// The numbers of the flushes whose commit was read.
        var commits: Set<UInt64> = []
        /// What records behind damage have changed of tables, apart from commits.
        var changedBehindDamage: Set<TablePlace> = []
    }

    /// Where a snapshot stands among parts and flushes.
    struct Snapshot: Sendable {
        var nextPartNumber: UInt64 = 1
        var lastCommit: CommitPoint?
    }

    /// Reads a whole manifest.
    ///
    /// Never fails: what cannot be read is in `bytesCut` or `damage`.
    package static func read(_ bytes: [UInt8]) -> Contents {
        var contents = Contents()
        var offset = 0
        var isFirst = true
        while offset < bytes.count {
            let wanted = isFirst ? nil : contents.nextSequence
            if let (sequence, record, end) = parse(bytes, at: offset),
                wanted == nil || sequence == wanted
            {
                if isFirst, offset == 0, case .snapshot = record { contents.startsWhole = true }
                contents.note(record)
                contents.state.apply(record)
                contents.nextSequence = sequence + 1
                offset = end
                contents.validBytes = end
            } else if let next = findRecord(
                bytes, from: offset + 1, sequenceAtLeast: contents.nextSequence)
            {
                contents.damage.append(
                    CorruptionError(
                        file: FileNames.manifest, offset: offset,
                        expected: "record \(contents.nextSequence)", found: "other bytes"))
                contents.nextSequence = next.sequence
                offset = next.offset
            } else {
                break
            }
            isFirst = false
        }
        contents.bytesCut = bytes.count - contents.validBytes
        return contents
    }

    /// The record at an offset, if a valid one stands there.
    private static func parse(
        _ bytes: [UInt8], at offset: Int
    ) -> (sequence: UInt64, record: ManifestRecord, end: Int)? {
        guard bytes.count - offset >= headerBytes, bytes[offset..<offset + 4].elementsEqual(magic)
        else { return nil }
        var reader = unsafe ByteReader(bytes.span.bytes)
        guard (try? reader.skip(offset + 4)) != nil,
            let sequence = try? reader.readFixed(UInt64.self),
            let size = try? reader.readFixed(UInt32.self),
            let checksum = try? reader.readFixed(UInt32.self),
            Int(size) <= min(ManifestLimits.recordBytes, reader.remaining),
            let payload = try? reader.readBytes(Int(size))
        else { return nil }
        let head = unsafe crc32c(bytes.span.bytes.extracting(offset..<offset + 16))
        guard unsafe crc32c(payload.span.bytes, continuing: head) == checksum,
            let record = try? ManifestRecord.decode(payload)
        else { return nil }
        return (sequence, record, offset + headerBytes + Int(size))
    }

    private static func findRecord(
        _ bytes: [UInt8], from start: Int, sequenceAtLeast least: UInt64
    ) -> (offset: Int, sequence: UInt64)? {
        guard bytes.count - start >= headerBytes else { return nil }
        for offset in start...(bytes.count - headerBytes) where bytes[offset] == magic[0] {
            if let (sequence, _, _) = parse(bytes, at: offset), sequence >= least {
                return (offset, sequence)
            }
        }
        return nil
    }
}

/// A partition of a table.
struct TablePlace: Hashable, Sendable {
    var table: String
    var partition: Partition

    init(_ table: String, _ partition: Partition) {
        self.table = table
        self.partition = partition
    }
}

extension ManifestFrames.Contents {
    /// Keeps what tells of the files that a lost record may have named.
    fileprivate mutating func note(_ record: ManifestRecord) {
        removed.formUnion(record.removed)
        var changed: [TablePlace] = []
        switch record {
        case .snapshot(let state):
            snapshot = ManifestFrames.Snapshot(
                nextPartNumber: state.nextPartNumber, lastCommit: state.lastCommit)
        case .commit(let point, _): commits.insert(point.flushNumber)
        case .merge(_, let added): changed = added.map(TablePlace.init)
        case .derivation(_, let added, let marks):
            changed = added.map(TablePlace.init) + marks.map(TablePlace.init)
        case .repair(let repair):
            changed = repair.added.map(TablePlace.init) + repair.marks.map(TablePlace.init)
        default: break
        }
        if !damage.isEmpty { changedBehindDamage.formUnion(changed) }
    }
}

extension TablePlace {
    fileprivate init(_ entry: PartEntry) { self.init(entry.table, entry.partition) }
    fileprivate init(_ mark: DerivedMark) { self.init(mark.table, mark.partition) }
}
