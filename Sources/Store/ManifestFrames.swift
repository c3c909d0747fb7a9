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
        /// The last flush that the last snapshot knew of; 0 where it knew of none.
        var snapshotFlush: UInt64 = 0
        /// The numbers of all parts that a record has taken out.
        var removed: Set<UInt64> = []
        /// The numbers of the flushes whose commit was read.
        var commits: Set<UInt64> = []
        /// What records behind damage have changed of tables, apart from commits.
        var changedBehindDamage: Set<TablePlace> = []
    }

    /// What stands somewhere in a manifest.
    package enum Piece: Sendable {
        /// A record, with its frame.
        case record(ManifestRecord, sequence: UInt64, bytes: Range<Int>)
        /// Bytes that are no record although a record stands behind them.
        case damage(CorruptionError, bytes: Range<Int>)
        /// The rest: of a record that was never acknowledged.
        case tail(CorruptionError, bytes: Range<Int>)
    }

    /// Reads a whole manifest.
    ///
    /// Never fails: what cannot be read is in `bytesCut` or `damage`.
    package static func read(_ bytes: [UInt8]) -> Contents {
        var contents = Contents()
        walk(bytes) { piece in
            switch piece {
            case .record(let record, let sequence, let range):
                if range.lowerBound == 0, case .snapshot = record { contents.startsWhole = true }
                contents.note(record)
                contents.state.apply(record)
                contents.nextSequence = sequence + 1
                contents.validBytes = range.upperBound
            case .damage(let error, _): contents.damage.append(error)
            case .tail: break
            }
        }
        contents.bytesCut = bytes.count - contents.validBytes
        return contents
    }

    /// Passes over a whole manifest, piece by piece, in the order of the file.
    package static func walk(_ bytes: [UInt8], _ visit: (Piece) -> Void) {
        var offset = 0
        var wanted: UInt64?
        while offset < bytes.count {
            do throws(CorruptionError) {
                let (sequence, record, end) = try parse(bytes, at: offset, wanted: wanted)
                visit(.record(record, sequence: sequence, bytes: offset..<end))
                wanted = sequence + 1
                offset = end
            } catch {
                let next = findRecord(bytes, from: offset + 1, sequenceAtLeast: wanted ?? 1)
                guard let next else { return visit(.tail(error, bytes: offset..<bytes.count)) }
                visit(.damage(error, bytes: offset..<next.offset))
                wanted = next.sequence
                offset = next.offset
            }
        }
    }

    /// The record at an offset, which must have the wanted sequence, if that is known.
    private static func parse(
        _ bytes: [UInt8], at offset: Int, wanted: UInt64? = nil
    ) throws(CorruptionError) -> (sequence: UInt64, record: ManifestRecord, end: Int) {
        func fail(_ place: Int, _ expected: String, _ found: String) -> CorruptionError {
            CorruptionError(
                file: FileNames.manifest, offset: offset + place, expected: expected, found: found)
        }
        let name = wanted.map { "record \($0)" } ?? "a record"
        guard bytes.count - offset >= headerBytes else {
            throw fail(0, name, "\(bytes.count - offset) bytes")
        }
        guard bytes[offset..<offset + 4].elementsEqual(magic) else {
            throw fail(0, name, "other bytes")
        }
        var reader = unsafe ByteReader(bytes.span.bytes)
        try reader.skip(offset + 4)
        let sequence = try reader.readFixed(UInt64.self)
        let size = Int(try reader.readFixed(UInt32.self))
        let checksum = try reader.readFixed(UInt32.self)
        guard size <= min(ManifestLimits.recordBytes, reader.remaining) else {
            throw fail(12, "\(name) of at most \(reader.remaining) bytes", "\(size)")
        }
        let payload = try reader.readBytes(size)
        let head = unsafe crc32c(bytes.span.bytes.extracting(offset..<offset + 16))
        let computed = unsafe crc32c(payload.span.bytes, continuing: head)
        guard computed == checksum else {
            throw fail(16, "\(name) with checksum \(checksum)", "\(computed)")
        }
        guard wanted == nil || wanted == sequence, sequence <= ManifestLimits.number else {
            throw fail(4, name, "record \(sequence)")
        }
        do throws(CorruptionError) {
            let record = try ManifestRecord.decode(payload)
            return (sequence, record, offset + headerBytes + size)
        } catch {
            throw error.located(in: FileNames.manifest, base: offset + headerBytes)
        }
    }

    private static func findRecord(
        _ bytes: [UInt8], from start: Int, sequenceAtLeast least: UInt64
    ) -> (offset: Int, sequence: UInt64)? {
        guard bytes.count - start >= headerBytes else { return nil }
        for offset in start...(bytes.count - headerBytes)
        where bytes[offset] == magic[0] && bytes[offset + 1] == magic[1] {
            if let (sequence, _, _) = try? parse(bytes, at: offset), sequence >= least {
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
        case .snapshot(let state): snapshotFlush = state.lastCommit?.flushNumber ?? 0
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
