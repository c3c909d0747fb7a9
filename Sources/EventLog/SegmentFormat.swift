package import Base

// The bytes of a log segment. All numbers are little-endian.
//
//     segment  = header, frame, frame, … , zeros or the end of the file
//     frame    = frame header, payload, zeros up to a multiple of 8
//
// A segment file is `log/<first sequence, 20 digits>.log`. Frames have consecutive sequences. A
// segment ends, whatever bytes follow, before the first sequence of the next segment: a later
// segment supersedes the frames of the same sequences before it (see `LogWriter+Recovery`).

/// The first bytes of a segment.
///
///     offset  size  meaning
///      0      8     magic: "weir.log" in ASCII
///      8      4     version: 1
///     12      4     salt: a random number that all frames of the segment repeat
///     16      8     first sequence: that of the first frame
///     24      8     previous end: the sequence after the last frame of the segments before; it is
///                   less than the first sequence where the log lost its end and had to skip
///     32      8     previous log time: of the last frame of the segments before, in milliseconds
///     40      4     zero
///     44      4     CRC-32C of bytes 0 to 43
package struct SegmentHeader: Equatable {
    /// The size of the header.
    package static let byteCount = 48
    /// The magic at offset 0.
    package static let magic: UInt64 = 0x676F_6C2E_7269_6577
    /// The version that this code writes and reads.
    package static let version: UInt32 = 1
    /// The greatest sequence, as in `FrameHeader`.
    package static let sequenceMax: UInt64 = 1 << 62
    /// Log times lie so far from 1970 at most.
    package static let logTimeMax: Milliseconds = 1 << 60
    /// Where the version stands.
    package static let versionOffset = 8

    /// At offset 12.
    package var salt: UInt32
    /// At offset 16.
    package var firstSequence: UInt64
    /// At offset 24.
    package var previousEnd: UInt64
    /// At offset 32.
    package var previousLogTime: Milliseconds
    /// The checksum, to which the first frame refers.
    package private(set) var checksum: UInt32 = 0

    /// Makes a header that is not encoded yet.
    package init(
        salt: UInt32, firstSequence: UInt64, previousEnd: UInt64, previousLogTime: Milliseconds
    ) {
        self.salt = salt
        self.firstSequence = firstSequence
        self.previousEnd = previousEnd
        self.previousLogTime = previousLogTime
    }

    /// Appends the header and remembers its checksum.
    package mutating func encode(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.appendFixed(Self.magic)
        bytes.appendFixed(Self.version)
        bytes.appendFixed(salt)
        bytes.appendFixed(firstSequence)
        bytes.appendFixed(previousEnd)
        bytes.appendFixed(previousLogTime)
        bytes.appendFixed(UInt32(0))
        checksum = unsafe crc32c(bytes.span.bytes.extracting(start..<bytes.count))
        bytes.appendFixed(checksum)
        invariant(bytes.count - start == Self.byteCount)
    }

    /// Reads the header at the start of the bytes.
    package static func decode(_ bytes: RawSpan) throws(CorruptionError) -> SegmentHeader {
        guard bytes.byteCount >= byteCount else {
            throw CorruptionError(
                offset: 0, expected: "a segment header of \(byteCount) bytes",
                found: "\(bytes.byteCount) bytes")
        }
        var reader = ByteReader(bytes)
        let foundMagic = try reader.readFixed(UInt64.self)
        guard foundMagic == magic else {
            throw CorruptionError(
                offset: 0, expected: "the magic of a log segment", found: hex(foundMagic))
        }
        let foundVersion = try reader.readFixed(UInt32.self)
        let salt = try reader.readFixed(UInt32.self)
        let firstSequence = try reader.readFixed(UInt64.self)
        let previousEnd = try reader.readFixed(UInt64.self)
        var header = SegmentHeader(
            salt: salt, firstSequence: firstSequence, previousEnd: previousEnd,
            previousLogTime: try reader.readFixed())
        try reader.skip(4)
        header.checksum = try reader.readFixed()
        let computed = crc32c(bytes.extracting(0..<44))
        guard header.checksum == computed else {
            throw CorruptionError(
                offset: 44, expected: "header checksum \(hex(computed))",
                found: hex(header.checksum))
        }
        guard foundVersion == version else {
            throw CorruptionError(
                offset: versionOffset, expected: "segment version \(version)",
                found: "\(foundVersion)")
        }
        guard max(firstSequence, previousEnd) <= sequenceMax else {
            throw CorruptionError(
                offset: 16, expected: "sequences up to \(sequenceMax)",
                found: "\(firstSequence), \(previousEnd)")
        }
        guard header.previousLogTime.magnitude <= logTimeMax.magnitude else {
            throw CorruptionError(
                offset: 32, expected: "a time within \(logTimeMax)",
                found: "\(header.previousLogTime)")
        }
        return header
    }
}

/// What stands before each payload.
///
///     offset  size  meaning
///      0      4     magic: "weir" in ASCII
///      4      4     CRC-32C of bytes 8 to 47
///      8      8     sequence
///     16      8     log time, in milliseconds since the epoch (signed)
///     24      8     synced: all frames of lower sequences were durable when this was written
///     32      4     byte count of the payload, at most 2^28
///     36      4     CRC-32C of the payload
///     40      4     previous: the checksum (offset 4) of the frame before, for the first frame
///                   that of the segment header (offset 44)
///     44      4     salt of the segment
///
/// `previous` chains the frames, so that a stale frame, left behind the end by a write that failed
/// and was repeated with other frames, is never taken for the next one. `synced` tells a torn
/// end (frames that no sync had saved) from damage (a frame that was durable once, as a later
/// frame says). `salt` keeps bytes that a client sent from passing for a frame when one is searched
/// for behind damage: clients do not know it.
package struct FrameHeader: Equatable {
    /// The size of the header.
    package static let byteCount = 48
    /// The magic at offset 0.
    package static let magic: UInt32 = 0x7269_6577
    /// The greatest payload; far above the largest block (the body limit is 64 MiB).
    package static let payloadBytesMax = 1 << 28

    /// At offset 8.
    package var sequence: UInt64
    /// At offset 16.
    package var logTime: Milliseconds
    /// At offset 24.
    package var synced: UInt64
    /// At offset 32.
    package var payloadBytes: Int
    /// At offset 36.
    package var payloadChecksum: UInt32
    /// At offset 40.
    package var previous: UInt32
    /// At offset 44.
    package var salt: UInt32
    /// At offset 4; set by `encode` and `decode`.
    package private(set) var checksum: UInt32 = 0

    /// Makes a header that is not encoded yet.
    package init(
        sequence: UInt64, logTime: Milliseconds, synced: UInt64, payloadBytes: Int,
        payloadChecksum: UInt32, previous: UInt32, salt: UInt32
    ) {
        self.sequence = sequence
        self.logTime = logTime
        self.synced = synced
        self.payloadBytes = payloadBytes
        self.payloadChecksum = payloadChecksum
        self.previous = previous
        self.salt = salt
    }

    /// The size of the frame: header, payload and padding.
    package var frameBytes: Int { Self.frameBytes(payloadBytes) }

    /// The size of the frame of such a payload.
    package static func frameBytes(_ payloadBytes: Int) -> Int {
        byteCount + (payloadBytes + 7) / 8 * 8
    }

    /// Appends the header and remembers its checksum.
    package mutating func encode(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.appendFixed(Self.magic)
        bytes.appendFixed(UInt32(0))
        bytes.appendFixed(sequence)
        bytes.appendFixed(logTime)
        bytes.appendFixed(synced)
        bytes.appendFixed(UInt32(payloadBytes))
        bytes.appendFixed(payloadChecksum)
        bytes.appendFixed(previous)
        bytes.appendFixed(salt)
        invariant(bytes.count - start == Self.byteCount)
        checksum = unsafe crc32c(bytes.span.bytes.extracting(start + 8..<bytes.count))
        for index in 0..<4 {
            bytes[start + 4 + index] = UInt8(truncatingIfNeeded: checksum &>> UInt32(8 * index))
        }
    }

    /// Reads the header at the start of the bytes, which must be at least `byteCount`.
    package static func decode(_ bytes: RawSpan) throws(CorruptionError) -> FrameHeader {
        var reader = ByteReader(bytes)
        let foundMagic = try reader.readFixed(UInt32.self)
        guard foundMagic == magic else {
            throw CorruptionError(
                offset: 0, expected: "the magic of a frame", found: hex(foundMagic))
        }
        let checksum = try reader.readFixed(UInt32.self)
        let computed = crc32c(bytes.extracting(8..<byteCount))
        guard checksum == computed else {
            throw CorruptionError(
                offset: 4, expected: "frame checksum \(hex(computed))", found: hex(checksum))
        }
        let sequence = try reader.readFixed(UInt64.self)
        let logTime = try reader.readFixed(Int64.self)
        let synced = try reader.readFixed(UInt64.self)
        guard max(sequence, synced) <= SegmentHeader.sequenceMax,
            logTime.magnitude <= SegmentHeader.logTimeMax.magnitude
        else {
            throw CorruptionError(
                offset: 8,
                expected: "sequences up to \(SegmentHeader.sequenceMax), a time within "
                    + "\(SegmentHeader.logTimeMax)",
                found: "\(sequence), \(synced), \(logTime)")
        }
        let payloadBytes = try reader.readFixed(UInt32.self)
        guard payloadBytes <= payloadBytesMax else {
            throw CorruptionError(
                offset: 32, expected: "at most \(payloadBytesMax) payload bytes",
                found: "\(payloadBytes)")
        }
        let payloadChecksum = try reader.readFixed(UInt32.self)
        let previous = try reader.readFixed(UInt32.self)
        var header = FrameHeader(
            sequence: sequence, logTime: logTime, synced: synced, payloadBytes: Int(payloadBytes),
            payloadChecksum: payloadChecksum, previous: previous, salt: try reader.readFixed())
        header.checksum = checksum
        return header
    }
}

/// Appends a frame; the payload is copied once, into the bytes that are written.
package func appendFrame(_ header: inout FrameHeader, _ payload: [UInt8], to bytes: inout [UInt8]) {
    invariant(header.payloadBytes == payload.count && bytes.count % 8 == 0)
    header.encode(to: &bytes)
    bytes.append(contentsOf: payload)
    bytes.append(contentsOf: repeatElement(0, count: (8 - payload.count % 8) % 8))
}

/// The name of the segment that starts with this sequence.
package func segmentName(_ firstSequence: UInt64) -> String {
    let digits = String(firstSequence)
    return String(repeating: "0", count: 20 - digits.count) + digits + ".log"
}

/// The first sequence of the segment of this name; nil if it is not the name of one.
package func segmentSequence(_ name: String) -> UInt64? {
    guard name.utf8.count == 24, name.hasSuffix(".log"), let sequence = UInt64(name.dropLast(4)),
        sequence <= SegmentHeader.sequenceMax, segmentName(sequence) == name
    else { return nil }
    return sequence
}

/// A number as errors show it.
func hex(_ number: some FixedWidthInteger) -> String { "0x" + String(number, radix: 16) }

extension [UInt8] {
    /// Appends an integer in its full width, little-endian.
    mutating func appendFixed<Number: FixedWidthInteger>(_ number: Number) {
        for index in 0..<Number.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: number &>> Number(8 * index)))
        }
    }
}
