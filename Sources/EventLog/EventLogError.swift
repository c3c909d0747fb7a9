package import Base
package import Disk

/// Why the log could not do what it was asked.
package enum EventLogError: Error, Equatable, Sendable {
    case disk(DiskError)
    case corrupt(CorruptionError)
    /// The log was closed.
    case closed
    /// The position lies before what is kept.
    case released(LogPosition)
}
