package import Base
package import Disk

/// Why the store could not do what it was asked for.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case disk(DiskError)
    /// Bytes of a part or of the manifest are not what the format says.
    case corrupt(CorruptionError)
    /// The directory holds files, but no data of Weir. Nothing in it was touched.
    case foreignDirectory(path: String)
    /// The data was written by a newer version. Nothing in it was touched.
    case newerFormat(path: String, found: String, supported: Int)
    /// Another process has the directory open.
    case locked(path: String)
    /// The log could not be synced up to the position of a commit.
    case logNotSynced(message: String)
    /// What a merge or derivation had read is no longer as it was; it is done anew.
    case superseded
    /// The caller asked for something that no store can do, such as a table named `a/b`.
    case invalid(message: String)

    package var description: String {
        switch self {
        case .disk(let error): error.description
        case .corrupt(let error): error.description
        case .foreignDirectory(let path):
            "\(path) is not empty and holds no data of Weir; nothing was touched"
        case .newerFormat(let path, let found, let supported):
            "\(path) has format \(found), newer than \(supported); nothing was touched"
        case .locked(let path): "\(path) is in use by another process"
        case .logNotSynced(let message): "the log could not be synced: \(message)"
        case .superseded: "what was read is no longer so"
        case .invalid(let message): message
        }
    }
}
