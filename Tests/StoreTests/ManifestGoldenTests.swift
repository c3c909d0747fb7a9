import Base
import Glibc
import Store
import Testing

/// Manifests of each format version, read forever.
///
/// Their records: a snapshot of nothing, the flushes 3 and 4, a merge, a loss, from version 2 on a
/// derivation, and from version 3 on retention and a snapshot of what is then.
@Suite struct ManifestGoldenTests {
    private static let time: Milliseconds = 1_768_003_200_000

    @Test(arguments: [1, 2, 3]) func everyVersionIsRead(_ version: Int) throws {
        let bytes = try #require(Self.golden(version))
        let contents = ManifestFrames.read(bytes)
        #expect(contents.damage.isEmpty && contents.bytesCut == 0)
        #expect(contents.nextSequence == [6, 7, 9][version - 1])
        var expected = ManifestState()
        expected.nextPartNumber = version == 1 ? 11 : 12
        expected.lastCommit = CommitPoint(
            flushNumber: 4, position: LogPosition(400), replayPosition: LogPosition(200),
            watermark: Self.time, state: [0xAB])
        expected.parts[10] = PartEntry(
            number: 10, table: "page_views_minute", partition: .day(20_463), flushRange: 3...4,
            rowCount: 150, byteCount: 3_000, timeRange: Self.time...Self.time + 60_000)
        expected.losses = [
            LostRows(
                table: "events", timeRange: Self.time...Self.time + 60_000, rowCount: 1_000,
                file: "tables/events/2026-01-10/3-7.part", reason: "a checksum does not fit")
        ]
        if version > 1 {
            expected.parts[11] = PartEntry(
                number: 11, table: "page_views_day_total", partition: .month(24_312),
                flushRange: 3...4, rowCount: 1, byteCount: 400, timeRange: Self.time...Self.time)
            expected.marks = [
                "page_views_day_total": [.day(20_463): 4],
                "page_views_hour_total": [.day(20_463): 4],
            ]
        }
        if version > 2 {
            expected.parts[10] = nil
            expected.marks["page_views_hour_total"] = nil
            let nextDay = Self.time + 86_400_000
            expected.horizons = [
                "page_views_day_total": .min, "page_views_hour_total": nextDay,
                "page_views_minute": nextDay,
            ]
        }
        #expect(contents.state == expected)
    }

    /// What this version writes of the same records is the newest file.
    @Test func theNewestIsWrittenAsItIs() throws {
        let bytes = try #require(Self.golden(3))
        var offset = 0
        var written: [UInt8] = []
        for sequence in 1...8 {
            let size = bytes[offset + 12..<offset + 16].reversed().reduce(0) { $0 << 8 | Int($1) }
            let payload = Array(bytes[offset + 20..<offset + 20 + size])
            written += ManifestFrames.frame(
                try ManifestRecord.decode(payload), sequence: UInt64(sequence))
            offset += 20 + size
        }
        #expect(written == bytes)
    }

    /// One bit of the flush 4 is turned: what it and the merge of its part say is missed.
    @Test func itsDamagedTwinIsReported() throws {
        var bytes = try #require(Self.golden(2))
        #expect(try #require(Self.golden(3)).starts(with: bytes))
        let flush4 = try #require(ManifestGoldenTests.offset(ofRecord: 3, in: bytes))
        bytes[flush4 + 30] ^= 0x10
        let contents = ManifestFrames.read(bytes)
        #expect(contents.damage.count == 1)
        #expect(contents.state.lastCommit?.flushNumber == 3)
        #expect(contents.state.parts.keys.sorted() == [10, 11])
    }

    private static func offset(ofRecord number: UInt8, in bytes: [UInt8]) -> Int? {
        bytes.indices.first { offset in
            bytes[offset...].starts(with: Array("WMRF".utf8) + [number, 0, 0, 0])
        }
    }

    private static func golden(_ version: Int) -> [UInt8]? {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        guard let file = unsafe fopen("\(root)/Tests/Golden/v\(version)/manifest", "r") else {
            return nil
        }
        defer { unsafe fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe fread(&buffer, 1, buffer.count, file)
        return Array(buffer[..<count])
    }
}
