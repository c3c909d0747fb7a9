package import EventLog
internal import Glibc
package import Store
package import Stream

/// The configurations that `tools/test --full` asks for, read from the environment in this one
/// place.
package enum TestSizes {
    /// The counts that issues state, instead of those that take a minute (`WEIR_TEST_FULL`).
    package static let isFull = isSet("WEIR_TEST_FULL")
    /// Fewer rounds and steps, for builds that are slow: those of the sanitizers
    /// (`WEIR_TEST_BRIEF`).
    package static let isBrief = isSet("WEIR_TEST_BRIEF")
    /// Granules of two rows, blocks and segments of 4 KiB (`WEIR_TEST_TINY`).
    package static let isTiny = isSet("WEIR_TEST_TINY")

    /// How many rounds a generated suite takes: so many usually, and so many in the full run.
    package static func rounds(_ usual: Int, full: Int) -> Int {
        isFull ? full : isBrief ? max(1, usual / 4) : usual
    }

    /// Of how many steps of a crash test one is taken.
    package static func oneStep(in usual: Int) -> Int {
        isFull ? 1 : isBrief ? usual * 8 : usual
    }

    private static func isSet(_ name: String) -> Bool {
        // SAFETY: getenv returns a terminated string or null; tests do not change the environment.
        guard let value = unsafe getenv(name) else { return false }
        return unsafe String(cString: value) == "1"
    }
}

extension StoreOptions {
    /// Makes granules, dictionaries and slices tiny where that is asked for.
    package mutating func takeTestSizes() {
        guard TestSizes.isTiny else { return }
        granuleRows = 2
        granuleBytes = 4_096
        dictionaryBytes = 4_096
        derivationSliceRows = 16
    }
}

extension LogOptions {
    /// Makes segments tiny where that is asked for.
    package mutating func takeTestSizes() {
        if TestSizes.isTiny { segmentBytes = 4_096 }
    }
}

extension StreamOptions {
    /// Has the stream read most blocks from the log, a few at a time, where that is asked for.
    package mutating func takeTestSizes() {
        guard TestSizes.isTiny else { return }
        queueBytesMax = 4_096
        logReadBytes = 4_096
    }
}
