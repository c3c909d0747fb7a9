internal import Base

/// The naive twin of the stream: the rows that blocks, in the order of the log, make.
struct ExpectedRows: Sendable {
    private(set) var rows: [UInt64: Int] = [:]
    /// The hashes of the ids.
    private(set) var ids: Set<UInt64> = []
    private var eventTimeMax = Milliseconds.min / 4
    private var watermark = Milliseconds.min / 4

    mutating func take(_ sent: SentBlock) {
        advance(sent.receivedAt)
        for event in sent.events where ids.insert(hash64(event.id)).inserted {
            eventTimeMax = max(eventTimeMax, event.time)
            advance(sent.receivedAt)
            let minute = floorDivide(event.time, 60_000)
            let isLate = (minute + 1) * 60_000 <= watermark
            rows[event.row(receivedAt: sent.receivedAt, isLate: isLate), default: 0] += 1
        }
    }

    private mutating func advance(_ logTime: Milliseconds) {
        watermark = max(watermark, min(logTime, eventTimeMax) - 60_000)
    }
}

/// What was promised so far, and what else may be on the disk.
struct Promises: Sendable {
    /// The blocks of the log, in its order.
    var blocks: [SentBlock] = []
    /// So many of them were acknowledged as durable, or lie before one that was.
    private(set) var durableCount = 0
    /// What the durable ones come to.
    private(set) var durable = ExpectedRows()
    /// Blocks that the log has refused in the round that runs.
    private var refused: [SentBlock] = []
    /// Blocks that were handed to the log, which has not said yet what became of them.
    var inFlight: [SentBlock] = []
    /// Blocks that could not be written behind so many others: their senders know that they do not
    /// count, and yet their frames may lie there.
    private var ghosts: [(after: Int, blocks: [SentBlock])] = []

    /// The log has written the block.
    mutating func noteWritten(_ block: SentBlock) {
        inFlight.removeFirst()
        blocks.append(block)
    }

    /// The log could not write the block.
    mutating func noteRefused(_ block: SentBlock) {
        inFlight.removeFirst()
        refused.append(block)
    }

    /// A round of writing has ended.
    mutating func endRound() {
        if !refused.isEmpty { ghosts.append((blocks.count, refused)) }
        refused = []
    }

    /// The block of this number was acknowledged as durable.
    mutating func noteDurable(_ number: Int) {
        if let index = blocks.lastIndex(where: { $0.number == number }) {
            noteCommitted(index + 1)
        }
    }

    /// So many blocks are durable.
    mutating func noteCommitted(_ count: Int) {
        while durableCount < min(count, blocks.count) {
            durable.take(blocks[durableCount])
            durableCount += 1
        }
        let durableCount = durableCount
        ghosts.removeAll { $0.after < durableCount }
    }

    /// The rows of all blocks that the log has taken.
    var current: ExpectedRows {
        var rows = durable
        for block in blocks[durableCount...] { rows.take(block) }
        return rows
    }

    /// The blocks that the rows are those of, among all that a crash may leave; nil if nothing of
    /// what was promised gives these rows.
    ///
    /// A process that is killed loses nothing that was written: then `isKill`.
    func explain(_ rows: [UInt64: Int], isKill: Bool) -> [SentBlock]? {
        let least = isKill ? blocks.count : durableCount
        var expected = durable
        if least == durableCount, expected.rows == rows { return Array(blocks[..<least]) }
        let written = blocks + inFlight
        for index in durableCount..<written.count {
            for ghost in ghosts where ghost.after == index && index >= least {
                if let found = explain(rows, by: ghost.blocks, after: index, expected) {
                    return found
                }
            }
            expected.take(written[index])
            if index + 1 >= least, expected.rows == rows { return Array(written[...index]) }
        }
        for ghost in ghosts where ghost.after == blocks.count && inFlight.isEmpty {
            if let found = explain(rows, by: ghost.blocks, after: blocks.count, expected) {
                return found
            }
        }
        return nil
    }

    private func explain(
        _ rows: [UInt64: Int], by ghosts: [SentBlock], after count: Int, _ before: ExpectedRows
    ) -> [SentBlock]? {
        var expected = before
        for (index, block) in ghosts.enumerated() {
            expected.take(block)
            if expected.rows == rows { return Array(blocks[..<count] + ghosts[...index]) }
        }
        return nil
    }

    /// Every row that any of the blocks could make: what damage may leave a part of.
    var possible: ExpectedRows {
        var rows = durable
        for block in blocks[durableCount...] + inFlight { rows.take(block) }
        return rows
    }

    /// Goes on from these blocks after a restart.
    mutating func settle(_ found: [SentBlock]) {
        blocks = found
        inFlight = []
        ghosts = []
    }
}

/// The promises of a scenario that runs, told by its log.
final class History: Sendable {
    private let state: Locked<Promises>

    init(_ promises: Promises = Promises()) { state = Locked(promises) }

    var promises: Promises { state.withLock { $0 } }

    func change(_ body: (inout Promises) -> Void) { state.withLock { body(&$0) } }
}
