package import Base
internal import Codecs
internal import Expressions

extension PartFooter {
    /// Decodes the bytes of `footerRange`; offsets in errors are of the footer, uncompressed.
    package init(decoding bytes: Span<UInt8>, fileSize: Int) throws(CorruptionError) {
        let postscript = try Postscript(tail: bytes, fileSize: fileSize)
        let start = fileSize - PartLayout.postscriptBytes - postscript.storedBytes
        guard bytes.count == fileSize - start else {
            throw CorruptionError(
                offset: start, expected: "\(fileSize - start) bytes of footer and postscript",
                found: "\(bytes.count)")
        }
        // The files of columns are opened when they are read; what lies beyond their end is found
        // then.
        let end = postscript.container == .packed ? start : Int.max
        let stored = bytes.extracting(0..<postscript.storedBytes)
        let covered = bytes.extracting(postscript.storedBytes..<postscript.storedBytes + 12)
        let checksum = unsafe crc32c(covered.bytes, continuing: crc32c(stored.bytes))
        guard checksum == postscript.checksum else {
            throw CorruptionError(
                offset: start, expected: "a footer with checksum \(postscript.checksum)",
                found: "\(checksum)")
        }
        if postscript.compression == .zstd {
            var decompressor = ZstdDecompressor()
            var footer: [UInt8] = []
            try decompressor.decompress(stored, count: postscript.footerBytes, into: &footer)
            try self.init(footer: footer.span, end: end, postscript)
        } else {
            try self.init(footer: stored, end: end, postscript)
        }
    }

    /// Decodes an uncompressed footer; blocks lie between the file's header and `end`.
    private init(
        footer: Span<UInt8>, end: Int, _ postscript: Postscript
    ) throws(CorruptionError) {
        var reader = ByteReader(footer)
        let schema = try TableSchema(from: &reader)
        let granuleStarts = try PartFooter.readGranules(&reader)
        let timeRange = try PartFooter.readTimeRange(&reader)
        let provenance = try PartProvenance(from: &reader)
        var columns: [ColumnIndex] = []
        columns.reserveCapacity(schema.columns.count)
        for column in schema.columns {
            columns.append(
                try ColumnIndex(
                    from: &reader, type: column.type, granuleStarts: granuleStarts, end: end))
        }
        // Filters came with version 3.
        let filters =
            postscript.version < 3
            ? [] : try PartFooter.readFilters(&reader, schema, granuleStarts.count - 1, end: end)
        try reader.requireEnd()
        try PartFooter.requireSources(columns, schema, at: reader.offset)
        self.init(
            container: postscript.container, schema: schema, granuleStarts: granuleStarts,
            timeRange: timeRange, provenance: provenance, columns: columns, filters: filters,
            version: postscript.version)
    }

    private static func readFilters(
        _ reader: inout ByteReader, _ schema: TableSchema, _ granuleCount: Int, end: Int
    ) throws(CorruptionError) -> [PartFilter] {
        let count = try reader.readCount(atMost: PartLimits.filtersMax, of: "filters")
        var filters: [PartFilter] = []
        for _ in 0..<count {
            let start = reader.offset
            let filter = try PartFilter(
                from: &reader, columnCount: schema.columns.count, granuleCount: granuleCount,
                end: end)
            let type = schema.columns[filter.column].type
            guard type == .string || type == .json else {
                throw CorruptionError(
                    offset: start, expected: "a filter of strings", found: "one of \(type)")
            }
            filters.append(filter)
        }
        return filters
    }

    /// Codes follow from codes, integers from integers, and from columns that stand for themselves.
    private static func requireSources(
        _ columns: [ColumnIndex], _ schema: TableSchema, at place: Int
    ) throws(CorruptionError) {
        for (index, column) in columns.enumerated() {
            guard let correlation = column.correlation else { continue }
            let isKnown = columns.indices.contains(correlation.source)
            let source = isKnown ? columns[correlation.source] : column
            let sourceType = schema.columns[isKnown ? correlation.source : index].type
            let isSound =
                correlation.map == nil
                ? sourceType == .integer || sourceType == .timestamp
                : (source.dictionary?.entryCount ?? .max) < CodecLimits.valuesMax
            guard source.correlation == nil, isSound else {
                throw CorruptionError(
                    offset: place, expected: "a column to follow from that stands for itself",
                    found: "column \(correlation.source)")
            }
        }
    }

    private static func readGranules(
        _ reader: inout ByteReader
    ) throws(CorruptionError) -> [Int] {
        let start = reader.offset
        let rowCount = try reader.readVarint()
        let granuleCount = try reader.readCount(
            atMost: PartLimits.granulesMax, of: "granules")
        let rowCounts = try reader.readCodes(count: granuleCount)
        var starts = [0]
        starts.reserveCapacity(granuleCount + 1)
        for count in rowCounts {
            guard count > 0, count <= CodecLimits.valuesMax else {
                throw CorruptionError(
                    offset: start, expected: "1 to \(CodecLimits.valuesMax) rows a granule",
                    found: "\(count)")
            }
            starts.append(starts[starts.count - 1] + Int(count))
        }
        let sum = starts[starts.count - 1]
        guard sum == rowCount else {
            throw CorruptionError(
                offset: start, expected: "granules of \(rowCount) rows", found: "\(sum)")
        }
        return starts
    }

    private static func readTimeRange(
        _ reader: inout ByteReader
    ) throws(CorruptionError) -> ClosedRange<Milliseconds>? {
        let start = reader.offset
        let flag = try reader.readByte()
        guard flag == 1 else {
            guard flag == 0 else {
                throw CorruptionError(offset: start, expected: "0 or 1", found: "\(flag)")
            }
            return nil
        }
        let least = try reader.readZigzag()
        let greatest = try reader.readZigzag()
        guard least <= greatest else {
            throw CorruptionError(
                offset: start, expected: "times in order", found: "\(least) to \(greatest)")
        }
        return least...greatest
    }
}

extension ColumnIndex {
    fileprivate init(
        from reader: inout ByteReader, type: ValueType, granuleStarts: [Int], end: Int
    ) throws(CorruptionError) {
        let start = reader.offset
        let flag = try reader.readByte()
        let isSound =
            switch type {
            case .string, .json: flag == 0 || flag == 1 || flag == 3
            case .integer, .timestamp: flag == 0 || flag == 2
            case .float, .boolean, .state: flag == 0
            }
        guard isSound else {
            throw CorruptionError(
                offset: start, expected: "whether a column has a dictionary and a source",
                found: "\(flag)")
        }
        if flag & 1 == 1 { dictionary = try Dictionary(from: &reader, end: end) }
        if flag & 2 == 2 {
            correlation = try Correlation(from: &reader, hasMap: flag == 3, end: end)
        }
        let granuleCount = granuleStarts.count - 1
        let place = reader.offset
        offsets = try reader.readIntegers(count: granuleCount)
        lengths = try reader.readCodes(count: granuleCount)
        for granule in 0..<granuleCount {
            try requireBlock(offsets[granule], Int64(lengths[granule]), end: end, at: place)
        }
        zones = try ZoneColumn(from: &reader, type: type, granuleStarts: granuleStarts)
    }
}

extension ColumnIndex.Dictionary {
    fileprivate init(from reader: inout ByteReader, end: Int) throws(CorruptionError) {
        let start = reader.offset
        let offset = try reader.readCount(atMost: end, of: "bytes of the file")
        let length = try reader.readCount(atMost: end, of: "bytes of the file")
        entryCount = try reader.readCount(
            atMost: PartLimits.dictionaryEntriesMax, of: "entries of a dictionary")
        try requireBlock(Int64(offset), Int64(length), end: end, at: start)
        range = offset..<offset + length
    }
}

extension ColumnIndex.Correlation {
    fileprivate init(
        from reader: inout ByteReader, hasMap: Bool, end: Int
    ) throws(CorruptionError) {
        source = try reader.readCount(atMost: PartLimits.columnsMax, of: "columns")
        guard hasMap else { return }
        let start = reader.offset
        let offset = try reader.readCount(atMost: end, of: "bytes of the file")
        let length = try reader.readCount(atMost: end, of: "bytes of the file")
        try requireBlock(Int64(offset), Int64(length), end: end, at: start)
        map = offset..<offset + length
    }
}

/// Fails unless a block lies between the header of the file and the footer.
private func requireBlock(
    _ offset: Int64, _ length: Int64, end: Int, at place: Int
) throws(CorruptionError) {
    let least = Int64(PartLayout.headerBytes)
    guard offset >= least, length >= PartLayout.blockHeaderBytes, offset <= Int64(end),
        length <= Int64(end) - offset
    else {
        throw CorruptionError(
            offset: place, expected: "blocks between \(least) and \(end)",
            found: "\(length) bytes at \(offset)")
    }
}

extension ZoneColumn {
    fileprivate init(
        from reader: inout ByteReader, type: ValueType, granuleStarts: [Int]
    ) throws(CorruptionError) {
        let start = reader.offset
        let granuleCount = granuleStarts.count - 1
        nullCounts = try reader.readCodes(count: granuleCount)
        kinds = try reader.readCodes(count: granuleCount)
        var known: UInt32 = 0
        for granule in 0..<granuleCount {
            let rowCount = granuleStarts[granule + 1] - granuleStarts[granule]
            let isEmpty = kinds[granule] == BoundsKind.empty.rawValue
            guard kinds[granule] <= BoundsKind.known.rawValue, nullCounts[granule] <= rowCount,
                isEmpty == (nullCounts[granule] == rowCount)
            else {
                throw CorruptionError(
                    offset: start, expected: "a zone of \(rowCount) rows",
                    found: "kind \(kinds[granule]), \(nullCounts[granule]) nulls")
            }
            places.append(known)
            known += kinds[granule] == BoundsKind.known.rawValue ? 1 : 0
        }
        try readBounds(&reader, type: type, count: Int(known))
    }

    private mutating func readBounds(
        _ reader: inout ByteReader, type: ValueType, count: Int
    ) throws(CorruptionError) {
        let start = reader.offset
        var isOrdered = true
        switch type {
        case .integer, .timestamp:
            integers.least = try reader.readIntegers(count: count)
            integers.greatest = try reader.readIntegers(count: count)
            isOrdered = zip(integers.least, integers.greatest).allSatisfy { $0 <= $1 }
        case .float:
            floats.least = try reader.readFloats(count: count)
            floats.greatest = try reader.readFloats(count: count)
            isOrdered = zip(floats.least, floats.greatest).allSatisfy { $0 <= $1 }
        case .string, .json:
            strings.least = try reader.readStrings(count: count)
            strings.greatest = try reader.readStrings(count: count)
            let (least, greatest) = strings
            isOrdered = (0..<count).allSatisfy { !greatest.precedes($0, least, $0) }
        case .boolean, .state: isOrdered = count == 0
        }
        guard isOrdered else {
            throw CorruptionError(
                offset: start, expected: "bounds in order", found: "others")
        }
    }
}
