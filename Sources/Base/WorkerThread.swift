internal import CLinux
internal import Glibc

/// A thread of the operating system that runs one closure; for the data path, where actors and
/// tasks would add hops that nobody can foresee.
///
/// Whoever starts it must `join` it.
@safe
package struct WorkerThread: ~Copyable, Sendable {
    private let thread: pthread_t

    /// Starts the thread; `name` (at most 15 bytes) is what `top -H` and `perf` show.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        invariant(name.utf8.count <= 15, "the thread name \(name) is too long")
        let start = ThreadStart(name: name, body: body)
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                // SAFETY: the argument is the retained object that was passed below, taken once.
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                unsafe start.name.withCString { unsafe weir_set_thread_name($0) }
                start.body()
                return nil
            }, Unmanaged.passRetained(start).toOpaque())
        invariant(result == 0, "pthread_create failed with \(result)")
        self.thread = thread
    }

    /// Waits for the closure to return.
    package consuming func join() {
        let result = pthread_join(thread, nil)
        invariant(result == 0, "pthread_join failed with \(result)")
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
