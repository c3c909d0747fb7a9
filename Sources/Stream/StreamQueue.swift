package import Base
package import EventLog
package import Events

/// Blocks on their way from the log's thread to the worker.
///
/// Bounded by bytes and never full: beyond the budget only the positions are kept, and the worker
/// reads those blocks from the log again. Positions must ascend.
package final class StreamQueue: Sendable {
    /// What the worker takes out.
    package enum Item: Sendable {
        case block(EventBlock, LogMark)
        /// The blocks from `start` up to, not including, `end` are to be read from the log.
        case logRange(start: LogPosition, end: LogPosition)
    }

    private struct State {
        /// The items from `head` on are waiting; those before were taken.
        var items: [Item?] = []
        var head = 0
        var byteCount = 0
        var end: LogPosition
        var isWoken = false

        var isEmpty: Bool { head == items.count }
    }

    private let byteLimit: Int
    private let state: Monitor<State>

    /// `start` is the position of the first block that will come.
    package init(byteLimit: Int, start: LogPosition) {
        self.byteLimit = byteLimit
        state = Monitor(State(end: start))
    }

    /// Hands a block over that was written to the log; never blocks.
    package func push(_ block: EventBlock, at mark: LogMark) {
        let byteCount = block.byteCount
        let byteLimit = byteLimit
        state.update { state in
            invariant(mark.position.sequence >= state.end.sequence, "\(mark.position) came late")
            if state.byteCount + byteCount <= byteLimit {
                state.items.append(.block(block, mark))
                state.byteCount += byteCount
            } else {
                Self.appendRange(from: mark.position, to: mark.position.next, &state)
            }
            state.end = mark.position.next
        }
    }

    /// Has the worker read the blocks up to `end` from the log.
    package func pushLogRange(to end: LogPosition) {
        state.update { state in
            if end.sequence <= state.end.sequence { return }
            Self.appendRange(from: state.end, to: end, &state)
            state.end = end
        }
    }

    /// The position behind all that was pushed.
    package var end: LogPosition { state.withLock { $0.end } }

    /// The memory of the blocks that wait, in bytes.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    /// Whether nothing waits for the worker.
    package var isEmpty: Bool { state.withLock { $0.isEmpty } }

    /// Makes `next` return, now or at its next call.
    package func wake() { state.update { $0.isWoken = true } }

    /// Takes the next item; waits for one, for `wake`, or until the monotonic clock reaches
    /// `deadline`.
    ///
    /// With `takes` false it only waits for the latter two.
    package func next(takes: Bool, until deadline: UInt64?) -> Item? {
        let item = state.wait(until: deadline) { state -> Item?? in
            if takes, !state.isEmpty { return Self.pop(&state) }
            guard state.isWoken else { return nil }
            state.isWoken = false
            return .some(nil)
        }
        return item ?? nil
    }

    private static func appendRange(
        from start: LogPosition, to end: LogPosition, _ state: inout State
    ) {
        // Neighbouring ranges are one, so that a worker that stands still costs no memory.
        if !state.isEmpty, case .logRange(let first, let last) = state.items[state.items.count - 1],
            last.sequence <= start.sequence
        {
            state.items[state.items.count - 1] = .logRange(start: first, end: end)
        } else {
            state.items.append(.logRange(start: start, end: end))
        }
    }

    private static func pop(_ state: inout State) -> Item? {
        let item = state.items[state.head]
        state.items[state.head] = nil
        state.head += 1
        if state.head == state.items.count {
            state.items.removeAll(keepingCapacity: true)
            state.head = 0
        } else if state.head > 1024, state.head * 2 > state.items.count {
            state.items.removeFirst(state.head)
            state.head = 0
        }
        if case .block(let block, _) = item { state.byteCount -= block.byteCount }
        return item
    }
}
