package import Base

/// What a part says of itself: schema, counts, provenance, and where each block lies.
///
/// To open a part: read `tailRange`, ask `footerRange`, read it if it is not within the tail, and
/// decode it. Everything else is found with one read a block, or fewer for blocks side by side.
package struct PartFooter: Sendable {
    package let schema: TableSchema
    package let rowCount: Int
    /// The first row of each granule, and `rowCount` at the end.
    package let granuleStarts: [Int]
    /// The least and greatest time; nil without rows.
    package let timeRange: ClosedRange<Milliseconds>?
    package let provenance: PartProvenance

    /// The bytes at the end of a file that the first read should take.
    package static func tailRange(fileSize: Int) -> Range<Int> {
        max(0, fileSize - 65_536)..<fileSize
    }

    /// Where the footer lies, postscript included, as the last bytes of the file say.
    package static func footerRange(
        tail: Span<UInt8>, fileSize: Int
    ) throws(CorruptionError) -> Range<Int> {
        throw CorruptionError(offset: 0, expected: "", found: "")
    }

    /// Decodes the bytes of `footerRange`.
    package init(decoding bytes: Span<UInt8>, fileSize: Int) throws(CorruptionError) {
        throw CorruptionError(offset: 0, expected: "", found: "")
    }

    package var granuleCount: Int { granuleStarts.count - 1 }

    package func rowCount(granule: Int) -> Int {
        granuleStarts[granule + 1] - granuleStarts[granule]
    }

    /// Where the block of a column's granule lies in the file.
    package func blockRange(column: Int, granule: Int) -> Range<Int> { 0..<0 }

    /// Where the dictionary of a column lies; nil if its blocks hold no codes.
    package func dictionaryRange(column: Int) -> Range<Int>? { nil }

    /// What is known of the values of a column in a granule.
    package func zone(column: Int, granule: Int) -> Zone { Zone(bounds: .unknown, nullCount: 0) }
}
