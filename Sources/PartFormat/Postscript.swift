internal import Base

/// The last 24 bytes of a part's file, or of the footer's in a wide part, little-endian: where the
/// footer is, and of which version.
///
/// ```
/// offset size
///  0     4   bytes of the footer as stored, which lies right before the postscript
///  4     4   bytes of the footer before compression
///  8     1   compression of the footer: 0 none, 1 one Zstd frame
///  9     1   container: 1 packed, 2 wide
/// 10     2   format version
/// 12     4   CRC-32C of the stored footer and bytes 0 to 11
/// 16     8   magic
/// ```
struct Postscript: Equatable {
    var storedBytes: Int
    var footerBytes: Int
    var compression: Compression
    var container: Container
    var version: UInt16
    var checksum: UInt32

    /// Makes the postscript of the stored footer, checksum included.
    static func encode(
        storedFooter: [UInt8], footerBytes: Int, compression: Compression, container: Container
    ) -> [UInt8] {
        var writer = ByteWriter(reserving: PartLayout.postscriptBytes)
        writer.appendFixed(UInt32(storedFooter.count))
        writer.appendFixed(UInt32(footerBytes))
        writer.append(compression.rawValue)
        writer.append(container.rawValue)
        writer.appendFixed(PartLayout.version)
        let covered = writer.bytes
        let checksum = unsafe crc32c(covered.span.bytes, continuing: crc32c(storedFooter))
        writer.appendFixed(checksum)
        writer.append(PartLayout.magic)
        return writer.bytes
    }

    /// Decodes the postscript at the end of `tail`, the last bytes of a file of `fileSize`.
    ///
    /// The magic comes first, then the version, so that another file and a part of a newer format
    /// are told apart from a damaged one.
    init(tail: Span<UInt8>, fileSize: Int) throws(CorruptionError) {
        let least = PartLayout.headerBytes + PartLayout.postscriptBytes
        guard fileSize >= least, tail.count >= PartLayout.postscriptBytes else {
            throw CorruptionError(
                offset: 0, expected: "a part of at least \(least) bytes",
                found: "\(min(fileSize, tail.count))")
        }
        let start = fileSize - PartLayout.postscriptBytes
        var reader = ByteReader(
            tail.extracting(tail.count - PartLayout.postscriptBytes..<tail.count))
        storedBytes = Int(try reader.readFixed(UInt32.self))
        footerBytes = Int(try reader.readFixed(UInt32.self))
        let compressionId = try reader.readByte()
        let containerId = try reader.readByte()
        version = try reader.readFixed(UInt16.self)
        checksum = try reader.readFixed(UInt32.self)
        guard try reader.readBytes(8) == PartLayout.magic else {
            throw CorruptionError(
                offset: start + 16, expected: "the mark of a part at its end",
                found: "other bytes")
        }
        guard version >= 1, version <= PartLayout.version else {
            throw CorruptionError(
                offset: start + 10, expected: "format version 1 to \(PartLayout.version)",
                found: "\(version)")
        }
        guard let container = Container(rawValue: containerId), version >= container.firstVersion,
            let compression = Compression(rawValue: compressionId)
        else {
            throw CorruptionError(
                offset: start + 8, expected: "known compression and container",
                found: "\(compressionId), \(containerId)")
        }
        self.compression = compression
        self.container = container
        guard storedBytes <= start - PartLayout.headerBytes,
            footerBytes <= PartLimits.footerBytesMax,
            compression == .zstd || footerBytes == storedBytes
        else {
            throw CorruptionError(
                offset: start, expected: "a footer within the file and its limit",
                found: "\(storedBytes) bytes, \(footerBytes) uncompressed")
        }
    }
}
