internal import Base

/// Rings that are lent to threads, so that a query's reads never wait behind a flush's sync.
final class RingPool: Sendable {
    /// How many idle rings are kept; more exist only while more threads are at the disk at once.
    static let idleCountMax = 8

    private let idle: Locked<[Ring]>

    /// Makes the first ring; fails where io_uring is forbidden.
    init() throws(SystemError) {
        let first = try Ring()
        idle = Locked([first])
    }

    /// A ring that nobody else uses until it is given back; nil where no further one can be made
    /// (out of locked memory, say), so that the caller uses plain system calls.
    func borrow() -> Ring? {
        if let ring = idle.withLock({ $0.popLast() }) { return ring }
        return try? Ring()
    }

    func giveBack(_ ring: Ring) {
        idle.withLock { if $0.count < Self.idleCountMax { $0.append(ring) } }
    }
}
