internal import Base
internal import Synchronization

/// The fallback for io_uring: pread, pwrite and fdatasync, on a few threads where that pays.
enum PlainCalls {
    /// The greatest number of threads for one batch.
    static let threadCountMax = 4

    /// Below this a batch of transfers is done before a thread has started.
    static let threadedBytesMin = 4 << 20

    static func perform(_ jobs: inout [DiskJob]) -> JobFailure? {
        let byteCount = jobs.reduce(0) { $0 + $1.byteCount }
        let hasSyncs = jobs.contains { $0.verb == .syncData || $0.verb == .syncAll }
        if jobs.count > 1, hasSyncs || byteCount >= threadedBytesMin {
            return performOnThreads(jobs)
        }
        for index in jobs.indices {
            if case .failed(let error) = jobs[index].perform() {
                return JobFailure(index: index, error: error)
            }
        }
        return nil
    }

    private static func performOnThreads(_ jobs: [DiskJob]) -> JobFailure? {
        let shared = SharedJobs(jobs)
        startThreads(min(threadCountMax, jobs.count) - 1, shared)
        return shared.failure.withLock { $0 }
    }

    /// Recursive, because there are no arrays of threads: each level owns one.
    private static func startThreads(_ count: Int, _ shared: SharedJobs) {
        guard count > 0 else { return shared.work() }
        let thread = WorkerThread(name: "weir-disk") { shared.work() }
        startThreads(count - 1, shared)
        thread.join()
    }
}

/// Jobs of which each thread takes the next.
private final class SharedJobs: @unchecked Sendable {
    // `@unchecked`: the jobs point to memory that outlives the threads, each job to its own.
    private let jobs: [DiskJob]
    private let next = Atomic(0)
    let failure = Locked<JobFailure?>(nil)

    init(_ jobs: [DiskJob]) { self.jobs = jobs }

    func work() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < jobs.count, failure.withLock({ $0 == nil }) else { return }
            var job = jobs[index]
            if case .failed(let error) = job.perform() {
                failure.withLock { if $0 == nil { $0 = JobFailure(index: index, error: error) } }
                return
            }
        }
    }
}
