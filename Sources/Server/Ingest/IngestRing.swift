internal import Base
internal import Events

/// What one HTTP loop has taken and the log has not: the block that is being filled, and the
/// sealed ones before it, oldest first, bounded in bytes.
///
/// Only its own loop adds, only the ingest writer takes, so the lock is hardly ever contended.
final class IngestRing: @unchecked Sendable {
    // `@unchecked`: all access to `state` is under `lock`. A `Mutex` around the state would not let
    // the decoder read the request's bytes, which belong to the caller.
    /// A finished block on its way to the log.
    struct SealedBlock {
        var block: EventBlock
        /// The requests that wait for its sync; a block with none is `queued` and may be dropped.
        var receipts: [DurableReceipt]
        /// How many of its events came in requests that do not wait.
        var queuedCount: Int
    }

    /// What adding a body did.
    enum Admission {
        case added(BodyOutcome, droppedEvents: Int)
        case malformed(BodyError)
        /// There is no room, and nothing that may be dropped for it.
        case full
    }

    private struct State: ~Copyable {
        var builder: EventBlockBuilder
        var receipts: [DurableReceipt] = []
        var queuedCount = 0
        var sealed: [SealedBlock] = []
        var sealedBytes = 0
    }

    private let lock = Locked<Void>(())
    private var state: State
    private let byteLimit: Int
    private let overflow: ServerConfig.Overflow
    /// A block of this many events or bytes is sealed at once.
    private let blockEvents: Int
    private let blockBytes: Int

    init(options: IngestOptions, limits: EventLimits, byteLimit: Int) {
        state = State(builder: EventBlockBuilder(limits: limits))
        self.byteLimit = byteLimit
        overflow = options.overflow
        blockEvents = options.blockEvents
        blockBytes = options.blockBytes
    }

    /// Decodes a body into the block that is being filled.
    func add(_ request: borrowing IngestRequest, receipt: DurableReceipt?) -> Admission {
        lock.withLock { _ in
            var dropped = 0
            let heldBytes = state.sealedBytes + state.builder.byteCount
            let excess = unsafe heldBytes + request.body.count - byteLimit
            if excess > 0 {
                guard receipt == nil, overflow == .drop else { return .full }
                dropped = dropOldest(toFree: excess)
                guard dropped > 0 || heldBytes == 0 else { return .full }
            }
            do throws(BodyError) {
                let outcome = try unsafe state.builder.append(
                    request.body, form: request.form, receivedAt: request.receivedAt,
                    idempotencyKey: request.idempotencyKey)
                if receipt == nil {
                    state.queuedCount += outcome.acceptedCount
                } else if let receipt, outcome.acceptedCount > 0 {
                    state.receipts.append(receipt)
                }
                if state.builder.count >= blockEvents || state.builder.byteCount >= blockBytes {
                    seal(receivedAt: request.receivedAt)
                }
                return .added(outcome, droppedEvents: dropped)
            } catch {
                return .malformed(error)
            }
        }
    }

    /// Takes everything, the block that is being filled included.
    func takeAll(receivedAt: Milliseconds) -> [SealedBlock] {
        lock.withLock { _ in
            seal(receivedAt: receivedAt)
            state.sealedBytes = 0
            let taken = state.sealed
            state.sealed = []
            return taken
        }
    }

    /// How many bytes of blocks wait here.
    var byteCount: Int { lock.withLock { _ in state.sealedBytes + state.builder.byteCount } }

    private func seal(receivedAt: Milliseconds) {
        guard let block = state.builder.finish(receivedAt: receivedAt) else { return }
        state.sealed.append(
            SealedBlock(
                block: block, receipts: state.receipts, queuedCount: state.queuedCount))
        state.sealedBytes += block.byteCount
        state.receipts = []
        state.queuedCount = 0
    }

    /// Drops `queued` blocks, oldest first; returns how many events were lost.
    private func dropOldest(toFree needed: Int) -> Int {
        var freed = 0
        var events = 0
        state.sealed.removeAll { sealed in
            guard freed < needed, sealed.receipts.isEmpty else { return false }
            freed += sealed.block.byteCount
            events += sealed.block.count
            return true
        }
        state.sealedBytes -= freed
        return events
    }
}
