/// Bytes that are not what the format says: where, what was expected and what was found.
package struct CorruptionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, relative to the data directory; empty while only bytes are known.
    package var file: String
    /// The byte offset within the file (or within the bytes that were decoded).
    package var offset: Int
    /// What the format wants at that offset, to complete "expected …".
    package var expected: String
    /// What stands there instead, to complete "found …".
    package var found: String

    package init(file: String = "", offset: Int, expected: String, found: String) {
        self.file = file
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    package var description: String {
        let place = file.isEmpty ? "offset \(offset)" : "\(file), offset \(offset)"
        return "\(place): expected \(expected), found \(found)"
    }

    /// The same error, located in `file` and moved by `base` bytes.
    package func located(in file: String, base: Int = 0) -> CorruptionError {
        CorruptionError(file: file, offset: offset + base, expected: expected, found: found)
    }
}
