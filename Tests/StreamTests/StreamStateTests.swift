import Base
import EventLog
import Store
import Stream
import Testing

/// Feeds blocks to a state, flushing before the blocks in `flushes`; gives all tables.
private func run(
    _ blocks: ArraySlice<TestBlock>, _ state: inout StreamState, flushes: Set<Int>
) -> [FlushBatch] {
    var batches: [FlushBatch] = []
    for index in blocks.indices {
        if flushes.contains(index) { batches.append(state.freeze().batch()) }
        let logTime = blocks[...index].map(\.receivedAt).max() ?? 0
        let mark = LogMark(position: LogPosition(UInt64(index)), logTime: logTime)
        state.take(blocks[index].block, at: mark)
    }
    return batches
}

@Suite struct StreamStateTests {
    @Test(arguments: [1, 3, 10, 60])
    func tablesEqualThoseOfANaiveStream(rowsMax: Int) {
        for _ in 0..<2 {
            var random = SeededRandom.fresh()
            let blocks = TestBlock.random(count: 50, rowsMax: rowsMax, &random)
            var naive = NaiveStream()
            for block in blocks { naive.take(block) }
            var state = StreamState(options: StreamOptions(), catalog: .builtIn)
            let flushes = Set((0..<random.int(0..<6)).map { _ in random.int(0..<blocks.count) })
            var batches = run(blocks[...], &state, flushes: flushes)
            batches.append(state.freeze().batch())
            let tables = Tables(batches.flatMap(\.parts))
            #expect(tables == naive.tables, "seed \(random.seed)")
            #expect(Int(state.metrics.lateCount) == naive.lateCount, "seed \(random.seed)")
            #expect(Int(state.metrics.duplicateCount) == naive.duplicateCount)
            #expect(batches.map(\.flushNumber) == (1...UInt64(batches.count)).map { $0 })
        }
    }

    @Test func fiveThousandOnTimeAndFortyTwoLate() {
        let minute = TestBlock.startTime
        func view(_ id: Int, at time: Milliseconds) -> TestEvent {
            TestEvent(id: "v\(id)", timestamp: time, properties: ["page": .string("/home")])
        }
        let onTime = (0..<5_000).map { view($0, at: minute + Milliseconds($0 * 11)) }
        let closing = [TestEvent(id: "close", type: "scroll", timestamp: minute + 120_000)]
        let late = (0..<42).map { view(10_000 + $0, at: minute + 30_000) }
        let received = minute + 3 * 3_600_000
        let blocks = [onTime, closing, late, late].enumerated().map {
            TestBlock($1, receivedAt: received, number: UInt64($0))
        }
        var state = StreamState(options: StreamOptions(), catalog: .builtIn)
        _ = run(blocks[...], &state, flushes: [])
        let tables = Tables(state.liveGeneration().parts)
        #expect(tables.events("page_views_minute") == 5_000)
        #expect(tables.events("page_views_minute_corrections") == 42)
        #expect(tables.events("page_views_minute_corrections", "receivedHour=\(received)") == 42)
        #expect(tables.events("events_minute", "page_view") == 5_000)
        #expect(state.metrics.duplicateCount == 42)
        #expect(state.metrics.lateCount == 42)
        #expect(Tables([state.freeze().batch().parts[0]]).raw.count == 5_043)
    }

    @Test func aGenerationThatWasPublishedStaysAsItWas() {
        var random = SeededRandom.fresh()
        let blocks = TestBlock.random(count: 30, rowsMax: 20, &random)
        var state = StreamState(options: StreamOptions(), catalog: .builtIn)
        var published: [(LiveGeneration, Tables)] = []
        for index in blocks.indices {
            _ = run(blocks[index...index], &state, flushes: [])
            let live = state.liveGeneration()
            published.append((live, Tables(live.parts)))
        }
        for (live, tables) in published {
            #expect(Tables(live.parts) == tables, "seed \(random.seed)")
        }
    }

    @Test func eventsAreCountedByMinuteAsTheRowsSay() {
        var random = SeededRandom.fresh()
        let blocks = TestBlock.random(count: 60, rowsMax: 20, &random)
        var state = StreamState(options: StreamOptions(), catalog: .builtIn)
        var mostBytes = 0
        for index in blocks.indices {
            let flushed = run(blocks[index...index], &state, flushes: [random.int(0..<60)])
            let live = state.liveGeneration()
            mostBytes = max(mostBytes, live.counts.byteCount)
            #expect(live.counts == EventCounts(of: live.parts), "seed \(random.seed)")
            for batch in flushed {
                #expect(batch.counts == EventCounts(of: batch.parts), "seed \(random.seed)")
            }
        }
        #expect(mostBytes > 0, "seed \(random.seed)")
    }

    @Test func afterACrashAnywhereTheTablesAreTheSame() {
        for _ in 0..<6 {
            var random = SeededRandom.fresh()
            var options = StreamOptions()
            // A window much shorter than the run, so that ids are forgotten on the way.
            options.dedupWindow = Milliseconds(random.int(100_000..<1_000_000))
            let blocks = TestBlock.random(count: 60, rowsMax: 8, &random)
            var whole = StreamState(options: options, catalog: .builtIn)
            _ = run(blocks[...], &whole, flushes: [])
            let expected = Tables(whole.freeze().batch().parts)

            var committed: [FlushBatch] = []
            var start = 0
            while start < blocks.count {
                var state = StreamState(options: options, catalog: .builtIn)
                let log = TestLog(blocks)
                if let last = committed.last {
                    var recovery = StreamRecovery(log: log, decoder: log, options: options)
                    recovery.restore(&state, to: commitPoint(last))
                    #expect(recovery.report.findings == [], "seed \(random.seed)")
                }
                let from = committed.last.map { Int($0.position.sequence) } ?? 0
                let crash = random.int(from..<blocks.count) + 1
                let flushes = Set((0..<random.int(0..<3)).map { _ in random.int(from..<crash) })
                    .subtracting([from])
                committed += run(blocks[from..<crash], &state, flushes: flushes)
                if crash == blocks.count { committed.append(state.freeze().batch()) }
                start = Int(committed.last?.position.sequence ?? 0)
            }
            #expect(Tables(committed.flatMap(\.parts)) == expected, "seed \(random.seed)")
            #expect(
                committed.map(\.flushNumber) == (1...UInt64(committed.count)).map { $0 },
                "seed \(random.seed)")
        }
    }

    @Test func damagedStateIsReportedAndTheWatermarkIsThatOfTheCommit() {
        var random = SeededRandom.fresh()
        let blocks = TestBlock.random(count: 20, rowsMax: 8, &random)
        let options = StreamOptions()
        var state = StreamState(options: options, catalog: .builtIn)
        _ = run(blocks[...], &state, flushes: [])
        var commit = commitPoint(state.freeze().batch())
        commit.state.removeLast()
        let log = TestLog(blocks)
        log.setDamage(at: 3)
        var restored = StreamState(options: options, catalog: .builtIn)
        var recovery = StreamRecovery(log: log, decoder: log, options: options)
        recovery.restore(&restored, to: commit)
        #expect(recovery.report.findings.count == 2)
        #expect(recovery.report.replayedBlockCount == 19)
        #expect(restored.watermark.time == commit.watermark)
        #expect(restored.position == commit.position)
        #expect(restored.flushNumber == 2)
    }

    private func commitPoint(_ batch: FlushBatch) -> CommitPoint {
        CommitPoint(
            flushNumber: batch.flushNumber, position: batch.position,
            replayPosition: batch.replayPosition, watermark: batch.watermark, state: batch.state)
    }
}
