import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
    /// One thread publishes and commits, the store merges and derives, others look: what they count
    /// never falls and never exceeds what was published, a derived table and what it lacks count
    /// the same, and in the end all is there.
    @Test func countsNeverFallAndNeverDouble() throws {
        let disk = FaultingDisk(seed: 1)
        var options = Scenario.derivingOptions()
        options.mergesInBackground = true
        options.derivedTables = options.derivedTables.filter {
            [derivedTable, "page_views_day_total"].contains($0.name)
        }
        options.granuleRows = 64
        let store = try Scenario.open(disk, "/data", options)
        let published = Atomic(0)
        let isDone = Atomic(false)
        let looks = Atomic(0)
        let writer = WorkerThread(name: "writer") {
            for flush in 1...400 {
                var part = ConcurrencyTests.rows(flush, 0)
                for generation in 1...4 {
                    part = ConcurrencyTests.rows(flush, generation)
                    published.add(1, ordering: .sequentiallyConsistent)
                    store.publish(
                        LiveGeneration(
                            flushNumber: UInt64(flush), position: LogPosition(UInt64(flush)),
                            watermark: 0, parts: [part]))
                }
                let batch = FlushBatch(
                    flushNumber: UInt64(flush), position: LogPosition(UInt64(flush)),
                    replayPosition: .start, watermark: 0, state: [], parts: [part])
                #expect(throws: Never.self) { try store.commit(batch) }
            }
            isDone.store(true, ordering: .sequentiallyConsistent)
        }
        let readers = (0..<2).map { _ in
            ReaderThread(
                WorkerThread(name: "reader") {
                    var last: Int64 = 0
                    while !isDone.load(ordering: .sequentiallyConsistent) {
                        let view = store.view()
                        let count = (try? ConcurrencyTests.count(view)) ?? -1
                        let derived = (try? ConcurrencyTests.derivedCount(view)) ?? -1
                        let most = published.load(ordering: .sequentiallyConsistent)
                        if count < last || count > most || count != derived {
                            Issue.record(
                                "counted \(count), derived \(derived), after \(last), of \(most)")
                            return
                        }
                        last = count
                        looks.add(1, ordering: .relaxed)
                    }
                })
        }
        writer.join()
        for reader in readers { reader.join() }
        // What the thread in the background has not come to.
        while try store.deriveOnce() {}
        #expect(looks.load(ordering: .relaxed) > 100)
        #expect(try ConcurrencyTests.count(store.view()) == 1_600)
        store.close()
        #expect(store.metrics().merges > 10 && store.metrics().derivations > 0)
        try checkDerived(store.view(), options.derivedTables, "in the end")
        #expect(try tableFiles(disk, "/data") == namedFiles(store.view()))
    }

    /// `count` events of a flush, all with the same key.
    private static func rows(_ flush: Int, _ count: Int) -> MemoryPart {
        var columns: [MemoryPart.Column] = []
        for vector in [
            TestRows.coded(["/page/\(flush % 7)"]), TestRows.coded([nil]),
            Vector(type: .timestamp, values: .integers([60_000])),
            Vector(type: .integer, values: .integers([Int64(count)])),
        ] { columns.append(.vector(vector)) }
        columns.append(.members(HashedMembers()))
        return MemoryPart(schema: TestRows.rollupSchema, rowCount: 1, columns: columns)
    }

    private static func count(_ view: StoreView) throws -> Int64 {
        try count(view.sources(table: "page_views_minute"))
    }

    /// The same by way of a derived table.
    private static func derivedCount(_ view: StoreView) throws -> Int64 {
        try count(view.sources(table: derivedTable))
            + count(view.sources(table: "page_views_minute", beyond: derivedTable))
    }

    private static func count(_ sources: [any TablePart]) throws -> Int64 {
        var sum: Int64 = 0
        for source in sources {
            let granules = Array(0..<source.granuleCount)
            guard let column = source.schema.columnIndex("events") else { continue }
            for vectors in try source.read(columns: [column], granules: granules) {
                if case .integers(let numbers) = vectors[0].values { sum += numbers.reduce(0, +) }
            }
        }
        return sum
    }
}

/// The table by way of which readers count, too.
private let derivedTable = "page_views_hour_by_page"

/// Holds a thread, so that an array can hold several.
private final class ReaderThread: Sendable {
    private let thread: Locked<Holder>

    private struct Holder: ~Copyable {
        var thread: WorkerThread?
    }

    init(_ thread: consuming WorkerThread) { self.thread = Locked(Holder(thread: thread)) }

    func join() {
        thread.withLock { holder in
            if let running = holder.thread.take() { running.join() }
        }
    }
}
