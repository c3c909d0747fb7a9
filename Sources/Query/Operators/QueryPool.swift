internal import Base
internal import Synchronization

/// The threads that scan, filter and aggregate, shared by all queries.
///
/// A query's own thread works too, so a query gets on however busy the pool is.
package final class QueryPool: Sendable {
    private struct State {
        var jobs: [Job] = []
        var isStopping = false
    }

    /// A wish for help with one `run`.
    private final class Job: Sendable {
        let number: Int
        let body: @Sendable (Int) -> Void
        let group: Group

        init(number: Int, group: Group, body: @escaping @Sendable (Int) -> Void) {
            self.number = number
            self.group = group
            self.body = body
        }
    }

    /// How many helpers of one `run` are at work.
    private final class Group: Sendable {
        let running = Monitor(0)
    }

    /// What queries keep of dictionaries, and of decoded blocks.
    let joints: JointDictionaries
    let blocks: BlockCache
    private let state = Monitor(State())
    private let threads: [QueryThread]

    /// The memory of decoded blocks, in bytes.
    package var blockBytes: Int { blocks.usedBytes }
    /// The memory of joint dictionaries, in bytes.
    package var dictionaryBytes: Int { joints.usedBytes }

    /// Starts so many threads beside those that call `run`; they keep joint dictionaries and
    /// decoded blocks of so many bytes.
    package init(
        threads count: Int, dictionaryBytes: Int = 64 << 20, blockBytes: Int = 128 << 20
    ) {
        joints = JointDictionaries(budget: dictionaryBytes)
        blocks = BlockCache(budget: blockBytes)
        let state = state
        threads = (0..<count).map { number in
            QueryThread(name: "query-\(number)") { Self.work(state) }
        }
    }

    deinit {
        state.update { $0.isStopping = true }
        for thread in threads { thread.join() }
    }

    /// Runs the body with the numbers from 0 on, each on a thread of its own: 0 on this one, the
    /// others as far as threads are free; returns when all that began have ended.
    ///
    /// So bodies take their share of the work from something that they have in common.
    package func run(workers: Int, _ body: @escaping @Sendable (Int) -> Void) {
        guard workers > 1, !threads.isEmpty else { return body(0) }
        let group = Group()
        let jobs = (1..<workers).map { Job(number: $0, group: group, body: body) }
        state.update { $0.jobs += jobs }
        body(0)
        state.withLock { $0.jobs.removeAll { $0.group === group } }
        group.running.wait { $0 == 0 ? () : nil }
    }

    private static func work(_ state: Monitor<State>) {
        while let group = runNext(state) {
            group.running.update { $0 -= 1 }
        }
    }

    /// Runs the next job; the group to be told that it has ended, or nil at a stop.
    ///
    /// The job is let go before anybody is told: its body may hold the pool, which must not end on
    /// a thread of its own.
    @inline(never)
    private static func runNext(_ state: Monitor<State>) -> Group? {
        let job: Job? =
            state.wait { state -> Job?? in
                if state.isStopping { return .some(nil) }
                guard !state.jobs.isEmpty else { return nil }
                let job = state.jobs.removeFirst()
                // Under the same lock, so that `run` does not return before.
                job.group.running.withLock { $0 += 1 }
                return .some(job)
            } ?? nil
        guard let job else { return nil }
        job.body(job.number)
        return job.group
    }
}

/// A thread in an object, as arrays cannot hold what is not copyable.
private final class QueryThread: Sendable {
    private let thread: Locked<WorkerThread?>

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        thread = Locked(WorkerThread(name: name, body))
    }

    func join() {
        let taken = thread.withLock { $0.take() }
        if let taken { taken.join() }
    }
}
