package import Base
internal import Codecs
package import Expressions

/// Makes the bytes of a packed part, granule by granule, in the order of the file.
///
/// The caller sorts the rows, and takes the bytes whenever it likes; the file is their sequence.
/// A column that is to hold codes gets its dictionary at the start, sorted by bytes, distinct; its
/// vectors are then `.codes` into that dictionary. Vectors of any other string column may be
/// `.strings` or `.codes` with a dictionary of their own.
///
/// 1. `append` encodes a block a column, and keeps the blocks apart by column.
/// 2. Once they exceed `stripeBytes`, the stripe is written: all blocks of the first column, then
///    of the second, …; so a scan of few columns reads few and long ranges.
/// 3. `finish` writes the last stripe, the footer and the postscript.
package struct PartWriter: ~Copyable {
    /// The table that the rows are of.
    package let schema: TableSchema
    private let options: PartWriterOptions
    private let timeColumn: Int
    private var encoder: BlockEncoder
    private var granuleStarts = [0]
    private var columns: [ColumnIndex]
    /// The blocks of the open stripe, by column; their offsets in `columns` count from there.
    private var stripe: [[UInt8]]
    /// The first granule of the open stripe.
    private var stripeStart = 0
    private var stripeBytes = 0
    private var timeRange: ClosedRange<Milliseconds>?
    private var output: [UInt8] = []
    /// Bytes that were taken.
    private var takenBytes = 0
    private var isFinished = false

    /// Rows appended so far.
    package var rowCount: Int { granuleStarts[granuleStarts.count - 1] }

    /// Bytes made so far, taken or not, and the blocks of the open stripe.
    package var byteCount: Int { takenBytes + output.count + stripeBytes }

    /// Begins a part; `dictionaries` are by column index, each within `PartLimits`.
    package init(
        schema: TableSchema, dictionaries: [Int: StringTable] = [:],
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
        columns = schema.columns.map { _ in ColumnIndex() }
        stripe = schema.columns.map { _ in [] }
        output = PartLayout.magic + [UInt8(PartLayout.version), 0, Container.packed.rawValue]
        output += [UInt8](repeating: 0, count: PartLayout.headerBytes - output.count)
        for (column, dictionary) in dictionaries.sorted(by: { $0.key < $1.key }) {
            append(dictionary, column: column)
        }
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
        let start = output.count
        encoder.append(dictionary: dictionary, to: &output)
        columns[column].dictionary = ColumnIndex.Dictionary(
            range: start..<output.count, entryCount: dictionary.count)
    }

    /// Appends one granule of at most `granuleRows` rows: one vector for each column, in order.
    ///
    /// A granule with more bytes of strings than `granuleBytes` becomes several.
    package mutating func append(_ granule: [Vector]) {
        invariant(!isFinished && granule.count == schema.columns.count)
        let count = granule.first?.count ?? 0
        invariant(count > 0 && count <= options.granuleRows, "a granule of \(count) rows")
        let isTooLong = granule.indices.contains {
            columns[$0].dictionary == nil && granule[$0].stringBytes > options.granuleBytes
        }
        guard isTooLong, count > 1 else {
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
            encoder.append(vector, coded: isCoded, to: &stripe[column])
            columns[column].offsets.append(Int64(start))
            columns[column].lengths.append(UInt32(stripe[column].count - start))
            columns[column].zones.append(zone)
            stripeBytes += stripe[column].count - start
            if column == timeColumn { extendTimeRange(zone) }
        }
        granuleStarts.append(rowCount + count)
        invariant(granuleStarts.count - 1 <= PartLimits.granulesMax)
        if stripeBytes >= options.stripeBytes { writeStripe() }
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
        output.reserveCapacity(output.count + stripeBytes)
        for column in stripe.indices {
            let base = Int64(takenBytes + output.count)
            for granule in stripeStart..<columns[column].offsets.count {
                columns[column].offsets[granule] += base
            }
            output += stripe[column]
            stripe[column].removeAll(keepingCapacity: true)
        }
        stripeStart = granuleStarts.count - 1
        stripeBytes = 0
    }

    /// Writes what is left, the footer and the postscript; only `takeBytes` may follow.
    package mutating func finish(_ provenance: PartProvenance) {
        invariant(!isFinished)
        writeStripe()
        let footer = PartFooter(
            schema: schema, granuleStarts: granuleStarts, timeRange: timeRange,
            provenance: provenance, columns: columns)
        let plain = footer.encode()
        invariant(plain.count <= PartLimits.footerBytesMax)
        var stored: [UInt8] = []
        var compressor = ZstdCompressor(level: options.compressionLevel ?? 1)
        let isCompressed =
            options.compressionLevel != nil && compressor.append(plain.span, to: &stored)
        if !isCompressed { stored = plain }
        output += stored
        output += Postscript.encode(
            storedFooter: stored, footerBytes: plain.count,
            compression: isCompressed ? .zstd : .none)
        isFinished = true
    }

    /// Takes the bytes made since the last call; they are the next ones of the file.
    package mutating func takeBytes() -> [UInt8] {
        takenBytes += output.count
        var taken: [UInt8] = []
        swap(&taken, &output)
        return taken
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
