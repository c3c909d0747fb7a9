/// The sizes that a writer works with; tests make them tiny.
package struct PartWriterOptions: Sendable {
    /// Rows of a granule, at most.
    package var granuleRows = 8_192
    /// Bytes of blocks that are gathered and then written column by column.
    package var stripeBytes = 8 << 20
    /// Bytes of strings in a granule of one column, at most: longer granules are split.
    package var granuleBytes = 32 << 20
    /// Entries of the dictionaries of columns that may follow one another, at least: of fewer,
    /// codes are short, and scans want them at once.
    package var correlatedEntriesLeast = 256
    /// One file, or one for each column.
    package var container = Container.packed
    /// The level of Zstd; nil to leave it out.
    package var compressionLevel: Int? = 1

    /// The sizes that the server works with.
    package init() {}
}
