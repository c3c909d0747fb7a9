// The names of the on-disk layout, all in one place. `format-spec.md` draws the tree.

/// Names of files and folders of a data directory, relative to it.
package enum FileNames {
    package static let lock = "LOCK"
    package static let format = "FORMAT"
    package static let manifest = "manifest"
    package static let tables = "tables"
    package static let quarantine = "quarantine"
    package static let log = "log"
    /// A file that is being written and will be renamed; worthless after a crash.
    package static let temporarySuffix = ".temporary"
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
package let storeFormatVersion = 1
