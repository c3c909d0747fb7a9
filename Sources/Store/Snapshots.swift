package import Base
internal import PartFormat

/// A snapshot of the data directory: a data directory of its own, as of one instant.
package struct SnapshotInfo: Sendable, Equatable {
    /// The name of its folder.
    package var name: String
    /// When it was asked for, by the clock.
    package var created: Milliseconds
    /// How many parts it names.
    package var partCount: Int
    /// What its files take; most of it is shared with the data directory as long as that has them.
    package var byteCount: Int

    /// The content of the file that tells of the snapshot.
    var text: String {
        "weir snapshot\ncreated \(created)\nparts \(partCount)\nbytes \(byteCount)\n"
    }

    init(name: String, created: Milliseconds, partCount: Int, byteCount: Int) {
        self.name = name
        self.created = created
        self.partCount = partCount
        self.byteCount = byteCount
    }

    /// Reads what `text` wrote; nil if it is something else.
    init?(name: String, text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 5, lines[0] == "weir snapshot", lines[4].isEmpty else { return nil }
        var numbers: [Int] = []
        for (line, word) in zip(lines.dropFirst(), ["created", "parts", "bytes"]) {
            guard line.hasPrefix(word + " "), let number = Int(line.dropFirst(word.count + 1))
            else { return nil }
            numbers.append(number)
        }
        self.init(
            name: name, created: Milliseconds(numbers[0]), partCount: numbers[1],
            byteCount: numbers[2])
    }
}

/// Why a snapshot could not be made, removed or listed.
package enum SnapshotError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A name that cannot be that of a folder.
    case invalidName(String)
    case exists(String)
    case missing(String)
    /// The disk, or the log, did not do what was asked; nothing is left of the snapshot.
    case failed(message: String)

    package var description: String {
        switch self {
        case .invalidName(let name):
            "'\(name)' cannot name a snapshot: use 1 to 128 letters, digits, - and _"
        case .exists(let name): "there is a snapshot '\(name)'"
        case .missing(let name): "there is no snapshot '\(name)'"
        case .failed(let message): message
        }
    }
}
