package import Base
package import Disk

/// Why the log could not do what it was asked.
package enum EventLogError: Error, Equatable, Sendable, CustomStringConvertible {
    case disk(DiskError)
    case corrupt(CorruptionError)
    /// The log was closed.
    case closed
    /// The position lies before what is kept.
    case released(LogPosition)

    package var description: String {
        switch self {
        case .disk(let error): error.description
        case .corrupt(let error): error.description
        case .closed: "the log is closed"
        case .released(let position): "position \(position) lies before what the log keeps"
        }
    }
}
