// The names of the on-disk layout, all in one place. `format-spec.md` draws the tree.

/// Names of files and folders of a data directory, relative to it.
package enum FileNames {
    /// Locked by the process that has the directory open.
    package static let lock = "LOCK"
    /// Says that the directory is Weir's, and the version of its format.
    package static let format = "FORMAT"
    /// The record of all commits and merges.
    package static let manifest = "manifest"
    /// The folder of parts: a folder for each table, and in it one for each partition.
    package static let tables = "tables"
    /// The folder that damaged files are moved to.
    package static let quarantine = "quarantine"
    /// How the name of a report in `quarantine` ends.
    static let reportSuffix = ".json"
    /// The folder of the event log's segments, which the store never touches.
    package static let log = "log"
    /// The folder of snapshots, each a data directory of its own.
    package static let snapshots = "snapshots"
    /// Says of a snapshot what it is.
    package static let snapshot = "SNAPSHOT"
    /// A file of zeros whose space the manifest gets when the disk is full.
    package static let reserve = "RESERVE"
    /// A file that is being written and will be renamed; worthless after a crash.
    package static let temporarySuffix = ".temporary"
    /// How the name of a part ends.
    package static let partSuffix = ".part"
    /// What `mkfs` leaves in the root of a file system.
    static let lostAndFound = "lost+found"

    /// The content of `FORMAT` for a version: its only line.
    static func formatText(version: Int) -> String { "weir \(version)\n" }

    /// Whether a table of that name can have a folder: letters, digits, `_`, `-`, 1 to 128 bytes.
    static func isTableName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// The version of the on-disk format that this program writes, and the newest that it reads.
///
/// It reads all versions from 1 on.
package let storeFormatVersion = 3
