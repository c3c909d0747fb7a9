import Base
import Disk
import EventLog
import Glibc
import Synchronization
import Testing

@Suite struct LogConcurrencyTests {
    /// Readers follow the end while two threads append and segments are released behind them.
    @Test(arguments: [false, true]) func readersFollowTheWriter(onLinux: Bool) throws {
        try withLogDirectory(onLinux) { disk, directory in
            var options = tinyOptions(20_000)
            options.keepBytes = 30_000
            let log = try EmbeddedLog(disk: disk, directory: directory, options: options)
            let count = 2_000
            let reader = LogReader(log: log, count: UInt64(count))
            let reading = WorkerThread(name: "test-read") { reader.run() }
            let appending = WorkerThread(name: "test-append") {
                for number in 0..<count / 2 { reader.append(number) }
            }
            for number in 0..<count / 2 { reader.append(count + number) }
            appending.join()
            reading.join()
            log.close()
            #expect(reader.failure.withLock { $0 } == nil)
            #expect(reader.next.load(ordering: .relaxed) == UInt64(count))
            #expect(log.metrics.segmentCount < 5)
        }
    }

    private func withLogDirectory(
        _ onLinux: Bool, _ body: (any Disk, String) throws -> Void
    ) throws {
        guard onLinux else { return try body(try makeDisk(), "/data/log") }
        var template = Array("/tmp/weir-log-XXXXXX".utf8CString)
        // SAFETY: mkdtemp changes bytes of the terminated template and keeps no pointer.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
        }
        try #require(made)
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let disk = LinuxDisk()
        try body(disk, path + "/log")
        for name in try disk.list(path + "/log") { try disk.unlink(path + "/log/" + name) }
        try disk.removeDirectory(path + "/log")
        try disk.removeDirectory(path)
    }
}

/// Reads a log from its start, checks each entry and releases what it has read.
private final class LogReader: Sendable {
    let log: EmbeddedLog
    let count: UInt64
    let next = Atomic<UInt64>(0)
    let failure = Locked<String?>(nil)

    init(log: EmbeddedLog, count: UInt64) {
        self.log = log
        self.count = count
    }

    func append(_ number: Int) {
        var bytes = payload(number, number % 200)
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
        log.append(
            LogAppend(payload: bytes, receivedAt: 1, isDurable: number % 50 == 0, written: { _ in })
        )
    }

    func run() {
        let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
        while next.load(ordering: .relaxed) < count, Clock.monotonicNanoseconds() < deadline {
            let position = next.load(ordering: .relaxed)
            do {
                let entries = try log.read(from: LogPosition(position), byteCount: 3_000)
                if entries.isEmpty { Clock.sleep(nanoseconds: 100_000) }
                for entry in entries { check(entry) }
            } catch {
                failure.withLock { $0 = "at \(position): \(error)" }
                return
            }
            log.release(below: LogPosition(next.load(ordering: .relaxed)))
        }
    }

    private func check(_ entry: LogEntry) {
        let position = next.load(ordering: .relaxed)
        var number = 0
        for byte in entry.payload.suffix(8).reversed() { number = number << 8 | Int(byte) }
        let isGood =
            entry.mark.position.sequence == position
            && Array(entry.payload.dropLast(8)) == payload(number, number % 200)
        if !isGood { failure.withLock { $0 = "wrong entry at \(position)" } }
        next.store(position + 1, ordering: .relaxed)
    }
}
