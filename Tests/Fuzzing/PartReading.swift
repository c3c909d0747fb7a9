internal import Base
internal import Expressions
internal import PartFormat

/// Decodes what an input says of a part: filters, dictionaries, maps and blocks.
struct PartReading: ~Copyable {
    /// Blocks that are decoded of one input, and rows: a few bytes can name as many as a footer
    /// may, and many small inputs find more than one large one.
    private static let blocksMax = 64
    private static let rowsMax = 1 << 16

    private var bytes: [UInt8]
    private let footer: PartFooter
    private var decoder = BlockDecoder()
    private var blocks = 0
    private var rows = 0

    init(bytes: [UInt8], footer: PartFooter) {
        self.bytes = bytes
        self.footer = footer
    }

    /// Reads everything, as far as the bounds allow.
    mutating func run() {
        for filter in footer.filters.prefix(Self.blocksMax) { ask(filter) }
        for column in footer.schema.columns.indices {
            let dictionary = dictionary(column)
            if footer.dictionaryRange(column: column) != nil, dictionary == nil { continue }
            let map = map(column)
            for granule in 0..<footer.granuleCount {
                guard isWithinBounds else { return }
                _ = footer.zone(column: column, granule: granule)
                var origin: BlockOrigin?
                if let source = footer.source(ofColumn: column),
                    let vector = block(source, granule, dictionary: nil, origin: nil)
                {
                    origin = BlockOrigin(source: vector, map: map)
                }
                _ = block(column, granule, dictionary: dictionary, origin: origin)
            }
        }
    }

    private var isWithinBounds: Bool { blocks < Self.blocksMax && rows < Self.rowsMax }

    private mutating func ask(_ filter: PartFilter) {
        let value = [UInt8]("evt_1".utf8)
        let range = filter.pageRange(of: value.span)
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return }
        Seal.page(&bytes, range)
        _ = try? filter.mayContain(value.span, page: bytes.span.extracting(range))
    }

    /// Makes the checksum of a block right and counts it; nil if it is not within the file.
    private mutating func sealed(_ range: Range<Int>?, rowCount: Int) -> Range<Int>? {
        guard let range, range.upperBound <= bytes.count else { return nil }
        blocks += 1
        rows += rowCount
        Seal.block(&bytes, range)
        return range
    }

    private mutating func dictionary(_ column: Int) -> StringTable? {
        let count = footer.dictionaryCount(column: column) ?? 0
        guard isWithinBounds,
            let range = sealed(footer.dictionaryRange(column: column), rowCount: count)
        else { return nil }
        let block = Array(bytes[range])
        return try? decoder.decodeDictionary(
            footer, column: column, bytes: block.span)
    }

    private mutating func map(_ column: Int) -> [UInt32]? {
        let count = footer.mapCount(column: column) ?? 0
        guard isWithinBounds, let range = sealed(footer.mapRange(column: column), rowCount: count)
        else { return nil }
        let block = Array(bytes[range])
        return try? decoder.decodeMap(footer, column: column, bytes: block.span)
    }

    private mutating func block(
        _ column: Int, _ granule: Int, dictionary: StringTable?, origin: BlockOrigin?
    ) -> Vector? {
        let rowCount = footer.rowCount(granule: granule)
        guard
            let range = sealed(
                footer.blockRange(column: column, granule: granule), rowCount: rowCount)
        else { return nil }
        let block = Array(bytes[range])
        return try? decoder.decodeBlock(
            footer, column: column, granule: granule, bytes: block.span,
            dictionary: dictionary, origin: origin)
    }
}
