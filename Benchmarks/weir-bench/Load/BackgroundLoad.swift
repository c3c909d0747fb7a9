internal import Base

/// A load that runs on threads of its own while something else is measured.
struct BackgroundLoad: ~Copyable {
    /// What the thread leaves behind.
    private final class Shared: Sendable {
        let outcome = Locked<Result<LoadRun.Outcome, UsageError>?>(nil)
    }

    private let thread: WorkerThread?
    private let shared = Shared()

    /// Starts the load; nil for none.
    init(_ load: LoadRun?, _ catalogue: Catalogue) {
        guard let load else {
            thread = nil
            return
        }
        thread = WorkerThread(name: "load") { [shared] in
            let result = Result { () throws(UsageError) in try load.run(catalogue) }
            shared.outcome.withLock { $0 = result }
        }
    }

    /// Waits for the load's end; true if no request of it failed.
    consuming func end(_ report: inout Report) throws(UsageError) -> Bool {
        let shared = shared
        guard let thread else { return true }
        thread.join()
        guard let result = shared.outcome.withLock({ $0 }) else { return true }
        let load = try result.get()
        report.add("load events/s", Int(Double(load.sent.eventCount) / max(load.seconds, 1e-9)))
        report.add("load latency", load.sent.latencies)
        report.add("load sent late at most ms", Double(load.sent.waitingMax) / 1e6)
        report.add("load failed requests", load.sent.failureText)
        return load.sent.failures.isEmpty
    }
}
