import Base
import Disk
import EventLog
import Testing

/// Copies of a log that goes on, and logs made of copies.
@Suite struct LogCopyTests {
    @Test func aCopyHasWhatWasWritten() throws {
        let disk = try makeDisk()
        let log = try openLog(disk)
        let outcomes = Outcomes()
        for number in 0..<40 { outcomes.append(payload(number, 300), to: log) }
        outcomes.waitForAll()
        let entries = try readAll(log)
        try disk.createDirectory("/data/copy/log")
        try disk.syncDirectory("/data/copy")
        try disk.syncDirectory("/data")
        let byteCount = try log.holding {
            try log.copy(from: LogPosition(17), into: "/data/copy/log")
        }
        #expect(byteCount > 23 * 300)

        // The log goes on, and gives up what was copied.
        for number in 40..<80 { outcomes.append(payload(number, 300), to: log) }
        outcomes.waitForAll()
        log.close()
        // Nothing of the copy waits for a sync.
        let later = disk.afterPowerCut(seed: 3, keeping: 0)
        let copy = try EmbeddedLog.open(
            disk: later, directory: "/data/copy/log", options: tinyOptions())
        #expect(copy.damages.isEmpty)
        let start = copy.start.sequence
        #expect(start <= 17 && start > 0)
        #expect(try readAll(copy, from: start) == Array(entries[Int(start)...]))
        #expect(copy.end == LogPosition(40))
        let more = Outcomes()
        more.append(payload(99, 50), to: copy)
        more.waitForAll()
        #expect(copy.end == LogPosition(41))
        copy.close()
        #expect(try readAll(try openLog(later)).count == 80, "the log itself is as it was")
    }

    /// While segments are held, none that is released goes; afterwards they do.
    @Test func heldSegmentsStay() throws {
        let disk = try makeDisk()
        var options = tinyOptions()
        options.keepBytes = 0
        let log = try openLog(disk, options)
        let outcomes = Outcomes()
        for number in 0..<40 { outcomes.append(payload(number, 300), to: log) }
        outcomes.waitForAll()
        let before = try segmentNames(disk)
        try log.holding { () throws in
            log.release(below: LogPosition(30))
            #expect(try segmentNames(disk) == before)
            #expect(try log.copy(from: .start, into: "/data/copy") > 40 * 300)
        }
        #expect(try segmentNames(disk).count < before.count)
        log.close()
        #expect(try disk.list("/data/copy") == before)
    }

    @Test func restoringChecksEveryPayload() throws {
        let disk = try makeDisk()
        let log = try openLog(disk)
        let outcomes = Outcomes()
        for number in 0..<40 { outcomes.append(payload(number, 300), to: log) }
        outcomes.waitForAll()
        _ = try log.copy(from: .start, into: "/data/copy")
        log.close()
        let copied = try LogRestore.run(from: "/data/copy", to: "/data/new", disk: disk)
        #expect(copied > 0 && copied < 4_097, "only the last segment is copied")
        let restored = try EmbeddedLog.open(disk: disk, directory: "/data/new")
        #expect(try readAll(restored).count == 40)
        restored.close()
        let names = try disk.list("/data/copy")
        disk.flip("/data/copy/\(names[1])", offset: 48 + 48 + 100)
        let error = #expect(throws: EventLogError.self) {
            try LogRestore.run(from: "/data/copy", to: "/data/other", disk: disk)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(names[1]))
    }
}
