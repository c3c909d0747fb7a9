internal import Base

/// What became of a request that asked for a durable acknowledgement.
package enum DurableOutcome: Sendable, Equatable {
    /// Its events survive a power cut.
    case durable
    /// The log could not take them; none of them counts.
    case logUnavailable(reason: String)
    /// The sync did not end in time; they may still count.
    case notConfirmed
}

/// The pending answer to one durable request; the first outcome is the one that is told.
final class DurableReceipt: Sendable {
    /// When to give up waiting, by the monotonic clock.
    let deadline: UInt64
    private let answer: Locked<(@Sendable (DurableOutcome) -> Void)?>

    init(deadline: UInt64, answer: @escaping @Sendable (DurableOutcome) -> Void) {
        self.deadline = deadline
        self.answer = Locked(answer)
    }

    var isAnswered: Bool { answer.withLock { $0 == nil } }

    func complete(_ outcome: DurableOutcome) {
        let waiting = answer.withLock { $0.take() }
        waiting?(outcome)
    }
}

/// The receipts that wait, oldest first, so that the late ones are found without a timer each.
final class DurableWaits: Sendable {
    private let receipts = Locked<[DurableReceipt]>([])

    func add(_ more: [DurableReceipt]) {
        guard !more.isEmpty else { return }
        receipts.withLock { $0 += more }
    }

    /// Answers those whose time is over, and forgets those that are answered.
    func expire(at now: UInt64) {
        let late = receipts.withLock { receipts -> [DurableReceipt] in
            let keep = receipts.firstIndex { !$0.isAnswered && $0.deadline > now }
            let gone = receipts[..<(keep ?? receipts.endIndex)]
            receipts.removeFirst(gone.count)
            return Array(gone)
        }
        for receipt in late { receipt.complete(.notConfirmed) }
    }

    var isEmpty: Bool { receipts.withLock(\.isEmpty) }
}
