package import Base
internal import Disk
package import Expressions
internal import Glibc
package import PartFormat
internal import Synchronization

/// A part on disk: immutable rows of one partition of one table, sorted by the table's key.
///
/// The files stay as long as a view names the part: once a manifest no longer does, they are
/// unlinked when the last of them lets go. Dictionaries are decoded once and kept.
package final class Part: TablePart {
    /// What a part tells the store when its bytes turn out to be damaged.
    typealias DamageReport = @Sendable (Part, CorruptionError) -> Void

    private struct Cache {
        var dictionaries: [Int: StringTable] = [:]
        /// By column that follows another one.
        var maps: [Int: [UInt32]] = [:]
        /// By file of the part.
        var handles: [Int: FileHandle] = [:]
    }

    let entry: PartEntry
    let footer: PartFooter
    private let disk: any Disk
    private let directory: String
    private let handles: HandleBudget
    private let report: DamageReport
    private let cache = Locked(Cache())
    /// Whether the file goes with this object: no manifest names it.
    private let isObsolete = Atomic(false)

    /// The schema that the part was written with.
    package var schema: TableSchema { footer.schema }
    /// How many rows the part holds.
    package var rowCount: Int { footer.rowCount }
    /// How many granules the rows are cut into.
    package var granuleCount: Int { footer.granuleCount }
    /// The least and greatest time of the rows, as the manifest has it.
    package var timeRange: ClosedRange<Milliseconds>? { entry.timeRange }
    /// The flushes whose rows are in it.
    package var flushRange: ClosedRange<UInt64> { entry.flushRange }
    /// The size of the files.
    package var byteCount: Int { entry.byteCount }
    /// The file, or the folder of a wide part, relative to the data directory.
    package var file: String { entry.path }

    init(
        entry: PartEntry, footer: PartFooter, disk: any Disk, directory: String,
        handles: HandleBudget, report: @escaping DamageReport
    ) {
        self.entry = entry
        self.footer = footer
        self.disk = disk
        self.directory = directory
        self.handles = handles
        self.report = report
    }

    deinit {
        for handle in cache.withLock({ $0.handles.values }) {
            disk.close(handle)
            handles.give()
        }
        if isObsolete.load(ordering: .acquiring) {
            // What cannot be unlinked now is deleted at the next start.
            try? disk.removePart("\(directory)/\(entry.path)")
        }
    }

    /// Lets the file go as soon as nobody holds this object; called once no manifest names it.
    func markObsolete() { isObsolete.store(true, ordering: .releasing) }

    /// The rows of a granule; all but the last have as many.
    package func rowCount(granule: Int) -> Int { footer.rowCount(granule: granule) }

    /// What the footer says of a column's values in a granule; reads nothing.
    package func zone(column: Int, granule: Int) -> Zone? {
        footer.zone(column: column, granule: granule)
    }

    /// Whether the column's rows are codes into one dictionary of the part.
    package func hasDictionary(column: Int) -> Bool {
        footer.dictionaryRange(column: column) != nil
    }

    /// The column's dictionary, sorted by bytes; nil if its blocks hold no codes.
    ///
    /// Kept in memory.
    package func dictionary(column: Int) throws(StoreError) -> StringTable? {
        guard hasDictionary(column: column) else { return nil }
        return try dictionaries(columns: [column])[column]
    }

    /// The memory that decoded dictionaries and maps hold.
    var cachedBytes: Int {
        cache.withLock { cache in
            cache.dictionaries.values.reduce(0) { $0 + $1.byteCount }
                + cache.maps.values.reduce(0) { $0 + $1.count * 4 }
        }
    }

    /// Forgets the dictionary of a column; it is read again when it is needed.
    func evict(dictionary column: Int) {
        cache.withLock { $0.dictionaries[column] = nil }
    }

    /// Forgets decoded dictionaries and maps; they are read again when they are needed.
    func evict() {
        cache.withLock { cache in
            cache.dictionaries = [:]
            cache.maps = [:]
        }
    }

    /// Reads columns of granules from the file (see `TablePart`).
    ///
    /// Damage is reported to the store, which sets the part aside, and thrown.
    package func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        var decoder = BlockDecoder()
        return try read(columns: columns, granules: granules, decoder: &decoder)
    }

    /// The same with a decoder that the caller keeps; the codes of some columns come without their
    /// dictionary.
    package func read(
        columns: [Int], granules: [Int], decoder: inout BlockDecoder, codesOnly: Set<Int> = []
    ) throws(StoreError) -> [[Vector]] {
        // What a column follows from is read with it.
        var wanted = columns
        for column in columns {
            guard let source = footer.source(ofColumn: column) else { continue }
            if !wanted.contains(source) { wanted.append(source) }
        }
        let dictionaries = try dictionaries(columns: columns.filter { !codesOnly.contains($0) })
        let maps = try maps(columns: columns)
        var ranges: [FileRange] = []
        for granule in granules {
            for column in wanted {
                ranges.append(
                    FileRange(
                        file: footer.container.file(column: column),
                        bytes: footer.blockRange(column: column, granule: granule)))
            }
        }
        let blocks = try read(ranges)
        // Columns that follow others come behind these.
        let order = wanted.indices.sorted {
            let sources = [wanted[$0], wanted[$1]].map { footer.source(ofColumn: $0) ?? -1 }
            return (min(sources[0], 0), $0) < (min(sources[1], 0), $1)
        }
        var rows: [[Vector]] = []
        for (number, granule) in granules.enumerated() {
            let first = number * wanted.count
            var vectors: [Int: Vector] = [:]
            for position in order {
                let block = blocks[first + position]
                let column = wanted[position]
                var origin: BlockOrigin?
                if let source = footer.source(ofColumn: column), let vector = vectors[source] {
                    origin = BlockOrigin(source: vector, map: maps[column])
                }
                do throws(CorruptionError) {
                    vectors[column] = try decoder.decodeBlock(
                        footer, column: column, granule: granule,
                        bytes: block.span, dictionary: dictionaries[column],
                        origin: origin)
                } catch {
                    throw damaged(error, in: ranges[first + position])
                }
            }
            rows.append(columns.compactMap { vectors[$0] })
        }
        return rows
    }

    /// The maps of the columns that follow others.
    private func maps(columns: [Int]) throws(StoreError) -> [Int: [UInt32]] {
        var found: [Int: [UInt32]] = [:]
        let cached = cache.withLock { $0.maps }
        for column in columns where found[column] == nil {
            guard let bytes = footer.mapRange(column: column) else { continue }
            if let map = cached[column] {
                found[column] = map
                continue
            }
            let range = FileRange(file: footer.container.file(column: column), bytes: bytes)
            let encoded = try read([range])[0]
            var decoder = BlockDecoder()
            do throws(CorruptionError) {
                found[column] = try decoder.decodeMap(
                    footer, column: column, bytes: encoded.span)
            } catch {
                throw damaged(error, in: range)
            }
        }
        if found.isEmpty { return found }
        let decoded = found
        cache.withLock { cache in cache.maps.merge(decoded) { kept, _ in kept } }
        return found
    }

    private func dictionaries(columns: [Int]) throws(StoreError) -> [Int: StringTable] {
        var found: [Int: StringTable] = [:]
        var missing: [(column: Int, range: FileRange)] = []
        let cached = cache.withLock { $0.dictionaries }
        for column in columns {
            guard let range = footer.dictionaryRange(column: column) else { continue }
            if let dictionary = cached[column] {
                found[column] = dictionary
            } else if !missing.contains(where: { $0.column == column }) {
                let file = footer.container.file(column: column)
                missing.append((column, FileRange(file: file, bytes: range)))
            }
        }
        if missing.isEmpty { return found }
        let bytes = try read(missing.map(\.range))
        var decoder = BlockDecoder()
        for (index, (column, range)) in missing.enumerated() {
            let encoded = bytes[index]
            do throws(CorruptionError) {
                found[column] = try decoder.decodeDictionary(
                    footer, column: column, bytes: encoded.span)
            } catch {
                throw damaged(error, in: range)
            }
        }
        let decoded = found
        cache.withLock { cache in cache.dictionaries.merge(decoded) { kept, _ in kept } }
        return found
    }

    /// The decoder has placed the error in the file already.
    func damaged(_ error: CorruptionError, in range: FileRange) -> StoreError {
        let located = error.located(in: entry.path(file: range.file))
        report(self, located)
        return .corrupt(located)
    }
}

/// Bytes of one of the files of a part.
struct FileRange {
    var file: Int
    var bytes: Range<Int>
}

extension Part {
    /// Reads ranges of the files, all at once.
    func read(_ ranges: [FileRange]) throws(StoreError) -> [[UInt8]] {
        var opened = OpenFiles()
        defer { for handle in opened.ownHandles { disk.close(handle) } }
        do throws(DiskError) {
            for range in ranges { try open(range.file, &opened) }
            return try disk.read(
                ranges.map { range in
                    ReadRange(
                        file: opened.handles[range.file] ?? FileHandle(number: -1),
                        offset: range.bytes.lowerBound, byteCount: range.bytes.count)
                })
        } catch {
            // A file that ends early was cut, and one that is not there was deleted: no retry will
            // read it.
            guard error.code == 0 || error.code == ENOENT, let first = ranges.first else {
                throw .disk(error)
            }
            throw damaged(
                CorruptionError(
                    offset: 0, expected: "the whole part of \(entry.byteCount) bytes",
                    found: "a shorter or missing file"),
                in: FileRange(file: first.file, bytes: 0..<0))
        }
    }

    /// The files that a read uses.
    private struct OpenFiles {
        var handles: [Int: FileHandle] = [:]
        /// Those that are closed after it.
        var ownHandles: [FileHandle] = []
    }

    /// Opens a file; it is kept open while the store may keep that many.
    private func open(_ file: Int, _ opened: inout OpenFiles) throws(DiskError) {
        if opened.handles[file] != nil { return }
        if let handle = cache.withLock({ $0.handles[file] }) {
            opened.handles[file] = handle
            return
        }
        let handle = try disk.open("\(directory)/\(entry.path(file: file))", .read)
        if !handles.take() {
            opened.handles[file] = handle
            opened.ownHandles.append(handle)
            return
        }
        let winner = cache.withLock { cache in
            if let other = cache.handles[file] { return other }
            cache.handles[file] = handle
            return handle
        }
        if winner != handle {
            disk.close(handle)
            handles.give()
        }
        opened.handles[file] = winner
    }
}

/// How many files the parts of a store may keep open; those beyond open theirs for each read.
final class HandleBudget: Sendable {
    private let free: Atomic<Int>

    init(_ count: Int) { free = Atomic(count) }

    /// Takes one; false if there is none left.
    func take() -> Bool {
        if free.subtract(1, ordering: .relaxed).newValue >= 0 { return true }
        give()
        return false
    }

    func give() { free.add(1, ordering: .relaxed) }
}
