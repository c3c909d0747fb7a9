internal import Base
internal import EventLog
internal import PartFormat

/// Makes checksums right, so that decoders see what lies behind them.
enum Seal {
    /// The checksum of a part's footer, wherever its postscript says that it is.
    static func footer(_ bytes: inout [UInt8]) {
        let postscript = bytes.count - PartLayout.postscriptBytes
        guard postscript >= PartLayout.headerBytes else { return }
        let stored = number(bytes, at: postscript)
        guard stored <= postscript - PartLayout.headerBytes else { return }
        put(checksum(bytes, postscript - stored..<postscript + 12), at: postscript + 12, of: &bytes)
    }

    /// The length and the checksum of a block.
    static func block(_ bytes: inout [UInt8], _ range: Range<Int>) {
        let header = PartLayout.blockHeaderBytes
        guard range.count >= header, range.lowerBound >= 0 else { return }
        put(UInt32(range.count - header), at: range.lowerBound + 12, of: &bytes)
        let head = bytes[range.lowerBound..<range.lowerBound + 16]
        let body = bytes[range.lowerBound + header..<range.upperBound]
        put(crc32c(Array(head) + body), at: range.lowerBound + 16, of: &bytes)
    }

    /// The checksum of a page of a filter.
    static func page(_ bytes: inout [UInt8], _ range: Range<Int>) {
        guard range.count >= 4 else { return }
        let end = range.upperBound - 4
        put(checksum(bytes, range.lowerBound..<end), at: end, of: &bytes)
    }

    /// The checksums of the records of a manifest, as long as sizes lead from one to the next.
    static func manifest(_ bytes: inout [UInt8]) {
        var offset = 0
        while offset + 20 <= bytes.count {
            let end = offset + 20 + number(bytes, at: offset + 12)
            guard end <= bytes.count else { return }
            let head = bytes[offset..<offset + 16]
            let payload = bytes[offset + 20..<end]
            put(crc32c(Array(head) + payload), at: offset + 16, of: &bytes)
            offset = end
        }
    }

    /// The checksums of a segment's header and of its frames; each refers to the one before.
    static func segment(_ bytes: inout [UInt8]) {
        guard bytes.count >= SegmentHeader.byteCount else { return }
        put(checksum(bytes, 0..<44), at: 44, of: &bytes)
        var previous = checksum(bytes, 0..<44)
        var offset = SegmentHeader.byteCount
        while offset + FrameHeader.byteCount <= bytes.count {
            let payloadBytes = number(bytes, at: offset + 32)
            let payload = offset + FrameHeader.byteCount
            guard payload + payloadBytes <= bytes.count else { return }
            put(
                checksum(bytes, payload..<payload + payloadBytes), at: offset + 36, of: &bytes)
            // One in some frames keeps its wrong reference, so that this is met too.
            if bytes[offset + 40] & 7 != 7 { put(previous, at: offset + 40, of: &bytes) }
            previous = checksum(bytes, offset + 8..<payload)
            put(previous, at: offset + 4, of: &bytes)
            offset += FrameHeader.frameBytes(payloadBytes)
        }
    }

    /// By which the file of a segment is named.
    static func firstSequence(of bytes: [UInt8]) -> UInt64 {
        guard bytes.count >= SegmentHeader.byteCount else { return 0 }
        return (0..<8).reduce(0) { $0 | UInt64(bytes[16 + $1]) << UInt64(8 * $1) }
    }

    private static func checksum(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        crc32c(Array(bytes[range]))
    }

    private static func number(_ bytes: [UInt8], at place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    private static func put(_ number: UInt32, at place: Int, of bytes: inout [UInt8]) {
        for index in 0..<4 {
            bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt32(8 * index))
        }
    }
}
