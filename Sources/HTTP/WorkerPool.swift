internal import Base

/// Threads that work off a bounded queue of jobs: what must not run on an HTTP loop.
package final class WorkerPool: Sendable {
    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var first = 0
        var stopping = false

        var waitingCount: Int { jobs.count - first }

        /// The jobs in front of `first` were taken; they are dropped in bulk now and then.
        mutating func take() -> (@Sendable () -> Void)? {
            guard first < jobs.count else { return nil }
            let job = jobs[first]
            first += 1
            if first == jobs.count || first == 64 {
                jobs.removeFirst(first)
                first = 0
            }
            return job
        }
    }

    private let queue: Monitor<Queue>
    private let queueLimit: Int
    private let threads: [PooledThread]

    /// Starts the threads; `name` (at most 12 bytes) is followed by their numbers.
    package init(name: String, threads count: Int, queueLimit: Int) {
        invariant(count > 0 && queueLimit > 0, "a pool of no threads or no queue")
        let queue = Monitor(Queue())
        self.queue = queue
        self.queueLimit = queueLimit
        threads = (0..<count).map { number in
            PooledThread(name: "\(name)-\(number)") {
                while let job = Self.next(queue) { job() }
            }
        }
    }

    /// Adds a job; false, and nothing is done, if the queue is full or the pool stops.
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        queue.update { queue in
            guard !queue.stopping, queue.waitingCount < queueLimit else { return false }
            queue.jobs.append(job)
            return true
        }
    }

    /// How many jobs no thread has taken yet.
    package var waitingCount: Int { queue.withLock { $0.waitingCount } }

    /// Works off what is queued, then ends the threads.
    package func stop() {
        queue.update { $0.stopping = true }
        for thread in threads { thread.join() }
    }

    private static func next(_ queue: Monitor<Queue>) -> (@Sendable () -> Void)? {
        let job = queue.wait { queue -> (@Sendable () -> Void)?? in
            if let job = queue.take() { return .some(job) }
            return queue.stopping ? .some(nil) : nil
        }
        return job ?? nil
    }
}

/// A thread in an object, as arrays cannot hold what is not copyable.
private final class PooledThread: Sendable {
    private let thread: Locked<WorkerThread?>

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        thread = Locked(WorkerThread(name: name, body))
    }

    func join() {
        let taken = thread.withLock { $0.take() }
        if let taken { taken.join() }
    }
}
