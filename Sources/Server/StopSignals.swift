internal import Base
internal import Glibc

/// SIGTERM and SIGINT, taken by a thread that waits for them rather than by handlers.
package enum StopSignals {
    /// Keeps the signals for `wait`.
    ///
    /// Must be called before any thread is started, as threads take the mask of the one that starts
    /// them. A client that left must not end us with SIGPIPE.
    package static func block() {
        var signals = set()
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns when one of the signals comes, with its number.
    package static func wait() -> Int32 {
        var signals = set()
        var number: Int32 = 0
        while unsafe sigwait(&signals, &number) != 0 {}
        return number
    }

    /// From now on, the next signal ends the process at once.
    package static func exitAtNext() {
        _ = WorkerThread(name: "weir-signals") { _exit(128 + wait()) }
    }

    private static func set() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        return signals
    }
}
