import Base
import EventLog
import Events
import Stream
import Testing

@Suite struct StreamQueueTests {
    private func block(_ number: Int) -> TestBlock {
        TestBlock(
            [TestEvent(id: "\(number)", timestamp: 5)], receivedAt: 10, number: UInt64(number))
    }

    private func push(_ number: Int, _ queue: StreamQueue) {
        let mark = LogMark(position: LogPosition(UInt64(number)), logTime: 10)
        queue.push(block(number).block, at: mark)
    }

    @Test func beyondItsBytesItKeepsPositionsOnly() {
        let bytes = block(0).block.byteCount
        let queue = StreamQueue(byteLimit: bytes * 3, start: .start)
        for number in 0..<10 { push(number, queue) }
        #expect(queue.byteCount == bytes * 3)
        #expect(queue.end == LogPosition(10))
        var seen: [String] = []
        for _ in 0..<3 { seen.append(describe(queue.next(takes: true, until: 0))) }
        // There is room again, but what came before must come first.
        push(10, queue)
        for _ in 0..<3 { seen.append(describe(queue.next(takes: true, until: 0))) }
        #expect(seen == ["0", "1", "2", "3..<10", "10", "nothing"])
        #expect(queue.byteCount == 0)
    }

    @Test func aRangeOfTheLogComesFirst() {
        let queue = StreamQueue(byteLimit: 1 << 20, start: LogPosition(4))
        queue.pushLogRange(to: LogPosition(7))
        queue.pushLogRange(to: LogPosition(7))
        push(7, queue)
        let seen = (0..<3).map { _ in describe(queue.next(takes: true, until: 0)) }
        #expect(seen == ["4..<7", "7", "nothing"])
    }

    @Test func waitingEndsByAWakeOrADeadline() {
        let queue = StreamQueue(byteLimit: 1 << 20, start: .start)
        push(0, queue)
        queue.wake()
        // With `takes` false the block stays.
        #expect(describe(queue.next(takes: false, until: nil)) == "nothing")
        let deadline = Clock.monotonicNanoseconds() + 2_000_000
        #expect(describe(queue.next(takes: false, until: deadline)) == "nothing")
        #expect(Clock.monotonicNanoseconds() >= deadline)
        #expect(describe(queue.next(takes: true, until: nil)) == "0")
    }

    private func describe(_ item: StreamQueue.Item?) -> String {
        switch item {
        case .block(_, let mark): "\(mark.position)"
        case .logRange(let start, let end): "\(start)..<\(end)"
        case nil: "nothing"
        }
    }
}
