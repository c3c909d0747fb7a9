internal import Base
internal import Disk

/// The files of a data directory against what its manifest names.
struct DirectoryListing {
    /// A file, or the folder of a wide part, whose name is that of a part.
    struct PartFile: Hashable {
        /// Relative to the data directory.
        var path: String
        var table: String
        /// The name of the folder.
        var partition: String
        var number: UInt64
        /// The greatest flush of its rows, as the name has it.
        var flush: UInt64
    }

    /// All that are named as parts are.
    private(set) var parts: [PartFile] = []
    /// What was being written.
    private(set) var temporary: [String] = []
    /// What Weir does not write; it is left alone.
    private(set) var foreign: [String] = []
    private(set) var emptyFolders: [String] = []

    /// Reads all folders of parts.
    init(_ directory: String, _ disk: any Disk) throws(DiskError) {
        for name in try disk.list(directory) where name.hasSuffix(FileNames.temporarySuffix) {
            temporary.append(name)
        }
        for table in try Self.folders(in: FileNames.tables, directory, disk) {
            for folder in try Self.folders(in: table, directory, disk) {
                let names = try disk.list("\(directory)/\(folder)")
                if names.isEmpty { emptyFolders.append(folder) }
                for name in names { add(name, folder) }
            }
        }
    }

    private mutating func add(_ name: String, _ folder: String) {
        let path = "\(folder)/\(name)"
        if name.hasSuffix(FileNames.temporarySuffix) {
            temporary.append(path)
            return
        }
        let names = folder.split(separator: "/")
        let words = name.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = words[0].split(separator: "-", omittingEmptySubsequences: false)
        guard words.count == 2, ".\(words[1])" == FileNames.partSuffix, numbers.count == 2,
            let flush = UInt64(numbers[0]), let number = UInt64(numbers[1]), number < .max
        else {
            foreign.append(path)
            return
        }
        parts.append(
            PartFile(
                path: path, table: String(names[1]), partition: String(names[2]), number: number,
                flush: flush))
    }

    private static func folders(
        in folder: String, _ directory: String, _ disk: any Disk
    ) throws(DiskError) -> [String] {
        let path = "\(directory)/\(folder)"
        guard try disk.exists(path) else { return [] }
        var found: [String] = []
        for name in try disk.list(path) {
            if try disk.isDirectory("\(path)/\(name)") { found.append("\(folder)/\(name)") }
        }
        return found
    }

    /// Above every number that a file has: a number once used is not used again, even if its record
    /// was lost.
    var nextPartNumber: UInt64 { (parts.map(\.number).max() ?? 0) + 1 }

    /// The files that no entry names.
    func unnamed(_ state: ManifestState) -> [PartFile] {
        let named = Set(state.parts.values.map(\.path))
        return parts.filter { !named.contains($0.path) }
    }

    /// The entries that no file is there for.
    func missing(_ state: ManifestState) -> [PartEntry] {
        let found = Set(parts.map(\.path))
        return state.parts.values.filter { !found.contains($0.path) }
    }

    /// Whether files tell that the manifest lacks records although it reads well: after a crash
    /// only those of the one flush are unnamed that was not committed, and of merges and
    /// derivations whose inputs are all there.
    func lacksRecords(_ manifest: ManifestFrames.Contents) -> Bool {
        let unnamed = unnamed(manifest.state).filter { !manifest.removed.contains($0.number) }
        let last = manifest.state.lastCommit?.flushNumber ?? 0
        if unnamed.contains(where: { $0.flush > last + 1 }) { return true }
        if unnamed.isEmpty { return false }
        let missing = Set(missing(manifest.state).map(\.table))
        return unnamed.contains { missing.contains($0.table) }
    }
}
