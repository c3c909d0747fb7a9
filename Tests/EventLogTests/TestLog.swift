import Base
import Disk
import EventLog
import Testing

/// What a log told about the payloads that a test appended.
final class Outcomes: Sendable {
    struct Told: Sendable {
        var payload: [UInt8]
        var isDurable: Bool
        var written: Result<LogMark, EventLogError>?
        var synced: Result<LogMark, EventLogError>?
    }

    private struct State {
        var told: [Told] = []
        /// Every call in order: the index of the payload, positive for `written`, negative and
        /// off by one for `synced`.
        var calls: [Int] = []
    }

    private let monitor = Monitor(State())

    var told: [Told] { monitor.withLock { $0.told } }
    var calls: [Int] { monitor.withLock { $0.calls } }

    /// Appends a payload; its index among those of this test.
    @discardableResult
    func append(
        _ payload: [UInt8], to log: EmbeddedLog, at time: Milliseconds = 1_000,
        isDurable: Bool = true
    ) -> Int {
        let index = monitor.withLock { state in
            state.told.append(Told(payload: payload, isDurable: isDurable))
            return state.told.count - 1
        }
        let synced: @Sendable (Result<LogMark, EventLogError>) -> Void = { [self] in
            noteSynced(index, $0)
        }
        log.append(
            LogAppend(
                payload: payload, receivedAt: time, isDurable: isDurable,
                written: { [self] in noteWritten(index, $0) }, synced: isDurable ? synced : nil))
        return index
    }

    private func noteWritten(_ index: Int, _ result: Result<LogMark, EventLogError>) {
        monitor.update { state in
            state.told[index].written = result
            state.calls.append(index)
        }
    }

    private func noteSynced(_ index: Int, _ result: Result<LogMark, EventLogError>) {
        monitor.update { state in
            state.told[index].synced = result
            state.calls.append(-index - 1)
        }
    }

    /// Waits until all that was appended has its answers.
    func waitForAll() {
        let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
        let isDone: Bool? = monitor.wait(until: deadline) { state in
            let isDone = state.told.allSatisfy { told in
                told.written != nil && (told.synced != nil || !told.isDurable)
            }
            return isDone ? true : nil
        }
        #expect(isDone == true, "the log did not answer")
    }

    func waitForSynced(_ index: Int) -> Result<LogMark, EventLogError>? {
        monitor.wait(until: Clock.monotonicNanoseconds() + 20_000_000_000) { state in
            state.told[index].synced
        }
    }
}

/// Options with segments so small that every test crosses several: always those of the tiny
/// configuration.
func tinyOptions(_ segmentBytes: Int = 4_096) -> LogOptions {
    var options = LogOptions()
    options.segmentBytes = segmentBytes
    options.syncInterval = 5
    options.retryInterval = 5
    options.saltSeed = 7
    return options
}

func openLog(
    _ disk: any Disk, _ options: LogOptions = tinyOptions(), notBefore: UInt64 = 0
) throws -> EmbeddedLog {
    try EmbeddedLog(
        disk: disk, directory: "/data/log", options: options, notBefore: LogPosition(notBefore))
}

/// A disk with the data directory.
func makeDisk(seed: UInt64 = 1, capacity: Int = .max) throws -> FaultingDisk {
    let disk = FaultingDisk(seed: seed, capacity: capacity)
    try disk.createDirectory("/data")
    try disk.syncDirectory("/")
    return disk
}

/// Payloads that differ in content and length.
func payload(_ number: Int, _ byteCount: Int) -> [UInt8] {
    var random = SeededRandom(seed: UInt64(number) &* 1_000_003 &+ UInt64(byteCount))
    return (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

/// All entries from a position on, read in small pieces.
func readAll(
    _ log: EmbeddedLog, from sequence: UInt64 = 0, byteCount: Int = 1_000
) throws -> [LogEntry] {
    var entries: [LogEntry] = []
    var position = LogPosition(sequence)
    while true {
        let more = try log.read(from: position, byteCount: byteCount)
        guard let last = more.last else { return entries }
        entries += more
        position = LogPosition(last.mark.position.sequence + 1)
    }
}

/// The names of the segments.
func segmentNames(_ disk: FaultingDisk) throws -> [String] { try disk.list("/data/log") }
