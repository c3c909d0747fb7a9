internal import Base
internal import Disk
internal import Expressions
internal import Glibc
internal import Query
internal import Store

/// Runs queries in this process over a store that it fills first, unless it is there.
struct QueryBenchmark {
    let eventCount: Int
    let seed: UInt64
    let directory: String
    let workers: Int
    let passes: Int

    /// 2026-01-05, a Monday.
    static let start: Milliseconds = 1_767_571_200_000
    static let days = 7

    struct Result {
        /// The median of the passes, and the least.
        var milliseconds: Double
        var leastMilliseconds: Double
        var rowCount: Int
        var rowsScanned: Int
        var bytesRead: Int
        /// Of all values, in their order.
        var digest: String
        var statistics: SelectStatistics
    }

    /// The store, filled and merged to one part a day.
    func open() throws(UsageError) -> Store {
        if unsafe access("\(directory)/\(FileNames.manifest)", F_OK) != 0 { try fill() }
        do throws(StoreError) {
            return try open(closingWaitFlushes: 0)
        } catch {
            throw UsageError(failure: "\(directory): \(error)")
        }
    }

    private func open(closingWaitFlushes: UInt64) throws(StoreError) -> Store {
        var options = StoreOptions()
        options.mergesInBackground = false
        options.closingWaitFlushes = closingWaitFlushes
        let store = try Store.open(
            directory: directory, disk: LinuxDisk(), options: options
        ) { _ in }
        while try store.mergeOnce() {}
        return store
    }

    private func fill() throws(UsageError) {
        let fill = try StoreFill(directory: directory, withRollups: false)
        defer { fill.close() }
        var generator = EventGenerator(Catalogue(), seed: seed)
        let span = Milliseconds(Self.days) * CivilTime.millisecondsPerDay
        let flushEvents = max(1, min(500_000, eventCount / Self.days))
        var sent = 0
        while sent < eventCount {
            let count = min(flushEvents, eventCount - sent)
            try fill.send(count, &generator) { index in
                // The last second is that of a window past the week, which closes its days.
                Self.start + 3_600_000 + span * Milliseconds(sent + index)
                    / Milliseconds(eventCount)
            }
            sent += count
            try fill.flush()
        }
    }

    /// Runs a query as often as asked for, after once to warm up.
    func run(_ query: QuerySet.Query, on store: Store) throws(UsageError) -> Result {
        let pool = QueryPool(threads: max(1, workers - 1))
        var times: [Double] = []
        var result: Result?
        for pass in 0...passes {
            let started = Clock.monotonicNanoseconds()
            let found = try self.pass(query, store, pool)
            if pass > 0 { times.append(Double(Clock.monotonicNanoseconds() - started) / 1e6) }
            if let result, result.digest != found.digest {
                throw UsageError(failure: "\(query.name) has another answer the second time")
            }
            result = found
        }
        times.sort()
        guard var result else { throw UsageError("no passes") }
        result.milliseconds = times[times.count / 2]
        result.leastMilliseconds = times[0]
        return result
    }

    private func pass(
        _ query: QuerySet.Query, _ store: Store, _ pool: QueryPool
    ) throws(UsageError) -> Result {
        let executor = SelectExecutor(
            store.view(), control: QueryControl(), pool: pool, workers: workers)
        var rowCount = 0
        var digest: UInt64 = 0
        do throws(QueryError) {
            let statistics = try executor.run(query.plan) { batch throws(QueryError) in
                rowCount += batch.rowCount
                digest &+= Self.digest(batch)
            }
            return Result(
                milliseconds: 0, leastMilliseconds: 0, rowCount: rowCount,
                rowsScanned: statistics.rowsScanned, bytesRead: statistics.bytesRead,
                digest: String(digest, radix: 16), statistics: statistics)
        } catch {
            throw UsageError(failure: "\(query.name): \(error.message)")
        }
    }

    /// Of some of the rows, whatever their order.
    private static func digest(_ batch: Batch) -> UInt64 {
        // All rows of a large answer would take longer than the query.
        if batch.rowCount > 10_000 { return UInt64(batch.rowCount) }
        var sum: UInt64 = 0
        for row in 0..<batch.rowCount {
            var hash: UInt64 = 0
            for vector in batch.columns { hash = hash64(hash ^ value(vector, row)) }
            sum &+= hash
        }
        return sum
    }

    private static func value(_ vector: Vector, _ row: Int) -> UInt64 {
        switch vector.values {
        case .codes(let codes, let dictionary):
            return codes[row] == 0 ? 1 : hash64(dictionary[Int(codes[row]) - 1])
        case .strings(let table): return hash64(table[row])
        case .integers(let numbers): return UInt64(bitPattern: numbers[row])
        // Sums of floats may differ in the last digits.
        case .floats(let numbers): return UInt64(bitPattern: Int64(numbers[row] * 1e3))
        case .booleans(let bits): return bits[row] ? 2 : 3
        }
    }

    func rawRows(_ store: Store) -> Int {
        store.view().parts(table: LiveGeneration.rawTable).reduce(0) { $0 + $1.rowCount }
    }
}
