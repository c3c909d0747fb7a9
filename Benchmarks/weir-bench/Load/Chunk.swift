internal import Base

/// Rendered requests, ready to be sent as they lie in memory.
///
/// One thread owns a chunk at a time: the generator that fills it, then the sender, and back; the
/// queue between them is what hands it over.
final class Chunk: @unchecked Sendable {
    var bytes = ByteBuffer(capacity: 1 << 20)
    /// Where each request lies in `bytes`, and how many events it has.
    private(set) var requests: [(range: Range<Int>, eventCount: Int)] = []
    private var next = 0

    func removeAll() {
        bytes.removeAll()
        requests.removeAll(keepingCapacity: true)
        next = 0
    }

    func append(_ range: Range<Int>, eventCount: Int) {
        requests.append((range, eventCount))
    }

    /// Whether all requests have been taken.
    var isEmpty: Bool { next >= requests.count }

    /// The request to send next; nil when all have been taken.
    func take() -> (range: Range<Int>, eventCount: Int)? {
        guard next < requests.count else { return nil }
        defer { next += 1 }
        return requests[next]
    }
}

/// Chunks on their way between a generator and its sender, a fixed number of them.
///
/// A chunk goes back only when the last of its requests was answered.
final class ChunkQueue: Sendable {
    private struct State {
        var free: [Chunk]
        var ready: [Chunk] = []
        var isFinished = false
    }

    private let state: Monitor<State>

    init(capacity: Int) {
        state = Monitor(State(free: (0..<capacity).map { _ in Chunk() }))
    }

    /// An empty chunk to fill, as soon as there is one.
    func takeFree() -> Chunk {
        let chunk = state.wait { $0.free.popLast() }
        guard let chunk else { fatalError("a wait without a deadline has a value") }
        chunk.removeAll()
        return chunk
    }

    func put(_ chunk: Chunk) { state.update { $0.ready.append(chunk) } }

    func finish() { state.update { $0.isFinished = true } }

    /// A filled chunk; nil where none is ready.
    func takeReady() -> Chunk? {
        state.withLock { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }
    }

    /// Whether nothing more will ever be ready.
    var isOver: Bool { state.withLock { $0.isFinished && $0.ready.isEmpty } }

    func giveBack(_ chunk: Chunk) { state.update { $0.free.append(chunk) } }
}
