package import Base
internal import Codecs
internal import Expressions

/// What a part says of itself: schema, counts, provenance, and where each block lies.
///
/// To open a part: of its file, or of the footer's in a wide part, read `tailRange`, ask
/// `footerRange`, read it if it is not within the tail, and decode it. Everything else is found
/// with one read a block, or fewer for blocks side by side.
package struct PartFooter: Sendable {
    /// Which files the part has.
    package let container: Container
    /// The format version that it was written in.
    package let version: UInt16
    /// The table that the rows are of, as it was when they were written.
    package let schema: TableSchema
    /// How many rows the part has.
    package let rowCount: Int
    /// The first row of each granule, and `rowCount` at the end.
    package let granuleStarts: [Int]
    /// The least and greatest time; nil without rows.
    package let timeRange: ClosedRange<Milliseconds>?
    /// The log positions and flushes that the rows came from.
    package let provenance: PartProvenance
    let columns: [ColumnIndex]
    /// What is known of where values of columns of strings are not.
    package let filters: [PartFilter]

    init(
        container: Container, schema: TableSchema, granuleStarts: [Int],
        timeRange: ClosedRange<Milliseconds>?,
        provenance: PartProvenance, columns: [ColumnIndex], filters: [PartFilter] = [],
        version: UInt16 = PartLayout.version
    ) {
        invariant(columns.count == schema.columns.count)
        self.container = container
        self.version = version
        self.schema = schema
        self.rowCount = granuleStarts[granuleStarts.count - 1]
        self.granuleStarts = granuleStarts
        self.timeRange = timeRange
        self.provenance = provenance
        self.columns = columns
        self.filters = filters
    }

    /// The bytes at the end of a file that the first read should take.
    package static func tailRange(fileSize: Int) -> Range<Int> {
        max(0, fileSize - PartLayout.tailBytes)..<max(0, fileSize)
    }

    /// Where footer and postscript lie together, as the last bytes of the file say.
    package static func footerRange(
        tail: Span<UInt8>, fileSize: Int
    ) throws(CorruptionError) -> Range<Int> {
        let postscript = try Postscript(tail: tail, fileSize: fileSize)
        let start = fileSize - PartLayout.postscriptBytes - postscript.storedBytes
        return start..<fileSize
    }

    /// The bytes that each of the part's files begins with.
    package var fileHeader: [UInt8] { container.header(version: version) }

    /// How many granules the part has.
    package var granuleCount: Int { granuleStarts.count - 1 }

    /// How many rows a granule has.
    package func rowCount(granule: Int) -> Int {
        granuleStarts[granule + 1] - granuleStarts[granule]
    }

    /// How many bytes a column's file in a wide part has.
    package func fileSize(column: Int) -> Int {
        let index = columns[column]
        let blocksEnd = zip(index.offsets, index.lengths).map { Int($0) + Int($1) }.max() ?? 0
        let ends =
            [index.dictionary?.range.upperBound, index.correlation?.map?.upperBound]
            + filters.map { $0.column == column ? $0.range.upperBound : nil }
        return ends.compactMap { $0 }.reduce(max(PartLayout.headerBytes, blocksEnd), max)
    }

    /// Where the block of a column's granule lies in the column's file.
    package func blockRange(column: Int, granule: Int) -> Range<Int> {
        let index = columns[column]
        let start = Int(index.offsets[granule])
        return start..<start + Int(index.lengths[granule])
    }

    /// Where the dictionary of a column lies in the column's file; nil if its blocks hold no codes.
    package func dictionaryRange(column: Int) -> Range<Int>? { columns[column].dictionary?.range }

    /// How many entries the dictionary of a column has; nil without one.
    package func dictionaryCount(column: Int) -> Int? { columns[column].dictionary?.entryCount }

    /// The column that the values of this one may follow from; nil for most columns.
    ///
    /// Blocks of the column can then be decoded only with the rows of that one.
    package func source(ofColumn column: Int) -> Int? { columns[column].correlation?.source }

    /// Where the map of a column with a source lies in the column's file.
    ///
    /// Nil where no codes follow, but integers.
    package func mapRange(column: Int) -> Range<Int>? { columns[column].correlation?.map }

    /// How many codes the map of a column has: one for each of its source's, null too.
    package func mapCount(column: Int) -> Int? {
        guard let correlation = columns[column].correlation, correlation.map != nil else {
            return nil
        }
        return (dictionaryCount(column: correlation.source) ?? 0) + 1
    }

    /// What is known of the values of a column in a granule.
    package func zone(column: Int, granule: Int) -> Zone {
        columns[column].zones.zone(granule: granule, type: schema.columns[column].type)
    }
}
