import Base
import EventLog
import Events
import Stream

/// A log in memory whose payloads are the numbers of its blocks, so that tests need no bytes; it is
/// also the decoder of those payloads.
final class TestLog: EventLog, PayloadDecoder {
    private struct State {
        var blocks: [TestBlock] = []
        /// Where reading fails, and with what; an entry stays unless it is of the disk.
        var errors: [UInt64: EventLogError] = [:]
        var damaged: Set<UInt64> = []
        var readCount = 0
        var released: [UInt64] = []
    }

    private let state = Locked(State())

    init(_ blocks: [TestBlock] = []) {
        state.withLock { $0.blocks = blocks }
    }

    var end: LogPosition { state.withLock { LogPosition(UInt64($0.blocks.count)) } }
    var pendingBytes: Int { 0 }
    var readCount: Int { state.withLock { $0.readCount } }
    var released: [UInt64] { state.withLock { $0.released } }

    func setError(_ error: EventLogError, at position: UInt64) {
        state.withLock { $0.errors[position] = error }
    }

    func setDamage(at position: UInt64) {
        state.withLock { _ = $0.damaged.insert(position) }
    }

    /// Appends a block as a server does and gives its mark.
    func append(_ block: TestBlock) -> LogMark {
        state.withLock { state in
            state.blocks.append(block)
            return Self.mark(state.blocks.count - 1, state.blocks)
        }
    }

    func append(_ append: LogAppend) {}
    func sync(through position: LogPosition) throws(EventLogError) {}
    func close() {}

    func release(below position: LogPosition) {
        state.withLock { $0.released.append(position.sequence) }
    }

    func read(
        from position: LogPosition, byteCount: Int
    ) throws(EventLogError) -> [LogEntry] {
        let result: Result<[LogEntry], EventLogError> = state.withLock { state in
            state.readCount += 1
            let start = Int(position.sequence)
            if let error = state.errors[position.sequence] {
                if case .disk = error { state.errors[position.sequence] = nil }
                return .failure(error)
            }
            var entries: [LogEntry] = []
            for index in start..<max(start, min(start + 3, state.blocks.count)) {
                if state.errors[UInt64(index)] != nil { break }
                var writer = ByteWriter()
                writer.appendFixed(UInt64(index))
                entries.append(
                    LogEntry(mark: Self.mark(index, state.blocks), payload: writer.bytes))
            }
            return .success(entries)
        }
        return try result.get()
    }

    func decode(_ payload: [UInt8]) throws(CorruptionError) -> EventBlock {
        try block(payload).block
    }

    func decodeEventIds(_ payload: [UInt8]) throws(CorruptionError) -> (StringTable, Bitmap) {
        let block = try block(payload).block
        return (block.eventIds, block.assigned)
    }

    private func block(_ payload: [UInt8]) throws(CorruptionError) -> TestBlock {
        var reader = ByteReader(payload.span)
        let number = try reader.readFixed(UInt64.self)
        let block: TestBlock? = state.withLock { state in
            state.damaged.contains(number) ? nil : state.blocks[Int(number)]
        }
        guard let block else {
            throw CorruptionError(offset: 0, expected: "a block", found: "damage")
        }
        return block
    }

    private static func mark(_ index: Int, _ blocks: [TestBlock]) -> LogMark {
        let logTime = blocks[...index].map(\.receivedAt).max() ?? 0
        return LogMark(position: LogPosition(UInt64(index)), logTime: logTime)
    }
}
