internal import Glibc

/// Milliseconds since 1970-01-01T00:00:00Z, UTC: the unit of every event time in Weir.
package typealias Milliseconds = Int64

/// The clocks of the machine.
///
/// Nothing that a replay must repeat may read them: see log time.
package enum Clock {
    /// Wall-clock time, in milliseconds since the epoch.
    package static func now() -> Milliseconds {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Nanoseconds of a clock that never goes back, for durations.
    package static func monotonicNanoseconds() -> UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Lets the calling thread sleep, at least that long unless a signal ends it early.
    package static func sleep(nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        unsafe nanosleep(&time, nil)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        let result = unsafe clock_gettime(clock, &time)
        invariant(result == 0, "clock_gettime failed")
        return time
    }
}
