package import Base
internal import Codecs
package import Expressions

/// Makes the bytes of a part, granule by granule, in the order of its files.
///
/// The caller sorts the rows, and takes the bytes of each file whenever it likes; a file is their
/// sequence. A packed part has one file, a wide one others for its columns.
/// A column that is to hold codes gets its dictionary at the start, sorted by bytes, distinct; its
/// vectors are then `.codes` into that dictionary. Vectors of any other string column may be
/// `.strings` or `.codes` with a dictionary of their own.
///
/// 1. `append` encodes a block a column, and keeps the blocks apart by column.
/// 2. Once they exceed `stripeBytes`, the stripe is written: all blocks of the first column, then
///    of the second, …; so a scan of few columns reads few and long ranges of a packed part.
/// 3. `finish` writes the last stripe, the footer and the postscript.
package struct PartWriter: ~Copyable {
    /// The table that the rows are of.
    package let schema: TableSchema
    private let options: PartWriterOptions
    private let timeColumn: Int
    private var encoder: BlockEncoder
    private var correlations: Correlations
    private var granuleStarts = [0]
    private var columns: [ColumnIndex]
    /// The blocks of the open stripe, by column; their offsets in `columns` count from there.
    private var stripe: [[UInt8]]
    /// The first granule of the open stripe.
    private var stripeStart = 0
    private var stripeBytes = 0
    private var timeRange: ClosedRange<Milliseconds>?
    /// Of the columns that have filters, and the granule with which those that are open begin.
    private var builders: [FilterBuilder] = []
    private var filtersStart = 0
    private var filters: [PartFilter] = []
    private let dictionaries: [Int: StringTable]
    /// Made and not taken yet, by file.
    private var outputs: [[UInt8]]
    /// How many bytes of each file were taken.
    private var takenBytes: [Int]
    private var isFinished = false

    /// Rows appended so far.
    package var rowCount: Int { granuleStarts[granuleStarts.count - 1] }

    /// Bytes made so far, taken or not, and the blocks of the open stripe.
    package var byteCount: Int {
        takenBytes.reduce(0, +) + outputs.reduce(0) { $0 + $1.count } + stripeBytes
    }

    /// How many files the part has.
    package var fileCount: Int { outputs.count }

    /// Begins a part; `dictionaries` are by column index, each within `PartLimits`.
    ///
    /// Of `rowCount` rows expected it depends whether a column may follow from another.
    package init(
        schema: TableSchema, dictionaries: [Int: StringTable] = [:], rowCount: Int = 0,
        options: PartWriterOptions = PartWriterOptions()
    ) {
        guard let timeColumn = schema.columnIndex(schema.timeColumn, type: .timestamp) else {
            fatalError("table \(schema.name) has no column \(schema.timeColumn)")
        }
        invariant(schema.columns.count <= PartLimits.columnsMax)
        invariant(options.granuleRows > 0 && options.granuleRows <= CodecLimits.valuesMax)
        invariant(options.granuleBytes <= CodecLimits.bodyBytesMax / 2)
        self.schema = schema
        self.options = options
        self.timeColumn = timeColumn
        encoder = BlockEncoder(compressionLevel: options.compressionLevel)
        correlations = Correlations(
            entryCounts: dictionaries.mapValues(\.count), rowCount: rowCount,
            entriesLeast: options.correlatedEntriesLeast)
        columns = schema.columns.map { _ in ColumnIndex() }
        stripe = schema.columns.map { _ in [] }
        let container = options.container
        let fileCount = container.fileCount(columns: schema.columns.count)
        outputs = [[UInt8]](repeating: container.header(), count: fileCount)
        takenBytes = [Int](repeating: 0, count: fileCount)
        self.dictionaries = options.hasFilters ? dictionaries : [:]
        for (column, dictionary) in dictionaries.sorted(by: { $0.key < $1.key }) {
            append(dictionary, column: column)
        }
        encoder.releaseBuffers()
        if options.hasFilters { makeBuilders(dictionaries) }
    }

    private mutating func append(_ dictionary: StringTable, column: Int) {
        let type = schema.columns[column].type
        invariant(type == .string || type == .json, "a dictionary of \(type)")
        invariant(dictionary.count <= PartLimits.dictionaryEntriesMax)
        invariant(dictionary.bytes.count <= PartLimits.dictionaryBytesMax)
        expensiveInvariant(
            (1..<max(1, dictionary.count)).allSatisfy {
                dictionary.precedes($0 - 1, dictionary, $0)
            }, "dictionary of \(schema.columns[column].name) is not sorted")
        let file = options.container.file(column: column)
        let start = outputs[file].count
        encoder.append(dictionary: dictionary, to: &outputs[file])
        columns[column].dictionary = ColumnIndex.Dictionary(
            range: start..<outputs[file].count, entryCount: dictionary.count)
    }

    /// Appends one granule of at most `granuleRows` rows: one vector for each column, in order.
    ///
    /// A granule with more bytes of plain strings than `granuleBytes` becomes several.
    package mutating func append(_ granule: [Vector]) {
        invariant(!isFinished && granule.count == schema.columns.count)
        let count = granule.first?.count ?? 0
        invariant(count > 0 && count <= options.granuleRows, "a granule of \(count) rows")
        let stringBytes = granule.indices.reduce(0) {
            columns[$1].dictionary == nil ? $0 + granule[$1].stringBytes : $0
        }
        guard stringBytes > options.granuleBytes, count > 1 else {
            appendWhole(granule, rowCount: count)
            return
        }
        append(granule.map { $0.slice(0..<count / 2) })
        append(granule.map { $0.slice(count / 2..<count) })
    }

    private mutating func appendWhole(_ granule: [Vector], rowCount count: Int) {
        for (column, vector) in granule.enumerated() {
            invariant(vector.count == count, "columns of \(vector.count) and \(count) rows")
            invariant(vector.type == schema.columns[column].type)
            let start = stripe[column].count
            let isCoded = columns[column].dictionary != nil
            let zone = Zone(of: vector, isSorted: isCoded)
            encode(granule, column: column)
            columns[column].offsets.append(Int64(start))
            columns[column].lengths.append(UInt32(stripe[column].count - start))
            columns[column].zones.append(zone)
            stripeBytes += stripe[column].count - start
            if column == timeColumn { extendTimeRange(zone) }
        }
        for index in builders.indices { builders[index].add(granule[builders[index].column]) }
        granuleStarts.append(rowCount + count)
        invariant(granuleStarts.count - 1 <= PartLimits.granulesMax)
        if areFiltersFull { writeFilters() }
        if stripeBytes >= options.stripeBytes { writeStripe() }
    }

    /// Appends the block of a column to the stripe, as what does not follow from another column
    /// where most does.
    private mutating func encode(_ granule: [Vector], column: Int) {
        let vector = granule[column]
        let isCoded = columns[column].dictionary != nil
        switch vector.values {
        case .codes(let codes, _) where isCoded:
            guard let derived = correlations.derive(column: column, granule) else { break }
            encoder.append(codes, following: derived, to: &stripe[column])
            return
        case .integers(let numbers)
        where correlations.isActive && vector.type == .timestamp && column != timeColumn:
            guard case .integers(let times) = granule[timeColumn].values,
                vector.validity == nil, granule[timeColumn].validity == nil
            else { break }
            if encoder.append(numbers, near: times, to: &stripe[column]) {
                columns[column].correlation = ColumnIndex.Correlation(source: timeColumn)
            }
            return
        default: break
        }
        encoder.append(vector, coded: isCoded, to: &stripe[column])
    }

    private mutating func extendTimeRange(_ zone: Zone) {
        guard case .integers(let range) = zone.bounds else { return }
        guard let known = timeRange else {
            timeRange = range
            return
        }
        let least = min(known.lowerBound, range.lowerBound)
        timeRange = least...max(known.upperBound, range.upperBound)
    }

    private mutating func writeStripe() {
        for file in outputs.indices where fileCount == 1 {
            outputs[file].reserveCapacity(outputs[file].count + stripeBytes)
        }
        for column in stripe.indices {
            let file = options.container.file(column: column)
            let base = Int64(takenBytes[file] + outputs[file].count)
            for granule in stripeStart..<columns[column].offsets.count {
                columns[column].offsets[granule] += base
            }
            outputs[file] += stripe[column]
            stripe[column].removeAll(keepingCapacity: true)
        }
        stripeStart = granuleStarts.count - 1
        stripeBytes = 0
    }

    /// Writes what is left, the footer and the postscript; only `takeBytes` may follow.
    package mutating func finish(_ provenance: PartProvenance) {
        invariant(!isFinished)
        if rowCount >= options.filterRowsLeast { writeFilters() }
        writeStripe()
        while let (column, source, map) = correlations.takeNext() {
            let file = options.container.file(column: column)
            let start = outputs[file].count
            encoder.append(map: map, to: &outputs[file])
            let base = takenBytes[file]
            columns[column].correlation = ColumnIndex.Correlation(
                source: source, map: base + start..<base + outputs[file].count)
        }
        let footer = PartFooter(
            container: options.container, schema: schema, granuleStarts: granuleStarts,
            timeRange: timeRange, provenance: provenance, columns: columns, filters: filters)
        let plain = footer.encode()
        invariant(plain.count <= PartLimits.footerBytesMax)
        var stored: [UInt8] = []
        var compressor = ZstdCompressor(level: options.compressionLevel ?? 1)
        let isCompressed =
            options.compressionLevel != nil && compressor.append(plain.span, to: &stored)
        if !isCompressed { stored = plain }
        outputs[0] += stored
        outputs[0] += Postscript.encode(
            storedFooter: stored, footerBytes: plain.count,
            compression: isCompressed ? .zstd : .none, container: options.container)
        isFinished = true
    }

    /// Takes the bytes made since the last call; they are the next ones of that file.
    package mutating func takeBytes(file: Int = 0) -> [UInt8] {
        takenBytes[file] += outputs[file].count
        var taken: [UInt8] = []
        swap(&taken, &outputs[file])
        return taken
    }
}

extension PartWriter {
    /// Filters are for values of many kinds by which rows are not sorted.
    private mutating func makeBuilders(_ dictionaries: [Int: StringTable]) {
        for (index, column) in schema.columns.enumerated()
        where column.role == .value && (column.type == .string || column.type == .json) {
            let entryCount = dictionaries[index]?.count
            if let entryCount, entryCount < options.filterEntriesLeast { continue }
            builders.append(
                FilterBuilder(
                    column: index, entryCount: entryCount,
                    bits: entryCount == nil
                        ? options.filterBitsOfStrings : options.filterBitsOfEntries,
                    hashesMost: options.filterHashesMost))
        }
    }

    private var areFiltersFull: Bool {
        if builders.isEmpty { return false }
        return granuleStarts.count - 1 - filtersStart >= options.filterGranules
            || builders.reduce(0) { $0 + $1.pendingCount } >= options.filterHashesMost
    }

    /// Writes the filters of the granules since the last ones, behind a stripe that ends with them.
    private mutating func writeFilters() {
        let granules = filtersStart..<granuleStarts.count - 1
        if builders.isEmpty || granules.isEmpty { return }
        writeStripe()
        filtersStart = granules.upperBound
        // Those that hold hashes give them up before the others make theirs.
        let order = builders.indices.sorted {
            (builders[$0].pendingCount, $1) > (builders[$1].pendingCount, $0)
        }
        for index in order {
            let column = builders[index].column
            let file = options.container.file(column: column)
            let offset = takenBytes[file] + outputs[file].count
            if let shape = builders[index].finish(dictionaries[column], into: &outputs[file]) {
                filters.append(
                    PartFilter(column: column, granules: granules, offset: offset, shape: shape))
            }
        }
    }
}

extension Vector {
    /// The bytes of the rows' strings; 0 for other values.
    fileprivate var stringBytes: Int {
        switch values {
        case .strings(let table): return table.bytes.count
        case .codes(let codes, let dictionary):
            var bytes = 0
            for code in codes where code != 0 {
                bytes &+= dictionary.range(Int(code) &- 1).count
            }
            return bytes
        case .integers, .floats, .booleans: return 0
        }
    }
}
