package import Base
internal import Disk
package import Expressions
package import PartFormat
internal import Synchronization

/// A part on disk: immutable rows of one partition of one table, sorted by the table's key.
///
/// The file stays as long as a view names the part: once a manifest no longer does, the file is
/// unlinked when the last of them lets go. Dictionaries are decoded once and kept.
package final class Part: TablePart {
    /// What a part tells the store when its bytes turn out to be damaged.
    typealias DamageReport = @Sendable (Part, CorruptionError) -> Void

    private struct Cache {
        var dictionaries: [Int: StringTable] = [:]
        var handle: FileHandle?
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
    /// The size of the file.
    package var byteCount: Int { entry.byteCount }
    /// The file, relative to the data directory.
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
        if let handle = cache.withLock({ $0.handle }) {
            disk.close(handle)
            handles.give()
        }
        if isObsolete.load(ordering: .acquiring) {
            // What cannot be unlinked now is deleted at the next start.
            try? disk.unlink("\(directory)/\(entry.path)")
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

    /// The memory that decoded dictionaries hold.
    var cachedBytes: Int {
        cache.withLock { $0.dictionaries.values.reduce(0) { $0 + $1.byteCount } }
    }

    /// Forgets decoded dictionaries; they are read again when they are needed.
    func evict() { cache.withLock { $0.dictionaries = [:] } }

    /// Reads columns of granules from the file (see `TablePart`).
    ///
    /// Damage is reported to the store, which sets the part aside, and thrown.
    package func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        var decoder = BlockDecoder()
        return try read(columns: columns, granules: granules, decoder: &decoder)
    }

    /// The same with a decoder that the caller keeps.
    package func read(
        columns: [Int], granules: [Int], decoder: inout BlockDecoder
    ) throws(StoreError) -> [[Vector]] {
        let dictionaries = try dictionaries(columns: columns)
        var ranges: [Range<Int>] = []
        for granule in granules {
            for column in columns {
                ranges.append(footer.blockRange(column: column, granule: granule))
            }
        }
        let blocks = try read(ranges)
        var rows: [[Vector]] = []
        var index = 0
        for granule in granules {
            var vectors: [Vector] = []
            for column in columns {
                let block = blocks[index]
                do throws(CorruptionError) {
                    vectors.append(
                        try decoder.decodeBlock(
                            footer, column: column, granule: granule, bytes: block.span,
                            dictionary: dictionaries[column]))
                } catch {
                    throw damaged(error, base: ranges[index].lowerBound)
                }
                index += 1
            }
            rows.append(vectors)
        }
        return rows
    }

    private func dictionaries(columns: [Int]) throws(StoreError) -> [Int: StringTable] {
        var found: [Int: StringTable] = [:]
        var missing: [(column: Int, range: Range<Int>)] = []
        let cached = cache.withLock { $0.dictionaries }
        for column in columns {
            guard let range = footer.dictionaryRange(column: column) else { continue }
            if let dictionary = cached[column] {
                found[column] = dictionary
            } else if !missing.contains(where: { $0.column == column }) {
                missing.append((column, range))
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
                throw damaged(error, base: range.lowerBound)
            }
        }
        let decoded = found
        cache.withLock { cache in cache.dictionaries.merge(decoded) { kept, _ in kept } }
        return found
    }

    private func damaged(_ error: CorruptionError, base: Int) -> StoreError {
        let located = error.located(in: entry.path, base: base)
        report(self, located)
        return .corrupt(located)
    }
}

extension Part {
    /// Reads ranges of the file, all at once.
    private func read(_ ranges: [Range<Int>]) throws(StoreError) -> [[UInt8]] {
        do throws(DiskError) {
            let (handle, isKept) = try openHandle()
            defer { if !isKept { disk.close(handle) } }
            return try disk.read(
                ranges.map {
                    ReadRange(file: handle, offset: $0.lowerBound, byteCount: $0.count)
                })
        } catch {
            // A file that ends early was cut: no retry will read it.
            if error.code == 0 {
                throw damaged(
                    CorruptionError(
                        offset: entry.byteCount, expected: "\(entry.byteCount) bytes",
                        found: "a shorter file"), base: 0)
            }
            throw .disk(error)
        }
    }

    /// The file's handle; kept open while the store may keep that many.
    private func openHandle() throws(DiskError) -> (FileHandle, isKept: Bool) {
        if let handle = cache.withLock({ $0.handle }) { return (handle, true) }
        let handle = try disk.open("\(directory)/\(entry.path)", .read)
        if !handles.take() { return (handle, false) }
        let winner = cache.withLock { cache in
            if let other = cache.handle { return other }
            cache.handle = handle
            return handle
        }
        if winner != handle {
            disk.close(handle)
            handles.give()
        }
        return (winner, true)
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
