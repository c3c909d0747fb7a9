internal import Base
internal import Codecs

/// The 20 bytes before the body of each block, little-endian.
///
/// ```
/// offset size
///  0     1   encoding of the values
///  1     1   kind of the values: 1 codes, 2 integers, 3 floats, 4 booleans, 5 strings
///  2     1   nulls: 0 none (or codes), 1 a bitmap begins the body, 2 all (the body is empty),
///            3 a stream of booleans begins the body
///  3     1   compression: 0 none, 1 the body is one Zstd frame
///  4     4   rows
///  8     4   bytes of the body before compression
/// 12     4   bytes of the body as stored
/// 16     4   CRC-32C of bytes 0 to 15 and the stored body
/// ```
struct BlockHeader: Equatable {
    enum Kind: UInt8 {
        case codes = 1
        case integers = 2
        case floats = 3
        case booleans = 4
        case strings = 5
    }

    enum Nulls: UInt8 {
        case none = 0
        case bitmap = 1
        case all = 2
        /// As `bitmap`, but in any encoding of booleans, whose id comes first.
        case stream = 3
    }

    var encoding: Encoding
    var kind: Kind
    var nulls: Nulls
    var compression: Compression
    var rowCount: Int
    var bodyBytes: Int
    var storedBytes: Int

    /// Appends the header of the stored body that follows, checksum included.
    func append(stored: Span<UInt8>, to target: inout [UInt8]) {
        invariant(stored.count == storedBytes)
        var writer = ByteWriter(reserving: PartLayout.blockHeaderBytes)
        writer.append(encoding.rawValue)
        writer.append(kind.rawValue)
        writer.append(nulls.rawValue)
        writer.append(compression.rawValue)
        writer.appendFixed(UInt32(rowCount))
        writer.appendFixed(UInt32(bodyBytes))
        writer.appendFixed(UInt32(storedBytes))
        let checksum = unsafe crc32c(stored.bytes, continuing: crc32c(writer.bytes))
        writer.appendFixed(checksum)
        target.append(contentsOf: writer.bytes)
    }

    /// Reads the header of a block that is `block` and nothing else, and verifies its checksum.
    init(of block: Span<UInt8>) throws(CorruptionError) {
        var reader = ByteReader(block)
        let ids = BlockHeader.Ids(
            encoding: try reader.readByte(), kind: try reader.readByte(),
            nulls: try reader.readByte(), compression: try reader.readByte())
        rowCount = Int(try reader.readFixed(UInt32.self))
        bodyBytes = Int(try reader.readFixed(UInt32.self))
        storedBytes = Int(try reader.readFixed(UInt32.self))
        let checksum = try reader.readFixed(UInt32.self)
        guard storedBytes == reader.remaining else {
            throw CorruptionError(
                offset: 12, expected: "\(reader.remaining) stored bytes", found: "\(storedBytes)")
        }
        let covered = unsafe block.extracting(0..<16).bytes
        let stored = unsafe block.extracting(PartLayout.blockHeaderBytes..<block.count).bytes
        let found = crc32c(stored, continuing: crc32c(covered))
        guard found == checksum else {
            throw CorruptionError(
                offset: 16, expected: "a block with checksum \(checksum)", found: "\(found)")
        }
        guard let encoding = Encoding(rawValue: ids.encoding), let kind = Kind(rawValue: ids.kind),
            let nulls = Nulls(rawValue: ids.nulls),
            let compression = Compression(rawValue: ids.compression)
        else {
            throw CorruptionError(
                offset: 0, expected: "known encoding, kind, nulls and compression",
                found: "\(ids.encoding), \(ids.kind), \(ids.nulls), \(ids.compression)")
        }
        self.encoding = encoding
        self.kind = kind
        self.nulls = nulls
        self.compression = compression
        try checkLimits()
    }

    init(
        encoding: Encoding, kind: Kind, nulls: Nulls, compression: Compression, rowCount: Int,
        bodyBytes: Int, storedBytes: Int
    ) {
        self.encoding = encoding
        self.kind = kind
        self.nulls = nulls
        self.compression = compression
        self.rowCount = rowCount
        self.bodyBytes = bodyBytes
        self.storedBytes = storedBytes
    }

    private struct Ids {
        var encoding: UInt8
        var kind: UInt8
        var nulls: UInt8
        var compression: UInt8
    }

    private func checkLimits() throws(CorruptionError) {
        guard rowCount <= CodecLimits.valuesMax else {
            throw CorruptionError(
                offset: 4, expected: "at most \(CodecLimits.valuesMax) rows",
                found: "\(rowCount)")
        }
        guard bodyBytes <= CodecLimits.bodyBytesMax else {
            throw CorruptionError(
                offset: 8, expected: "a body of at most \(CodecLimits.bodyBytesMax) bytes",
                found: "\(bodyBytes)")
        }
        guard compression == .zstd || bodyBytes == storedBytes else {
            throw CorruptionError(
                offset: 8, expected: "\(storedBytes) bytes as stored", found: "\(bodyBytes)")
        }
    }
}
