internal import Base

/// A file of a `FaultingDisk`: what readers see, and what a power cut leaves.
struct FaultingFile {
    /// A change that no sync has saved yet.
    enum Change {
        case write(offset: Int, bytes: [UInt8])
        case resize(Int)
    }

    let number: Int
    var current: [UInt8] = []
    private var synced: [UInt8] = []
    private var changes: [Change] = []

    init(number: Int) { self.number = number }

    /// A file that is synced as it is.
    init(number: Int, contents: [UInt8]) {
        self.number = number
        current = contents
        synced = contents
    }

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        if bytes.isEmpty { return }
        changes.append(.write(offset: offset, bytes: bytes))
        Self.apply(bytes[...], at: offset, to: &current)
    }

    mutating func resize(_ byteCount: Int) {
        changes.append(.resize(byteCount))
        Self.resize(&current, byteCount)
    }

    mutating func sync() {
        for change in changes {
            switch change {
            case .write(let offset, let bytes): Self.apply(bytes[...], at: offset, to: &synced)
            case .resize(let byteCount): Self.resize(&synced, byteCount)
            }
        }
        changes = []
    }

    /// Some of the changes reach the disk, the others never will.
    mutating func failSync(keeping share: Double, _ random: inout SeededRandom) {
        synced = afterPowerCut(keeping: share, &random)
        changes = []
    }

    /// The bytes that are left: each sector has taken the changes up to a random one, and so has
    /// the size.
    func afterPowerCut(
        keeping share: Double, flipping: Double = 0, _ random: inout SeededRandom
    ) -> [UInt8] {
        if changes.isEmpty { return synced }
        var result = synced
        var sizes = [synced.count]
        var size = synced.count
        for change in changes {
            switch change {
            case .write(let offset, let bytes): size = max(size, offset + bytes.count)
            case .resize(let byteCount): size = byteCount
            }
            sizes.append(size)
        }
        let greatest = sizes.max() ?? 0
        Self.resize(&result, max(greatest, synced.count))
        for sector in stride(from: 0, to: greatest, by: FaultingDisk.sectorBytes) {
            let end = min(sector + FaultingDisk.sectorBytes, result.count)
            let taken = prefixLength(keeping: share, &random)
            for change in changes.prefix(taken) {
                Self.apply(change, to: &result, in: sector..<end)
            }
        }
        Self.resize(&result, sizes[prefixLength(keeping: share, &random)])
        if flipping > 0 { flip(&result, flipping, &random) }
        return result
    }

    /// Inverts bits of what was written and not synced, and of nothing else.
    private func flip(
        _ bytes: inout [UInt8], _ probability: Double, _ random: inout SeededRandom
    ) {
        for case .write(let offset, let more) in changes {
            let end = min(offset + more.count, bytes.count)
            for start in stride(from: offset, to: end, by: FaultingDisk.sectorBytes)
            where random.chance(probability) {
                let count = min(FaultingDisk.sectorBytes, end - start)
                bytes[start + random.below(count)] ^= 1 << UInt8(random.below(8))
            }
        }
    }

    /// How many of the changes have come through: all with the probability `share`, else fewer.
    private func prefixLength(keeping share: Double, _ random: inout SeededRandom) -> Int {
        if share == 0 { return 0 }
        if random.chance(share) { return changes.count }
        return Int.random(in: 0...changes.count, using: &random)
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8], in range: Range<Int>) {
        switch change {
        case .write(let offset, let more):
            let part = range.clamped(to: offset..<offset + more.count)
            if part.isEmpty { return }
            apply(
                more[part.lowerBound - offset..<part.upperBound - offset], at: part.lowerBound,
                to: &bytes)
        case .resize(let byteCount):
            for index in range where index >= byteCount { bytes[index] = 0 }
        }
    }

    private static func apply(_ more: ArraySlice<UInt8>, at offset: Int, to bytes: inout [UInt8]) {
        if bytes.count < offset + more.count { resize(&bytes, offset + more.count) }
        bytes.replaceSubrange(offset..<offset + more.count, with: more)
    }

    private static func resize(_ bytes: inout [UInt8], _ byteCount: Int) {
        if byteCount < bytes.count {
            bytes.removeLast(bytes.count - byteCount)
        } else {
            bytes.append(contentsOf: repeatElement(0, count: byteCount - bytes.count))
        }
    }
}

/// The names and files of a `FaultingDisk`.
struct FaultingTree {
    enum Node: Equatable {
        case directory
        case file(Int)
    }

    /// What a change to folders does to one name: names a node, or (nil) nothing any more.
    struct Change {
        var directory: String
        var entries: [(path: String, node: Node?)]
    }

    var files: [Int: FaultingFile] = [:]
    private(set) var current: [String: Node] = ["/": .directory, ".": .directory]
    private var synced: [String: Node] = ["/": .directory, ".": .directory]
    private var changes: [Change] = []
    private var lastNumber = 0
    /// Whether there may be files without a name.
    private var hasUnnamed = false

    /// The bytes of all files.
    var byteCount: Int { files.values.reduce(0) { $0 + $1.current.count } }

    func node(_ path: String) -> Node? { current[normalized(path)] }

    func file(_ path: String) -> FaultingFile? {
        if case .file(let number) = node(path) { return files[number] }
        return nil
    }

    func names(in path: String) -> [String] {
        let path = normalized(path)
        return sortedByBytes(
            current.keys.filter { $0 != "/" && $0 != "." && parentPath(of: $0) == path }
                .map { String($0.split(separator: "/").last ?? "") })
    }

    mutating func createFile(_ path: String) -> Int {
        lastNumber += 1
        files[lastNumber] = FaultingFile(number: lastNumber)
        change(path, [(path, .file(lastNumber))])
        return lastNumber
    }

    mutating func createDirectory(_ path: String) { change(path, [(path, .directory)]) }

    mutating func link(file number: Int, as path: String) {
        change(path, [(path, .file(number))])
    }

    mutating func remove(_ path: String) { change(path, [(path, nil)]) }

    mutating func rename(_ source: String, to target: String) {
        // A folder takes with it what is in it.
        let old = normalized(source)
        let inside = current.filter { $0.key.hasPrefix(old + "/") }
        let gone: [(path: String, node: Node?)] =
            [(old, nil)] + inside.keys.sorted().map { ($0, nil) }
        let come: [(path: String, node: Node?)] =
            [(target, node(source))]
            + inside.sorted { $0.key < $1.key }.map { name, node in
                (normalized(target) + name.dropFirst(old.count), node)
            }
        if parentPath(of: old) == parentPath(of: normalized(target)) {
            change(source, gone + come)
        } else {
            change(target, come)
            change(source, gone)
        }
    }

    mutating func syncDirectory(_ path: String) {
        let path = normalized(path)
        var folderIsGone = false
        for change in changes where change.directory == path {
            for case (let name, nil) in change.entries where synced[name] == .directory {
                folderIsGone = true
            }
            Self.apply(change, to: &synced)
        }
        changes.removeAll { $0.directory == path }
        // What lay in it is gone with it, whether that was synced or not.
        if folderIsGone { synced = synced.filter { hasParents($0.key, in: synced) } }
    }

    /// The tree with only what a power cut leaves, all of it synced.
    func afterPowerCut(
        keeping share: Double, flipping: Double, _ random: inout SeededRandom
    ) -> FaultingTree {
        var names = synced
        for change in changes where share > 0 && random.chance(share) {
            Self.apply(change, to: &names)
        }
        // A file is lost with the folder that it lies in.
        for path in names.keys.sorted() where !hasParents(path, in: names) { names[path] = nil }
        var result = FaultingTree()
        result.lastNumber = lastNumber
        result.current = names
        result.synced = names
        for path in names.keys.sorted() {
            guard case .file(let number) = names[path], let file = files[number] else { continue }
            let contents = file.afterPowerCut(keeping: share, flipping: flipping, &random)
            result.files[number] = FaultingFile(number: number, contents: contents)
        }
        return result
    }

    /// The same tree; what is not synced stays so.
    func copy() -> FaultingTree { self }

    /// Frees the files that have neither a name nor a handle, nor could get a name back.
    mutating func collect(open: some Sequence<Int>) {
        if !hasUnnamed { return }
        var used = Set(open)
        for names in [current, synced] {
            for case .file(let number) in names.values { used.insert(number) }
        }
        for change in changes {
            for case (_, .file(let number)?) in change.entries { used.insert(number) }
        }
        files = files.filter { used.contains($0.key) }
        var named: Set<Int> = []
        for case .file(let number) in current.values { named.insert(number) }
        hasUnnamed = files.keys.contains { !named.contains($0) }
    }

    private mutating func change(_ path: String, _ entries: [(path: String, node: Node?)]) {
        let change = Change(
            directory: parentPath(of: normalized(path)),
            entries: entries.map { (normalized($0.path), $0.node) })
        for entry in change.entries {
            if case .file = current[entry.path] { hasUnnamed = true }
        }
        Self.apply(change, to: &current)
        changes.append(change)
    }

    private static func apply(_ change: Change, to names: inout [String: Node]) {
        for entry in change.entries { names[entry.path] = entry.node }
    }

    private func hasParents(_ path: String, in names: [String: Node]) -> Bool {
        var path = path
        while path != "/", path != "." {
            path = parentPath(of: path)
            if names[path] != .directory { return false }
        }
        return true
    }
}

/// A path without repeated or trailing slashes or parts that are ".".
func normalized(_ path: String) -> String {
    // Most are as they should be, and simulations ask for millions.
    let bytes = Array(path.utf8)
    let slash = UInt8(ascii: "/")
    let isPlain = bytes.indices.dropFirst().allSatisfy { index in
        bytes[index] != slash || (bytes[index - 1] != slash && index + 1 < bytes.count)
    }
    if isPlain, bytes.first == slash, !path.utf8.contains(UInt8(ascii: ".")) || !path.contains("/.")
    {
        return path
    }
    let parts = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    if path.hasPrefix("/") { return "/" + parts }
    return parts.isEmpty ? "." : parts
}
