internal import Base
internal import Disk
internal import Glibc
internal import PartFormat
internal import Store

/// A part that a command looks at.
struct PartPlace {
    /// Where it is, which is also what errors call it.
    let path: String
    /// What a manifest says of it; nil where there is none.
    let entry: PartEntry?
}

/// What a path names: a part, a folder of parts, or a data directory (or a snapshot of one).
struct Source {
    enum Kind { case part, folder, dataDirectory }

    let path: String
    let kind: Kind
    let disk: any Disk
    /// What the manifest says; nil where there is none.
    private(set) var manifest: ManifestFrames.Contents?
    /// Ascending by table, partition and number.
    private(set) var parts: [PartPlace] = []
    /// The data directory that the manifest is of.
    private var root: String

    /// Looks at what stands at the path; reads the manifest, but no part.
    init(_ path: String, disk: any Disk = LinuxDisk()) throws(ToolError) {
        self.path = path
        self.disk = disk
        root = path
        let isFolder = try Source.isFolder(path, disk)
        if !isFolder {
            kind = .part
            parts = [PartPlace(path: path, entry: nil)]
            return
        }
        let names = Set(try reading(path) { () throws(DiskError) in try disk.list(path) })
        if names.contains(Container.name(file: 0)) {
            kind = .part
            parts = [PartPlace(path: path, entry: nil)]
        } else if names.contains(FileNames.format) || names.contains(FileNames.manifest) {
            kind = .dataDirectory
            try DataFormat.require(path, disk)
            try readManifest()
            if manifest == nil { parts = try found(in: "\(path)/\(FileNames.tables)", depth: 3) }
        } else {
            kind = .folder
            try findParts(names)
        }
    }

    private static func isFolder(_ path: String, _ disk: any Disk) throws(ToolError) -> Bool {
        try reading(path) { () throws(DiskError) in
            guard try disk.exists(path) else {
                throw DiskError(
                    operation: "open", path: path, code: ENOENT, message: "there is no such file")
            }
            return try disk.isDirectory(path)
        }
    }

    /// The parts of a table's or a partition's folder: those that the manifest of its data
    /// directory names, or all files of that name where there is none.
    private mutating func findParts(_ names: Set<String>) throws(ToolError) {
        let words = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for count in 2...3 where words.count >= count {
            let start = words.count - count
            guard words[start] == FileNames.tables else { continue }
            let root = words[..<start].joined(separator: "/")
            self.root = start == 0 ? "." : root.isEmpty ? "/" : root
            try readManifest()
            guard manifest != nil else { break }
            let prefix = words[start...].joined(separator: "/") + "/"
            parts.removeAll { $0.entry.map { !"\($0.folder)/".hasPrefix(prefix) } ?? true }
            return
        }
        parts = try found(in: path, depth: 3)
        guard !parts.isEmpty else {
            throw .cannotRead("\(path) is no part, and there are no parts in it")
        }
    }

    private mutating func readManifest() throws(ToolError) {
        let disk = disk
        let file = "\(root)/\(FileNames.manifest)"
        let isThere = try reading(file) { () throws(DiskError) in try disk.exists(file) }
        guard isThere else { return }
        let contents = ManifestFrames.read(try wholeFile(file, disk))
        manifest = contents
        let prefix = root == "." ? "" : root == "/" ? "/" : root + "/"
        parts = contents.state.parts.values.sorted(by: Source.precedes).map {
            PartPlace(path: prefix + $0.path, entry: $0)
        }
    }

    private static func precedes(_ left: PartEntry, _ right: PartEntry) -> Bool {
        if left.table != right.table { return left.table < right.table }
        if left.partition != right.partition { return left.partition < right.partition }
        return left.number < right.number
    }

    /// All parts below a folder, by their names.
    private func found(in folder: String, depth: Int) throws(ToolError) -> [PartPlace] {
        let disk = disk
        guard try reading(folder, { () throws(DiskError) in try disk.exists(folder) }) else {
            return []
        }
        let names = try reading(folder) { () throws(DiskError) in try disk.list(folder) }
        var places: [PartPlace] = []
        for name in names {
            let path = "\(folder)/\(name)"
            if name.hasSuffix(FileNames.partSuffix) {
                places.append(PartPlace(path: path, entry: nil))
            } else if depth > 0,
                try reading(path, { () throws(DiskError) in try disk.isDirectory(path) })
            {
                places += try found(in: path, depth: depth - 1)
            }
        }
        return places
    }

    /// Leaves only the parts of some tables and partitions, as `--table` and `--partition` say.
    mutating func select(_ arguments: Arguments) throws(ToolError) {
        let tables = arguments.names("table")
        let partitions = arguments.names("partition")
        if tables == nil, partitions == nil { return }
        parts.removeAll { place in
            let folders = place.path.split(separator: "/").map(String.init)
            let table = place.entry?.table ?? folders.dropLast(2).last
            let partition = place.entry?.partition.name ?? folders.dropLast().last
            return tables.map { !$0.contains(table ?? "") } ?? false
                || partitions.map { !$0.contains(partition ?? "") } ?? false
        }
        guard !parts.isEmpty else { throw .cannotRead("\(path) has no such parts") }
    }

    /// The same without some parts.
    func without(_ paths: Set<String>) -> Source {
        var rest = self
        rest.parts.removeAll { paths.contains($0.path) }
        return rest
    }

    /// Whether a part that cannot be found is gone because a merge has replaced it since the
    /// manifest was read.
    func isGone(_ place: PartPlace) -> Bool {
        guard let entry = place.entry else { return (try? disk.exists(place.path)) == false }
        guard let bytes = try? wholeFile("\(root)/\(FileNames.manifest)", disk) else {
            return false
        }
        return ManifestFrames.read(bytes).state.parts[entry.number] == nil
    }

    /// The bytes that the parts have on disk, as far as that is known without opening them.
    var totalBytes: Int {
        parts.reduce(0) { sum, place in
            sum + (place.entry?.byteCount ?? byteCount(of: place.path))
        }
    }

    /// The bytes of a file, or of the files in a folder.
    private func byteCount(of path: String) -> Int {
        if (try? disk.isDirectory(path)) == true {
            return ((try? disk.list(path)) ?? []).reduce(0) { $0 + byteCount(of: "\(path)/\($1)") }
        }
        guard let file = try? File(disk, path, .read) else { return 0 }
        return (try? disk.size(of: file.handle)) ?? 0
    }
}

/// The file FORMAT of a data directory.
enum DataFormat {
    /// Refuses a directory of a newer format; one without the file is read as it is.
    static func require(_ path: String, _ disk: any Disk) throws(ToolError) {
        guard let version = try version(path, disk) else { return }
        guard version <= storeFormatVersion else {
            throw .cannotRead(
                "\(path) has format \(version), newer than \(storeFormatVersion), "
                    + "which is the newest that this weir-part knows")
        }
    }

    /// The version that the file says; nil where it is missing or says something else.
    static func version(_ path: String, _ disk: any Disk) throws(ToolError) -> Int? {
        let file = "\(path)/\(FileNames.format)"
        let isThere = try reading(file) { () throws(DiskError) in try disk.exists(file) }
        guard isThere else { return nil }
        let text = String(decoding: try wholeFile(file, disk), as: UTF8.self)
        let words = text.split(separator: " ")
        guard words.count == 2, words[0] == "weir", words[1].hasSuffix("\n") else { return nil }
        return Int(words[1].dropLast())
    }
}

/// Does something with the disk; what fails there cannot be read.
func reading<Result>(
    _ path: String, _ body: () throws(DiskError) -> Result
) throws(ToolError) -> Result {
    do { return try body() } catch { throw .cannotRead("\(path): \(error.message)") }
}

/// All bytes of a file.
func wholeFile(_ path: String, _ disk: any Disk) throws(ToolError) -> [UInt8] {
    try reading(path) { () throws(DiskError) in
        let file = try File(disk, path, .read)
        let byteCount = try disk.size(of: file.handle)
        if byteCount == 0 { return [] }
        return try disk.read([ReadRange(file: file.handle, offset: 0, byteCount: byteCount)])[0]
    }
}
