package import Base
internal import Codecs
package import Expressions

/// Decodes blocks of parts; keeps the contexts and buffers that it needs from block to block.
///
/// One per thread. Every decoder checks all that it reads, and throws at the first byte that
/// is not what the format says. Offsets in errors are those of the block in its file; within a
/// compressed body, those of its first byte plus the place in the decompressed body.
package struct BlockDecoder: ~Copyable {
    private var decompressor = ZstdDecompressor()
    private var body: [UInt8] = []

    /// Makes a decoder with a Zstd context of its own.
    package init() {}

    /// Decodes the bytes of `footer.dictionaryRange(column:)`.
    package mutating func decodeDictionary(
        _ footer: PartFooter, column: Int, bytes: Span<UInt8>
    ) throws(CorruptionError) -> StringTable {
        guard let dictionary = footer.columns[column].dictionary else {
            fatalError("column \(column) has no dictionary")
        }
        do {
            return try decodeDictionary(bytes, entryCount: dictionary.entryCount)
        } catch {
            throw error.located(in: error.file, base: dictionary.range.lowerBound)
        }
    }

    /// Decodes the bytes of `footer.mapRange(column:)`.
    package mutating func decodeMap(
        _ footer: PartFooter, column: Int, bytes: Span<UInt8>
    ) throws(CorruptionError) -> [UInt32] {
        guard let count = footer.mapCount(column: column),
            let range = footer.mapRange(column: column)
        else {
            fatalError("column \(column) has no map")
        }
        do {
            let header = try BlockHeader(of: bytes)
            try header.require(rowCount: count, kind: .codes)
            let vector = try decodeBody(bytes, header, type: .string, origin: nil)
            guard case .codes(let codes, _) = vector.values else {
                fatalError("codes decode to codes")
            }
            try requireCodes(codes, atMost: footer.dictionaryCount(column: column) ?? 0)
            return codes
        } catch {
            throw error.located(in: error.file, base: range.lowerBound)
        }
    }

    /// Decodes the bytes of `footer.blockRange(column:granule:)`.
    ///
    /// `dictionary` is the column's decoded dictionary; nil for columns without one, and where the
    /// codes alone are wanted. A column with a source needs the rows of that in the same granule,
    /// and of codes their map.
    package mutating func decodeBlock(
        _ footer: PartFooter, column: Int, granule: Int, bytes: Span<UInt8>,
        dictionary: StringTable?, origin: BlockOrigin? = nil
    ) throws(CorruptionError) -> Vector {
        let entryCount = footer.dictionaryCount(column: column)
        invariant(
            dictionary == nil || dictionary?.count == entryCount,
            "column \(column) and its dictionary")
        let type = footer.schema.columns[column].type
        do {
            var vector = try decode(
                bytes, type: type, rowCount: footer.rowCount(granule: granule),
                entryCount: entryCount, origin: origin)
            if let dictionary, case .codes(let codes, _) = vector.values {
                vector.values = .codes(codes, dictionary: dictionary)
            }
            return vector
        } catch {
            let range = footer.blockRange(column: column, granule: granule)
            throw error.located(in: error.file, base: range.lowerBound)
        }
    }

    private mutating func decodeDictionary(
        _ bytes: Span<UInt8>, entryCount: Int
    ) throws(CorruptionError) -> StringTable {
        let header = try BlockHeader(of: bytes)
        try header.require(rowCount: entryCount, kind: .strings)
        guard header.nulls == .none else {
            throw CorruptionError(offset: 2, expected: "a dictionary without nulls", found: "nulls")
        }
        let vector = try decodeBody(bytes, header, type: .string, origin: nil)
        guard case .strings(let entries) = vector.values else {
            fatalError("strings decode to strings")
        }
        guard entries.bytes.count <= PartLimits.dictionaryBytesMax else {
            throw CorruptionError(
                offset: 8, expected: "\(PartLimits.dictionaryBytesMax) bytes of entries at most",
                found: "\(entries.bytes.count)")
        }
        try requireSorted(entries)
        return entries
    }

    /// Decodes one whole block, header included; of a column with a dictionary it has codes into
    /// so many entries.
    private mutating func decode(
        _ bytes: Span<UInt8>, type: ValueType, rowCount: Int, entryCount: Int?,
        origin: BlockOrigin?
    ) throws(CorruptionError) -> Vector {
        let header = try BlockHeader(of: bytes)
        let kind = BlockHeader.Kind(type, isCoded: entryCount != nil)
        try header.require(rowCount: rowCount, kind: kind)
        if header.nulls == .all {
            guard header.bodyBytes == 0, kind != .codes else {
                throw CorruptionError(
                    offset: 2, expected: "an empty body, as all is null",
                    found: "\(header.bodyBytes) bytes")
            }
            return Vector(allNull: kind, type: type, count: rowCount)
        }
        let vector = try decodeBody(bytes, header, type: type, origin: origin)
        if let entryCount, case .codes(let codes, _) = vector.values {
            try requireCodes(codes, atMost: entryCount)
        }
        return vector
    }

    private mutating func decodeBody(
        _ bytes: Span<UInt8>, _ header: BlockHeader, type: ValueType, origin: BlockOrigin?
    ) throws(CorruptionError) -> Vector {
        let stored = bytes.extracting(PartLayout.blockHeaderBytes..<bytes.count)
        do {
            guard header.compression == .zstd else {
                return try decodePlainBody(stored, header, type: type, origin: origin)
            }
            try decompressor.decompress(stored, count: header.bodyBytes, into: &body)
            return try decodePlainBody(body.span, header, type: type, origin: origin)
        } catch {
            throw error.located(in: error.file, base: PartLayout.blockHeaderBytes)
        }
    }
}

/// Decodes a body that is not, or no longer, compressed.
private func decodePlainBody(
    _ body: Span<UInt8>, _ header: BlockHeader, type: ValueType, origin: BlockOrigin?
) throws(CorruptionError) -> Vector {
    var reader = ByteReader(body)
    if header.encoding == .correlated {
        let values = try BlockOrigin.decode(&reader, header, origin)
        try reader.requireEnd()
        return Vector(type: type, values: values)
    }
    var validity: Bitmap?
    var count = header.rowCount
    if header.nulls == .bitmap || header.nulls == .stream {
        let encoding = header.nulls == .bitmap ? Encoding.plain : try reader.readEncoding()
        let bits = try BooleanStream.decode(encoding, count: count, from: &reader)
        validity = bits
        count = bits.population
    }
    let values = try decodeValues(&reader, header, count: count, validity: validity)
    try reader.requireEnd()
    return Vector(type: type, values: values, validity: validity)
}

private func decodeValues(
    _ reader: inout ByteReader, _ header: BlockHeader, count: Int, validity: Bitmap?
) throws(CorruptionError) -> Vector.Values {
    let encoding = header.encoding
    switch header.kind {
    case .codes:
        guard validity == nil else {
            throw CorruptionError(offset: 0, expected: "codes without a bitmap", found: "one")
        }
        let codes = try CodeStream.decode(encoding, count: count, from: &reader)
        return .codes(codes, dictionary: StringTable())
    case .integers:
        let numbers = try IntegerStream.decode(encoding, count: count, from: &reader)
        return .integers(validity.map { spreadValues(numbers, $0, absent: 0) } ?? numbers)
    case .floats:
        let numbers = try FloatStream.decode(encoding, count: count, from: &reader)
        return .floats(validity.map { spreadValues(numbers, $0, absent: 0) } ?? numbers)
    case .booleans:
        let bits = try BooleanStream.decode(encoding, count: count, from: &reader)
        return .booleans(validity.map { spreadValues(bits, $0) } ?? bits)
    case .strings:
        let strings = try StringStream.decode(encoding, count: count, from: &reader)
        return .strings(validity.map { spreadValues(strings, $0) } ?? strings)
    }
}

private func requireCodes(
    _ codes: [UInt32], atMost limit: Int
) throws(CorruptionError) {
    var greatest: UInt32 = 0
    for code in codes { greatest = max(greatest, code) }
    guard greatest <= limit else {
        throw CorruptionError(
            offset: PartLayout.blockHeaderBytes, expected: "codes up to \(limit)",
            found: "\(greatest)")
    }
}

/// Codes compare as their strings do only if the dictionary ascends.
private func requireSorted(_ entries: StringTable) throws(CorruptionError) {
    for entry in 0..<max(0, entries.count - 1)
    where !entries.precedes(entry, entries, entry + 1) {
        throw CorruptionError(
            offset: PartLayout.blockHeaderBytes, expected: "a dictionary that ascends",
            found: "entry \(entry + 1) not after entry \(entry)")
    }
}

extension BlockHeader {
    fileprivate func require(rowCount: Int, kind: Kind) throws(CorruptionError) {
        guard self.rowCount == rowCount, self.kind == kind else {
            throw CorruptionError(
                offset: 0, expected: "\(rowCount) \(kind)",
                found: "\(self.rowCount) \(self.kind)")
        }
    }
}

extension BlockHeader.Kind {
    /// The kind of the blocks of a column.
    init(_ type: ValueType, isCoded: Bool) {
        self =
            switch type {
            case .string, .json, .state: isCoded ? .codes : .strings
            case .integer, .timestamp: .integers
            case .float: .floats
            case .boolean: .booleans
            }
    }
}

extension Vector {
    /// A vector of nulls.
    fileprivate init(allNull kind: BlockHeader.Kind, type: ValueType, count: Int) {
        let values: Values =
            switch kind {
            case .codes, .strings:
                .strings(
                    StringTable(
                        offsets: [UInt32](repeating: 0, count: count + 1), bytes: []))
            case .integers: .integers([Int64](repeating: 0, count: count))
            case .floats: .floats([Double](repeating: 0, count: count))
            case .booleans: .booleans(Bitmap(count: count))
            }
        self.init(type: type, values: values, validity: Bitmap(count: count))
    }
}
