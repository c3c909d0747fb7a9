/// The sizes that a writer works with; tests make them tiny.
package struct PartWriterOptions: Sendable {
    /// Rows of a granule, at most.
    package var granuleRows = 8_192
    /// Bytes of blocks that are gathered and then written column by column.
    package var stripeBytes = 4 << 20
    /// Bytes of plain strings in a granule, at most: longer granules are split.
    package var granuleBytes = 32 << 20
    /// Entries of the dictionaries of columns that may follow one another, at least: of fewer,
    /// codes are short, and scans want them at once.
    package var correlatedEntriesLeast = 256
    /// One file, or one for each column.
    package var container = Container.packed
    /// Whether columns of strings have filters, which say where a value is not.
    package var hasFilters = false
    /// Rows of a part with filters, at least: smaller ones are read faster than they are asked.
    package var filterRowsLeast = 1 << 16
    /// Entries of a dictionary whose column has filters, at least: fewer are in nearly every part.
    package var filterEntriesLeast = 1 << 12
    /// Granules of one filter, at most.
    package var filterGranules = 128
    /// Hashes that are held until a filter is made of them, of all columns together.
    package var filterHashesMost = 1 << 20
    /// Bits of a fingerprint where the column has a dictionary, so one value for many rows: 1 in
    /// 128 values that are not there is not known from those that are.
    package var filterBitsOfEntries = 7
    /// And where each row may have a value of its own, as event ids have: 1 in 16.
    package var filterBitsOfStrings = 4
    /// The level of Zstd; nil to leave it out.
    package var compressionLevel: Int? = 1

    /// The sizes that the server works with.
    package init() {}

    /// Bytes of the maps of all columns that follow from others.
    package static let mapBytesMost = 4 << 20

    /// The memory that a writer takes at most beside dictionaries, which its caller has, and what
    /// becomes the footer.
    package var bytesMost: Int {
        // The stripe's arrays grow by doubling, and are copied into one.
        let stripe = 3 * stripeBytes
        // A column's block, before compression and after.
        let block = 2 * (max(granuleBytes, granuleRows * 8))
        let hashes = max(filterHashesMost, PartLimits.dictionaryEntriesMax) * 8
        return stripe + block + hashes + PartWriterOptions.mapBytesMost
    }
}
