import Base
import Disk
import Expressions
import Store
import Testing

private let minute: Milliseconds = 60_000
private let day: Milliseconds = 86_400_000
private let rollup = RollupDefinition(
    name: "views", eventType: nil, dimensions: [], countsUsers: false)
private let table = "views_minute"

/// How many events a minute got in one row.
private struct Count {
    var time: Milliseconds
    var events: Int64
    var isLate = false
}

private func parts(_ counts: [Count]) -> [MemoryPart] {
    [false, true].map { isLate in
        let rows = counts.filter { $0.isLate == isLate }
        var columns = [Vector(type: .timestamp, values: .integers(rows.map(\.time)))]
        if isLate { columns.append(columns[0]) }
        columns.append(Vector(type: .integer, values: .integers(rows.map(\.events))))
        return MemoryPart(
            schema: rollup.schema(corrections: isLate), rowCount: rows.count,
            columns: columns.map { .vector($0) })
    }
}

private func generation(_ number: UInt64, _ counts: [Count]) -> LiveGeneration {
    LiveGeneration(
        flushNumber: number, position: LogPosition(number), watermark: 0, parts: parts(counts))
}

private func batch(_ number: UInt64, _ counts: [Count]) -> FlushBatch {
    FlushBatch(
        flushNumber: number, position: LogPosition(number), replayPosition: LogPosition(number),
        watermark: 0, state: [], parts: parts(counts))
}

private func sum(_ counts: [Count], _ range: Range<Milliseconds>) -> UInt64 {
    counts.reduce(0) { range.contains($1.time) ? $0 + UInt64($1.events) : $0 }
}

private let everything: Range<Milliseconds> = -100_000 * day..<100_000 * day

@Suite struct MinuteCountsTests {
    @Test(arguments: 0..<6) func sumsEqualANaiveCount(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let store = try Scenario.open(FaultingDisk(seed: seed))
        defer { store.close() }
        var committed: [Count] = []
        for flush in 1...8 as ClosedRange<UInt64> {
            let live = (0..<random.below(60)).map { _ in
                Count(
                    time: minute * .random(in: -3_000...3_000, using: &random),
                    events: .random(in: 1...5, using: &random), isLate: random.chance(0.2))
            }
            store.publish(generation(flush, live))
            try expect(store.view(), committed + live, &random, seed)
            try store.commit(batch(flush, live))
            committed += live
            try expect(store.view(), committed, &random, seed)
            while try store.mergeOnce() {}
            try expect(store.view(), committed, &random, seed)
        }
        #expect(store.minuteCountBytes > 0)
    }

    private func expect(
        _ view: StoreView, _ counts: [Count], _ random: inout SeededRandom, _ seed: UInt64
    ) throws {
        for _ in 0..<20 {
            let start = minute * .random(in: -3_100...3_100, using: &random)
            let lengths: [Milliseconds] = [1, 7, 1_440, 2_880, 9_999]
            let length = minute * (lengths.randomElement(using: &random) ?? 1)
            let range = start..<start + length
            #expect(
                view.eventsReceived(table: table, over: range) == sum(counts, range),
                "seed \(seed), \(range)")
        }
        #expect(view.eventsReceived(table: "clicks_minute", over: everything) == 0)
    }

    @Test func countsOfARestartAreNotCompared() throws {
        let disk = FaultingDisk(seed: 1)
        let store = try Scenario.open(disk)
        try store.commit(batch(1, [Count(time: 0, events: 3)]))
        let epoch = store.view().epoch
        #expect(store.view().eventsReceived(table: table, over: 0..<minute) == 3)
        store.close()
        let again = try Scenario.open(disk)
        defer { again.close() }
        #expect(again.view().epoch != epoch)
        #expect(again.view().eventsReceived(table: table, over: 0..<minute) == 0)
    }

    /// The events of days that are too many count everywhere, and those of the newest days where
    /// they are.
    @Test func tellsTheNewestDaysApart() throws {
        var random = SeededRandom(seed: .random(in: 0 ... .max))
        let excess = 100
        let days = Milliseconds(MinuteCounts.daysMax + excess)
        let counts = (0..<days).map { Count(time: $0 * day + $0 * minute, events: 1) }
        for _ in 0..<5 {
            let counts = generation(1, counts.shuffled(using: &random)).counts
            #expect(counts.sum(table: table, over: everything) == UInt64(days))
            #expect(counts.sum(table: table, over: -day..<0) == UInt64(excess))
            let newest = (days - 1) * day..<days * day
            #expect(counts.sum(table: table, over: newest) == UInt64(excess) + 1)
            let oldestKept = Milliseconds(excess) * day
            #expect(
                counts.sum(table: table, over: oldestKept..<oldestKept + day)
                    == UInt64(excess) + 1)
            #expect(counts.sum(table: table, over: 0..<day) == UInt64(excess))
        }
    }

    /// Whatever comes and however it is committed, an event in a range makes its sum grow, and
    /// nothing makes a sum fall.
    @Test func sumsNeverFall() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let store = try Scenario.open(FaultingDisk(seed: seed))
        defer { store.close() }
        let ranges = (0..<12).map { _ in
            let start = day * .random(in: 0...900, using: &random)
            return start..<start + day * .random(in: 1...300, using: &random)
        }
        var sums = [UInt64](repeating: 0, count: ranges.count)
        func check(after added: [Count]) {
            let view = store.view()
            for (index, range) in ranges.enumerated() {
                let new = view.eventsReceived(table: table, over: range)
                #expect(new >= sums[index] + sum(added, range), "seed \(seed)")
                sums[index] = new
            }
        }
        for flush in 1...6 as ClosedRange<UInt64> {
            var live: [Count] = []
            for _ in 0..<3 {
                let added = (0..<150).map { _ in
                    Count(
                        time: minute * .random(in: 0...1_200 * 1_440, using: &random), events: 1,
                        isLate: random.chance(0.3))
                }
                live += added
                store.publish(generation(flush, live))
                check(after: added)
            }
            try store.commit(batch(flush, live))
            check(after: [])
        }
    }

    @Test func aMinuteThatIsFullGoesOnElsewhere() throws {
        let store = try Scenario.open(FaultingDisk(seed: 1))
        defer { store.close() }
        let most = Int64(UInt32.max)
        for flush in 1...3 as ClosedRange<UInt64> {
            try store.commit(batch(flush, [Count(time: 5 * minute, events: most - 1)]))
            let view = store.view()
            let all = flush * UInt64(most - 1)
            #expect(view.eventsReceived(table: table, over: 0..<day) == all)
            #expect(view.eventsReceived(table: table, over: 5 * minute..<6 * minute) == all)
            let kept = min(all, UInt64(most))
            #expect(view.eventsReceived(table: table, over: 0..<minute) == all - kept)
        }
    }
}
