import Base
import Disk
import EventLog
import Events
import PartFormat
import Store
import Stream
import Synchronization
import TestSupport
import Testing

@Suite struct StreamWorkerTests {
    private func options() -> StreamOptions {
        var options = StreamOptions()
        options.commitRetryInterval = 1
        options.takeTestSizes()
        return options
    }

    private func worker(
        _ log: TestLog, _ store: TestStore, _ options: StreamOptions
    ) -> StreamWorker {
        StreamWorker(
            options: options, catalog: .builtIn, log: log, sink: store,
            lastCommit: store.lastCommit, decoder: log)
    }

    private func naive(_ blocks: [TestBlock]) -> Tables {
        var naive = NaiveStream()
        for block in blocks { naive.take(block) }
        return naive.tables
    }

    @Test func aSingleEventIsSeenAtOnce() {
        let log = TestLog()
        let store = TestStore()
        let worker = worker(log, store, options())
        worker.start()
        defer { worker.stop() }
        let event = TestEvent(id: "a", timestamp: TestBlock.startTime)
        let block = TestBlock([event], receivedAt: TestBlock.startTime, number: 0)
        worker.offer(block.block, at: log.append(block))
        #expect(worker.waitUntilPublished(LogPosition(1), timeout: 5_000))
        #expect(Tables(store.parts).events("page_views_minute") == 1)
        #expect(worker.metrics.acceptedCount == 1)
        #expect(worker.metrics.position == LogPosition(1))
        #expect(store.batches.isEmpty)
    }

    @Test func aFullQueueMakesTheWorkerReadTheLog() {
        var random = SeededRandom.fresh()
        let blocks = TestBlock.random(count: 100, rowsMax: 10, &random)
        let log = TestLog()
        let store = TestStore()
        var options = options()
        options.queueBytesMax = blocks[0].block.byteCount + blocks[1].block.byteCount
        let worker = worker(log, store, options)
        for block in blocks { worker.offer(block.block, at: log.append(block)) }
        #expect(worker.metrics.queueBytes <= options.queueBytesMax)
        worker.start()
        defer { worker.stop() }
        #expect(worker.flush(timeout: 20_000))
        #expect(store.committed == naive(blocks), "seed \(random.seed)")
        #expect(worker.metrics.logReadBlockCount >= 90)
        #expect(log.readCount > 20)
    }

    @Test func commitsThatFailLoseNothingAndDoubleNothing() {
        var random = SeededRandom.fresh()
        let blocks = TestBlock.random(count: 60, rowsMax: 20, &random)
        let log = TestLog()
        let store = TestStore()
        var options = options()
        // So small that the worker has to wait for the flush that fails.
        options.liveTailBytesMax = 20_000
        let worker = worker(log, store, options)
        worker.start()
        store.failCommits(12)
        for block in blocks { worker.offer(block.block, at: log.append(block)) }
        #expect(worker.flush(timeout: 20_000))
        worker.stop()
        #expect(store.committed == naive(blocks), "seed \(random.seed)")
        #expect(worker.metrics.commitFailureCount == 12)
        #expect(worker.metrics.commitFailure == nil)
        #expect(store.batches.count > 2)
        #expect(store.batches.map(\.flushNumber) == (1...UInt64(store.batches.count)).map { $0 })
        #expect(log.released == store.batches.map(\.replayPosition.sequence))
    }

    @Test func stoppingDuringFailuresLeavesAllToTheNextStart() {
        var random = SeededRandom.fresh()
        let blocks = TestBlock.random(count: 60, rowsMax: 20, &random)
        let log = TestLog()
        let store = TestStore()
        for run in 0..<4 {
            let worker = worker(log, store, options())
            #expect(worker.recovery.findings == [])
            worker.start()
            #expect(worker.waitUntilPublished(worker.recoveryEnd, timeout: 20_000))
            for (index, block) in blocks[run * 15..<run * 15 + 15].enumerated() {
                worker.offer(block.block, at: log.append(block))
                if index < 14, random.oneIn(6) { #expect(worker.flush(timeout: 20_000)) }
            }
            store.failCommits(run == 3 ? 0 : .max)
            if run == 3 {
                #expect(worker.flush(timeout: 20_000))
            } else {
                #expect(!worker.flush(timeout: 20))
            }
            worker.stop()
            store.failCommits(0)
        }
        #expect(store.committed == naive(blocks), "seed \(random.seed)")
    }

    @Test func whatTheLogCannotGiveIsCountedAndSkipped() {
        var random = SeededRandom.fresh()
        let blocks = TestBlock.random(count: 12, rowsMax: 5, &random)
        let log = TestLog(blocks)
        let store = TestStore()
        let corruption = CorruptionError(offset: 1, expected: "a frame", found: "noise")
        log.setError(.corrupt(corruption), at: 4)
        log.setError(
            .disk(DiskError(operation: "read", path: "log", code: 5, message: "EIO")), at: 7)
        log.setDamage(at: 9)
        let worker = worker(log, store, options())
        worker.start()
        #expect(worker.waitUntilPublished(LogPosition(12), timeout: 20_000))
        #expect(worker.flush(timeout: 20_000))
        worker.stop()
        #expect(worker.metrics.lostBlockCount == 2)
        var readable = blocks
        readable.remove(at: 9)
        readable.remove(at: 4)
        #expect(store.committed == naive(readable), "seed \(random.seed)")
    }

    @Test func countsNeverFallAndNeverExceedWhatWasSent() {
        let log = TestLog()
        let store = TestStore()
        var options = options()
        options.flushInterval = 3
        options.publishInterval = 1
        let worker = worker(log, store, options)
        let sent = Atomic<Int>(0)
        let isDone = Atomic<Bool>(false)
        worker.start()
        let reader = WorkerThread(name: "reader") {
            var previous: Int64 = 0
            var rounds = 0
            while !isDone.load(ordering: .acquiring) || rounds < 50 {
                let tables = Tables(store.parts.filter { $0.schema.kind == .rollup })
                let count =
                    tables.events("events_minute")
                    + tables.events("events_minute_corrections")
                #expect(count >= previous, "round \(rounds)")
                #expect(count <= Int64(sent.load(ordering: .acquiring)), "round \(rounds)")
                previous = count
                rounds += 1
            }
        }
        for number in 0..<300 {
            let events = (0..<7).map {
                TestEvent(timestamp: TestBlock.startTime + Milliseconds(number * 500 + $0))
            }
            sent.add(7, ordering: .releasing)
            let block = TestBlock(
                events, receivedAt: TestBlock.startTime, number: UInt64(number))
            worker.offer(block.block, at: log.append(block))
            if number % 10 == 0 { Clock.sleep(nanoseconds: 1_000_000) }
        }
        #expect(worker.flush(timeout: 20_000))
        isDone.store(true, ordering: .releasing)
        reader.join()
        worker.stop()
        #expect(store.batches.count > 3)
        #expect(store.committed.events("events_minute") == 2_100)
    }
}
