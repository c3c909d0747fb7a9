import Base
import Stream
import Testing

@Suite struct WatermarkTests {
    /// The rows that are late, as the watermark says.
    private func late(
        _ watermark: inout Watermark, _ timestamps: [Milliseconds], logTime: Milliseconds
    ) -> [UInt32] {
        var minutes = [Int32](repeating: 0, count: timestamps.count)
        var onTime: [UInt32] = []
        var late: [UInt32] = []
        watermark.beginBlock(logTime: logTime)
        watermark.classify(
            timestamps.indices.map { UInt32($0) }, timestamps: timestamps, minutes: &minutes,
            onTime: &onTime, late: &late)
        #expect((onTime + late).sorted() == timestamps.indices.map { UInt32($0) })
        return late
    }

    @Test func aMinuteClosesOnceTheWatermarkReachesItsEnd() {
        var watermark = Watermark(lateness: 60_000)
        let minute: Milliseconds = 1_768_039_200_000
        #expect(late(&watermark, [minute, minute + 59_999], logTime: minute + 500_000).isEmpty)
        // The greatest event time is one short of closing the minute, then closes it.
        #expect(late(&watermark, [minute + 119_999, minute], logTime: minute + 500_000).isEmpty)
        #expect(
            late(&watermark, [minute, minute + 120_000, minute], logTime: minute + 500_000) == [2])
        #expect(watermark.time == minute + 60_000)
    }

    @Test func logTimeHoldsItBack() {
        var watermark = Watermark(lateness: 0)
        #expect(late(&watermark, [500_000, 130_000], logTime: 150_000).isEmpty)
        #expect(watermark.time == 150_000)
        #expect(late(&watermark, [130_000], logTime: 180_000) == [0])
        #expect(watermark.time == 180_000)
    }

    @Test func itNeverMovesBack() {
        var random = SeededRandom.fresh()
        var watermark = Watermark(lateness: 1_000)
        var previous = watermark.time
        for _ in 0..<500 {
            let logTime = Milliseconds(random.int(-1_000_000..<1_000_000))
            let timestamps = (0..<random.int(0..<5)).map { _ in
                Milliseconds(random.int(-1_000_000..<1_000_000))
            }
            _ = late(&watermark, timestamps, logTime: logTime)
            #expect(watermark.time >= previous, "seed \(random.seed)")
            previous = watermark.time
        }
        #expect(watermark.isSet)
    }

    @Test func minutesBeforeTheEpochRoundDown() {
        var minutes: [Int32] = [0, 0, 0, 0]
        var onTime: [UInt32] = []
        var late: [UInt32] = []
        var watermark = Watermark(lateness: 0)
        watermark.beginBlock(logTime: 0)
        watermark.classify(
            [0, 1, 2, 3], timestamps: [-1, -60_000, -60_001, 59_999], minutes: &minutes,
            onTime: &onTime, late: &late)
        #expect(minutes == [-1, -1, -2, 0])
    }
}
