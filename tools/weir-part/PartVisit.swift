internal import Base
internal import Disk
internal import Expressions
internal import Glibc
internal import PartFormat
internal import Store

/// Passes over the parts of a source; damage is told, and the next part follows.
struct PartVisit {
    let source: Source
    let findings: Findings
    let console: Console
    /// Parts that a merge replaced while the tool ran.
    private(set) var goneCount = 0
    /// Parts whose visit ended early.
    private(set) var badPaths: Set<String> = []

    init(_ source: Source, _ findings: Findings, _ console: Console) {
        self.source = source
        self.findings = findings
        self.console = console
        console.totalBytes = source.totalBytes
    }

    /// Opens each part and hands it over; what the body throws ends the visit of that part.
    mutating func forEach(
        _ body: (PartFiles, PartPlace) throws(StoreError) -> Void
    ) throws(ToolError) {
        for place in source.parts {
            do throws(StoreError) {
                try body(
                    try PartFiles(place.path, name: place.path, disk: source.disk), place)
            } catch {
                badPaths.insert(place.path)
                try take(error, place)
            }
        }
    }

    /// Tells what went wrong with a part, unless it is only gone.
    mutating func take(_ error: StoreError, _ place: PartPlace) throws(ToolError) {
        switch error {
        case .corrupt(let error):
            // A part that was read while it was being unlinked may look damaged.
            if place.entry != nil, source.isGone(place) {
                goneCount += 1
            } else {
                findings.add(error)
            }
        case .disk(let error) where error.code == ENOENT:
            if source.isGone(place) {
                goneCount += 1
            } else if source.kind == .part, error.path == place.path {
                throw .cannotRead("\(place.path): \(error.message)")
            } else {
                findings.add(error.path, 0, expected: "a file", found: "none")
            }
        case .disk(let error):
            if error.operation == "open" { throw .cannotRead("\(error)") }
            findings.add(error.path, 0, expected: "bytes that can be read", found: error.message)
        default: throw .cannotRead("\(error)")
        }
    }

    /// What is to be said at the end of parts that went meanwhile.
    var note: String? {
        goneCount == 0
            ? nil : "\(goneCount) parts were replaced by merges meanwhile, and passed over"
    }
}

/// Reads the columns of one part, keeping its decoder and dictionaries.
struct ColumnReader: ~Copyable {
    /// So much is read at once.
    private static let batchBytes = 4 << 20
    private static let batchGranules = 1_024

    let part: PartFiles
    private var decoder = BlockDecoder()
    private var dictionaries: [Int: StringTable] = [:]
    /// Of columns that follow from others.
    private var maps: [Int: [UInt32]] = [:]
    private var badDictionaries: Set<Int> = []
    /// Column and granule of the damaged blocks that were told.
    private var toldBlocks: Set<[Int]> = []
    private let findings: Findings
    private let console: Console
    /// Blocks that could not be decoded.
    private(set) var badBlockCount = 0

    init(_ part: PartFiles, _ findings: Findings, _ console: Console) {
        self.part = part
        self.findings = findings
        self.console = console
    }

    /// Runs of granules whose blocks of a column are read at once.
    func batches(column: Int) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var start = 0
        var byteCount = 0
        for granule in 0..<part.footer.granuleCount {
            let size = part.footer.blockRange(column: column, granule: granule).count
            let isFull = byteCount + size > Self.batchBytes || granule - start == Self.batchGranules
            if isFull, granule > start {
                batches.append(start..<granule)
                (start, byteCount) = (granule, 0)
            }
            byteCount += size
        }
        if start < part.footer.granuleCount { batches.append(start..<part.footer.granuleCount) }
        return batches
    }

    /// The stored bytes of a column's blocks.
    func blocks(column: Int, _ batch: Range<Int>) throws(StoreError) -> [[UInt8]] {
        try part.blocks(column: column, granules: batch)
    }

    /// The columns of one granule; nil where a block is damaged.
    mutating func read(columns: [Int], granule: Int) throws(StoreError) -> [Vector?] {
        var vectors: [Vector?] = []
        for column in columns {
            let blocks = try part.blocks(column: column, granules: granule..<granule + 1)
            vectors.append(try decode(column, granule, blocks[0]))
        }
        return vectors
    }

    /// The values of a block; nil where it is damaged.
    mutating func decode(
        _ column: Int, _ granule: Int, _ block: [UInt8]
    ) throws(StoreError) -> Vector? {
        console.advance(block.count)
        var origin: BlockOrigin?
        var isReady = try loadDictionary(column)
        if isReady { isReady = try loadOrigin(column, granule, &origin) }
        guard isReady else {
            badBlockCount += 1
            return nil
        }
        do throws(CorruptionError) {
            return try decoder.decodeBlock(
                part.footer, column: column, granule: granule, bytes: block.span,
                dictionary: dictionaries[column], origin: origin)
        } catch {
            badBlockCount += 1
            tell(error, column, granule)
            return nil
        }
    }

    /// Tells of a damaged block once, although it is met again with what follows from it.
    private mutating func tell(_ error: CorruptionError, _ column: Int, _ granule: Int) {
        guard toldBlocks.insert([column, granule]).inserted else { return }
        findings.add(error.located(in: part.name(file: file(column))))
    }

    /// Whether what the column follows from, if it does, can be read.
    private mutating func loadOrigin(
        _ column: Int, _ granule: Int, _ origin: inout BlockOrigin?
    ) throws(StoreError) -> Bool {
        let footer = part.footer
        guard let source = footer.source(ofColumn: column) else { return true }
        if try !loadDictionary(source) { return false }
        let block = try part.blocks(column: source, granules: granule..<granule + 1)[0]
        let vector: Vector
        do throws(CorruptionError) {
            vector = try decoder.decodeBlock(
                footer, column: source, granule: granule, bytes: block.span,
                dictionary: dictionaries[source])
        } catch {
            tell(error, source, granule)
            return false
        }
        origin = BlockOrigin(source: vector, map: maps[column])
        return true
    }

    /// Whether the column's dictionary and map, if it has them, can be read.
    private mutating func loadDictionary(_ column: Int) throws(StoreError) -> Bool {
        if badDictionaries.contains(column) { return false }
        guard dictionaries[column] == nil,
            let range = part.footer.dictionaryRange(column: column)
        else { return true }
        console.advance(range.count)
        do throws(StoreError) {
            dictionaries[column] = try part.dictionary(column: column, &decoder)
            maps[column] = try part.map(column: column, &decoder)
            return true
        } catch {
            guard case .corrupt(let damage) = error else { throw error }
            findings.add(damage)
            badDictionaries.insert(column)
            return false
        }
    }

    /// Lets the column's dictionary go.
    mutating func forget(column: Int) {
        dictionaries[column] = nil
        maps[column] = nil
    }

    private func file(_ column: Int) -> Int { part.footer.container.file(column: column) }
}
