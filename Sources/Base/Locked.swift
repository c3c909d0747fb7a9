package import Glibc

/// A value behind a lock.
///
/// As `Synchronization.Mutex`, but on a pthread mutex, which ThreadSanitizer follows: it does not
/// see the futex of `Mutex`, and takes each use of the value for a race. Bodies run under the lock
/// and must be short; they must not lock it again.
@safe
package struct Locked<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // `@unchecked`: all access to the value is under the mutex.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// Puts a value behind a new lock.
    package init(_ value: consuming sending Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe self.value = .allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
        let result = unsafe pthread_mutex_init(mutex, nil)
        invariant(result == 0, "no mutex: \(result)")
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
    }

    /// Runs the body with the value, alone.
    @inlinable
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }
}
