import Base
import PartFormat
import Store
import Testing

@Suite struct ManifestTests {
    private static let entry = PartEntry(
        number: 7, table: "events", partition: .day(20_463), flushRange: 3...3, rowCount: 1_000,
        byteCount: 30_000, timeRange: 1_768_003_200_000...1_768_003_260_000)

    private static let point = CommitPoint(
        flushNumber: 3, position: LogPosition(300), replayPosition: LogPosition(150),
        watermark: 1_768_003_200_000, state: [0xAB])

    /// The worked example of format-spec.md, "Manifest".
    @Test func theExampleOfTheSpecification() {
        let record = ManifestRecord.commit(ManifestTests.point, added: [ManifestTests.entry])
        let expected: [UInt8] = [
            0x01, 0x03, 0x01, 0xAC, 0x02, 0x01, 0x96, 0x01, 0x80, 0x90, 0x9F, 0xD3, 0xF4, 0x66,
            0x01, 0xAB, 0x01, 0x07, 0x06, 0x65, 0x76, 0x65, 0x6E, 0x74, 0x73, 0x01, 0xDE, 0xBF,
            0x02, 0x03, 0x03, 0xE8, 0x07, 0xB0, 0xEA, 0x01, 0x80, 0x90, 0x9F, 0xD3, 0xF4, 0x66,
            0xC0, 0xB9, 0xA6, 0xD3, 0xF4, 0x66,
        ]
        #expect(record.encode() == expected)
        let frame = ManifestFrames.frame(record, sequence: 2)
        #expect(
            frame.prefix(16) == [
                0x57, 0x4D, 0x52, 0x46, 0x02, 0, 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0,
            ])
        #expect(frame.count == 20 + expected.count)
        #expect(Array(frame.suffix(expected.count)) == expected)
        #expect(ManifestTests.entry.path == "tables/events/2026-01-10/3-7.part")
    }

    @Test func recordsAreReadBack() throws {
        var mixed = ManifestTests.entry
        mixed.number = 8
        mixed.partition = .mixed
        var month = ManifestTests.entry
        month.number = 9
        month.partition = .month(-5)
        month.container = .wide
        let lost = LostRows(
            table: "events", timeRange: -5...7, rowCount: 3, file: "tables/x", reason: "damage")
        var unknown = lost
        unknown.timeRange = nil
        var state = ManifestState()
        state.apply(.commit(ManifestTests.point, added: [ManifestTests.entry, mixed, month]))
        var placed = unknown
        placed.file = "tables/y"
        placed.place = LostRows.Place(partition: .day(-3), flushRange: 3...9)
        placed.isFinal = true
        state.apply(.loss(removed: [9], lost: [lost, unknown, placed]))
        let marks = [
            DerivedMark(table: "a", partition: .day(20_463), flushNumber: 0),
            DerivedMark(table: "b", partition: .day(20_463), flushNumber: 0),
            DerivedMark(table: "a", partition: .month(-5), flushNumber: 3),
            DerivedMark(table: "c", partition: .day(20_463), flushNumber: nil),
        ]
        state.apply(.derivation(removed: [], added: [], marks: marks))
        #expect(state.marks == ["a": [.day(20_463): 0, .month(-5): 3], "b": [.day(20_463): 0]])
        var repair = ManifestRecord.Repair()
        repair.removed = [7]
        repair.added = [month]
        repair.marks = [DerivedMark(table: "b", partition: .day(20_463), flushNumber: nil)]
        repair.recovered = ["tables/x"]
        repair.lost = [placed]
        state.apply(.repair(repair))
        #expect(state.losses == [placed, placed] && state.parts.keys.sorted() == [8, 9])
        #expect(state.marks["b"] == nil)
        var held = state
        held.apply(
            .retention(
                removed: [7],
                marks: [DerivedMark(table: "b", partition: .day(20_463), flushNumber: nil)],
                horizons: ["a": 86_400_000, "d": .min]))
        #expect(held.marks["b"] == nil && held.parts[7] == nil && held.horizons.count == 2)
        for record in [
            ManifestRecord.merge(removed: [1, 2, 300], added: [mixed, month]),
            .loss(removed: [9], lost: [lost, unknown, placed]), .snapshot(state),
            .repair(repair),
            .derivation(removed: [4], added: [month], marks: marks), .snapshot(ManifestState()),
            .retention(removed: [4, 9], marks: marks, horizons: ["a": -5, "b": .min, "c": -5]),
            .snapshot(held),
        ] {
            let bytes = record.encode()
            #expect(try ManifestRecord.decode(bytes) == record)
            for count in bytes.indices {
                #expect(throws: CorruptionError.self) {
                    try ManifestRecord.decode(Array(bytes[..<count]))
                }
            }
        }
    }

    @Test func everyFlippedBitIsFound() {
        var bytes = ManifestFrames.frame(.snapshot(ManifestState()), sequence: 1)
        let first = bytes.count
        bytes += ManifestFrames.frame(
            .commit(ManifestTests.point, added: [ManifestTests.entry]), sequence: 2)
        let second = bytes.count
        bytes += ManifestFrames.frame(.merge(removed: [7], added: []), sequence: 3)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let contents = ManifestFrames.read(damaged)
            if bit / 8 < second {
                #expect(contents.damage.count == 1, "bit \(bit)")
                #expect(contents.bytesCut == 0)
            } else {
                #expect(contents.damage.isEmpty && contents.bytesCut == bytes.count - second)
                #expect(contents.state.parts.count == 1)
            }
        }
        #expect(first == 27)
    }

    @Test func partitionsAreNamedByTheirTime() {
        #expect(Partition(0, .day).name == "1970-01-01")
        #expect(Partition(-1, .day).name == "1969-12-31")
        #expect(Partition(1_768_003_260_000, .month).name == "2026-01")
        #expect(Partition(-62_167_219_200_000, .day).name == "0000-01-01")
        #expect(Partition(-62_167_219_200_001, .day).name == "day--719529")
        #expect(Partition(253_402_300_800_000, .month).name == "month-120000")
        #expect(Partition.mixed.name == "mixed")
    }
}
