import Base
import Disk
import Query
import Store
import Testing

/// When subtotals are kept, and that they spare reading; that they are right is shown by
/// `WholeWayTests` and `EntityTagTests`.
@Suite struct SubtotalTests {
    /// Two days of events in two parts, and a third that is only in memory.
    private static func way() throws -> WholeWay {
        var random = SeededRandom(seed: 7)
        var options = StoreOptions()
        options.minimumFreeBytes = 0
        options.mergesInBackground = false
        let way = try WholeWay(
            FaultingDisk(seed: 7), MetricsPropertyTests.catalog, options)
        var events = WholeWayEvents()
        for day in 0..<3 {
            let time = base + CivilTime.millisecondsPerDay * Milliseconds(day) + 600_000
            for minute in 0..<3 {
                let received = time + Milliseconds(minute) * 60_000
                let request = events.request(at: received, span: 60_000, &random)
                try way.send(request, receivedAt: received)
            }
            if day < 2 { way.flush() }
        }
        return way
    }

    private static func query(_ more: [(String, String)] = []) throws -> MetricsQuery {
        let range = [("start", "\(base)"), ("end", "\(base + 10 * CivilTime.millisecondsPerDay)")]
        return try MetricsQuery(
            parameters: [("metric", "views"), ("dimensions", "page")] + range + more,
            catalog: MetricsPropertyTests.catalog, now: base)
    }

    @Test func areKeptFromTheSecondTimeOn() throws {
        let way = try Self.way()
        defer { way.close() }
        let cache = SubtotalCache(budget: 1 << 20, rowsMin: 0)
        let executor = MetricsExecutor(catalog: MetricsPropertyTests.catalog, subtotals: cache)
        let query = try Self.query()
        let answers = try (0..<4).map { _ in try executor.execute(query, on: way.store.view()) }
        let scanned = answers.map(\.meta.rowsScanned)
        // Read, read and kept, and then the rows in memory alone.
        #expect(scanned[0] == scanned[1] && scanned[2] < scanned[1] && scanned[2] > 0)
        #expect(scanned[3] == scanned[2])
        #expect(Set(answers.map(\.values)).count == 1)
        // Another question has nothing of it.
        let other = try executor.execute(
            try Self.query([("granularity", "day")]), on: way.store.view())
        #expect(other.meta.rowsScanned == scanned[0])
    }

    @Test func areNotKeptBeyondTheBudgetNorOfFewRows() throws {
        let way = try Self.way()
        defer { way.close() }
        let caches = [
            SubtotalCache(budget: 0, rowsMin: 0, keepsAtOnce: true),
            SubtotalCache(budget: 1_000, rowsMin: 0, keepsAtOnce: true),
            SubtotalCache(budget: 1 << 20, keepsAtOnce: true),
        ]
        for cache in caches {
            let executor = MetricsExecutor(catalog: MetricsPropertyTests.catalog, subtotals: cache)
            let query = try Self.query([("granularity", "minute")])
            let first = try executor.execute(query, on: way.store.view())
            let second = try executor.execute(query, on: way.store.view())
            #expect(first.meta.rowsScanned == second.meta.rowsScanned)
            #expect(first.values == second.values && cache.byteCount == 0)
        }
    }
}
