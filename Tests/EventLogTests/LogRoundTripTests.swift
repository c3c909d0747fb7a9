import Base
import Disk
import EventLog
import Testing

@Suite struct LogRoundTripTests {
    @Test(arguments: [200, 4_096, 64 << 10]) func whatIsAppendedIsRead(segmentBytes: Int) throws {
        let disk = try makeDisk()
        let log = try openLog(disk, tinyOptions(segmentBytes))
        defer { log.close() }
        let outcomes = Outcomes()
        // Empty, small, and larger than the smaller segments.
        let sizes = (0..<60).map { [0, 1, 7, 8, 100, 300, 5_000][$0 % 7] }
        for (number, size) in sizes.enumerated() {
            outcomes.append(
                payload(number, size), to: log, at: Int64(1_000 + number),
                isDurable: number % 3 == 0)
        }
        outcomes.waitForAll()
        #expect(log.end == LogPosition(60))
        #expect(log.pendingBytes == 0)
        for from in [0, 1, 29, 59, 60] {
            for byteCount in [1, 1_000, 1_000_000] {
                let entries = try readAll(log, from: UInt64(from), byteCount: byteCount)
                #expect(entries.map(\.payload) == (from..<60).map { payload($0, sizes[$0]) })
                #expect(entries.map(\.mark.position.sequence) == (from..<60).map(UInt64.init))
                #expect(entries.map(\.mark.logTime) == (from..<60).map { Int64(1_000 + $0) })
            }
        }
        #expect(try log.read(from: LogPosition(0), byteCount: 1).count == 1)
        if segmentBytes == 4_096 { #expect(try segmentNames(disk).count > 5) }
        #expect(log.metrics.segmentCount == (try segmentNames(disk)).count)
        #expect(log.metrics.appends == 60)
    }

    @Test func logTimeNeverGoesBack() throws {
        let disk = try makeDisk()
        var log = try openLog(disk)
        let outcomes = Outcomes()
        for (number, time) in [500, 400, 600, 100].enumerated() {
            outcomes.append(payload(number, 10), to: log, at: Milliseconds(time))
        }
        outcomes.waitForAll()
        log.close()
        log = try openLog(disk)
        outcomes.append(payload(4, 10), to: log, at: 300)
        outcomes.waitForAll()
        #expect(try readAll(log).map(\.mark.logTime) == [500, 500, 600, 600, 600])
        log.close()
    }

    @Test func reopeningGoesOnWhereItEnded() throws {
        let disk = try makeDisk()
        var expected: [[UInt8]] = []
        for round in 0..<10 {
            let log = try openLog(disk)
            #expect(log.end == LogPosition(UInt64(expected.count)))
            let outcomes = Outcomes()
            for _ in 0..<round {
                expected.append(payload(expected.count, 700))
                outcomes.append(expected[expected.count - 1], to: log, isDurable: false)
            }
            log.close()
            outcomes.waitForAll()
            // Closing synced it, so a power cut takes nothing.
            #expect(
                disk.afterPowerCut(seed: 1, keeping: 0).contents(of: "/data/log/" + segmentName(0))
                    == disk.contents(of: "/data/log/" + segmentName(0)))
        }
        let log = try openLog(disk)
        #expect(try readAll(log).map(\.payload) == expected)
        log.close()
    }

    @Test func theLogCanStartBehindItsEnd() throws {
        let disk = try makeDisk()
        var log = try openLog(disk)
        let outcomes = Outcomes()
        for number in 0..<3 { outcomes.append(payload(number, 10), to: log) }
        log.close()
        log = try openLog(disk, notBefore: 100)
        #expect(log.end == LogPosition(100))
        for number in 3..<5 { outcomes.append(payload(number, 10), to: log) }
        log.close()
        // The manifest may also be behind the log.
        log = try openLog(disk, notBefore: 50)
        #expect(log.end == LogPosition(102))
        #expect(try readAll(log).map(\.mark.position.sequence) == [0, 1, 2, 100, 101])
        #expect(try readAll(log, from: 3).map(\.mark.position.sequence) == [100, 101])
        #expect(log.damages.isEmpty)
        log.close()
    }

    @Test func callbacksComeOnceAndInOrder() throws {
        let disk = try makeDisk()
        let log = try openLog(disk)
        let outcomes = Outcomes()
        for number in 0..<500 {
            outcomes.append(payload(number, 20), to: log, isDurable: number % 2 == 0)
        }
        log.close()
        let written = outcomes.calls.filter { $0 >= 0 }
        let synced = outcomes.calls.filter { $0 < 0 }.map { -$0 - 1 }
        #expect(written == Array(0..<500))
        #expect(synced == Array(stride(from: 0, to: 500, by: 2)))
        for (index, told) in outcomes.told.enumerated() {
            #expect(try told.written?.get().position == LogPosition(UInt64(index)))
        }
    }

    @Test func queuedPayloadsAreSyncedWithoutFurtherOnes() throws {
        let disk = try makeDisk()
        var options = tinyOptions()
        options.syncInterval = 20
        let log = try openLog(disk, options)
        let outcomes = Outcomes()
        outcomes.append(payload(1, 100), to: log, isDurable: false)
        outcomes.waitForAll()
        let deadline = Clock.monotonicNanoseconds() + 5_000_000_000
        while log.metrics.syncs == 0, Clock.monotonicNanoseconds() < deadline {
            Clock.sleep(nanoseconds: 2_000_000)
        }
        #expect(log.metrics.syncs == 1)
        let left = disk.afterPowerCut(seed: 1, keeping: 0)
        let again = try openLog(left)
        #expect(try readAll(again).map(\.payload) == [payload(1, 100)])
        again.close()
        log.close()
    }

    @Test func syncWaitsForTheDisk() throws {
        let disk = try makeDisk()
        var options = tinyOptions()
        options.syncInterval = 3_600_000
        let log = try openLog(disk, options)
        let outcomes = Outcomes()
        for number in 0..<5 { outcomes.append(payload(number, 100), to: log, isDurable: false) }
        outcomes.waitForAll()
        try log.sync(through: LogPosition(5))
        let again = try openLog(disk.afterPowerCut(seed: 1, keeping: 0))
        #expect(again.end == LogPosition(5))
        again.close()
        // Nothing new to sync, and a position that is not reached: both return.
        try log.sync(through: LogPosition(5))
        try log.sync(through: LogPosition(99))
        log.close()
        #expect(throws: Never.self) { try log.sync(through: LogPosition(5)) }
    }

    @Test func aClosedLogTakesNothing() throws {
        let log = try openLog(try makeDisk())
        log.close()
        log.close()
        let outcomes = Outcomes()
        outcomes.append([1], to: log)
        #expect(outcomes.told[0].written == .failure(.closed))
        #expect(outcomes.told[0].synced == .failure(.closed))
    }

    @Test func releasedSegmentsGo() throws {
        let disk = try makeDisk()
        var options = tinyOptions()
        options.keepMilliseconds = 10_000
        let log = try openLog(disk, options)
        let outcomes = Outcomes()
        // Seven frames of 548 bytes fit into a segment.
        for number in 0..<70 {
            outcomes.append(payload(number, 500), to: log, at: Int64(number) * 1_000)
        }
        outcomes.waitForAll()
        #expect(try segmentNames(disk).count == 10)
        log.release(below: LogPosition(35))
        // Below 35 lie five segments, of log times up to 34 s; the log is at 69 s.
        #expect(try segmentNames(disk).count == 5)
        #expect(log.start == LogPosition(35))
        #expect(throws: EventLogError.released(LogPosition(35))) {
            try log.read(from: LogPosition(34), byteCount: 1)
        }
        log.release(below: LogPosition(70))
        // What is at most 10 s old is kept: 56 … 62 end at 62 s, 49 … 55 at 55 s.
        #expect(log.start == LogPosition(56))
        #expect(try readAll(log, from: 56).count == 14)
        log.close()
        let again = try openLog(disk, options)
        #expect(again.start == LogPosition(56))
        #expect(again.end == LogPosition(70))
        again.close()
    }

    @Test func releasedBytesGoBeforeTheirTime() throws {
        let disk = try makeDisk()
        var options = tinyOptions()
        options.keepBytes = 10_000
        let log = try openLog(disk, options)
        let outcomes = Outcomes()
        for number in 0..<70 { outcomes.append(payload(number, 500), to: log) }
        outcomes.waitForAll()
        #expect(try segmentNames(disk).count == 10)
        log.release(below: LogPosition(70))
        #expect(try segmentNames(disk).count == 2)
        #expect(log.metrics.diskBytes < 10_000)
        log.close()
    }
}
