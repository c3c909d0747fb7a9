import Base
import Store
import Stream

/// The store as the stream sees it, in memory; commits fail as often as a test says.
final class TestStore: StreamSink {
    struct Full: Error {}

    struct State {
        var live: [LiveGeneration] = []
        var batches: [FlushBatch] = []
        var failures = 0
        var publishCount = 0
    }

    private let state = Locked(State())

    var batches: [FlushBatch] { state.withLock { $0.batches } }
    var live: [LiveGeneration] { state.withLock { $0.live } }

    /// Makes the next commits fail.
    func failCommits(_ count: Int) { state.withLock { $0.failures = count } }

    func publish(_ live: LiveGeneration) {
        state.withLock { state in
            state.publishCount += 1
            state.live.removeAll { $0.flushNumber == live.flushNumber }
            state.live.append(live)
        }
    }

    func commit(_ batch: FlushBatch) throws {
        let fails = state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                return true
            }
            state.batches.append(batch)
            state.live.removeAll { $0.flushNumber <= batch.flushNumber }
            return false
        }
        if fails { throw Full() }
    }

    /// The parts of one instant, committed and live.
    var parts: [MemoryPart] {
        state.withLock { state in
            state.batches.flatMap(\.parts) + state.live.flatMap(\.parts)
        }
    }

    /// Committed parts only.
    var committed: Tables { Tables(batches.flatMap(\.parts)) }

    /// The last commit, as opening the store again would give it.
    var lastCommit: CommitPoint? {
        batches.last.map {
            CommitPoint(
                flushNumber: $0.flushNumber, position: $0.position,
                replayPosition: $0.replayPosition, watermark: $0.watermark, state: $0.state)
        }
    }
}
