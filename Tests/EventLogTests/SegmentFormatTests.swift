import Base
import EventLog
import Testing

@Suite struct SegmentFormatTests {
    /// The worked example of format-spec.md.
    @Test func theWorkedExample() throws {
        var header = SegmentHeader(
            salt: 0x0403_0201, firstSequence: 7, previousEnd: 7,
            previousLogTime: 1_700_000_000_000)
        var bytes: [UInt8] = []
        header.encode(to: &bytes)
        var frame = FrameHeader(
            sequence: 7, logTime: 1_700_000_000_123, synced: 7, payloadBytes: 5,
            payloadChecksum: crc32c(Array("hello".utf8)), previous: header.checksum,
            salt: 0x0403_0201)
        appendFrame(&frame, Array("hello".utf8), to: &bytes)
        #expect(
            lines(bytes) == [
                "77 65 69 72 2e 6c 6f 67 01 00 00 00 01 02 03 04",
                "07 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00",
                "00 68 e5 cf 8b 01 00 00 00 00 00 00 75 4a 44 39",
                "77 65 69 72 06 97 c9 f5 07 00 00 00 00 00 00 00",
                "7b 68 e5 cf 8b 01 00 00 07 00 00 00 00 00 00 00",
                "05 00 00 00 4c bb 71 9a 75 4a 44 39 01 02 03 04",
                "68 65 6c 6c 6f 00 00 00",
            ])
        #expect(try decodeSegment(bytes) == header)
        #expect(try decodeFrame(Array(bytes[48...])) == frame)
        #expect(segmentName(7) == "00000000000000000007.log")
    }

    @Test func namesOfSegments() {
        #expect(segmentSequence("00000000000000000042.log") == 42)
        let most = SegmentHeader.sequenceMax
        #expect(segmentSequence(segmentName(most)) == most)
        // Positions behind it could not be counted on.
        #expect(segmentSequence(segmentName(most + 1)) == nil)
        for name in ["42.log", "00000000000000000042.log.new", "0000000000000000004x.log", "LOCK"] {
            #expect(segmentSequence(name) == nil)
        }
    }

    @Test func everyFlippedBitOfAHeaderIsNoticed() {
        var header = SegmentHeader(
            salt: 1, firstSequence: 2, previousEnd: 2, previousLogTime: 3)
        var good: [UInt8] = []
        header.encode(to: &good)
        var frame = FrameHeader(
            sequence: 1, logTime: 2, synced: 1, payloadBytes: 0, payloadChecksum: 0, previous: 9,
            salt: 1)
        var goodFrame: [UInt8] = []
        frame.encode(to: &goodFrame)
        for bit in 0..<48 * 8 {
            var bad = good
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CorruptionError.self) { _ = try decodeSegment(bad) }
            bad = goodFrame
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CorruptionError.self) { _ = try decodeFrame(bad) }
        }
    }

    private func decodeSegment(_ bytes: [UInt8]) throws -> SegmentHeader {
        let span = unsafe bytes.span.bytes
        return try .decode(span)
    }

    private func decodeFrame(_ bytes: [UInt8]) throws -> FrameHeader {
        let span = unsafe bytes.span.bytes
        return try .decode(span)
    }

    /// The bytes in hexadecimal, sixteen a line.
    private func lines(_ bytes: [UInt8]) -> [String] {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            bytes[start..<min(start + 16, bytes.count)].map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined(separator: " ")
        }
    }
}
