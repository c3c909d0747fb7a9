/// Bounds of what a part holds, beside those of `CodecLimits`.
package enum PartLimits {
    /// Entries of a column's dictionary: beyond, the column is kept as plain strings.
    package static let dictionaryEntriesMax = 1 << 20
    /// Bytes of a dictionary's entries.
    package static let dictionaryBytesMax = 16 << 20
    /// Columns of a table.
    package static let columnsMax = 1 << 16
    /// Granules of a part.
    package static let granulesMax = 1 << 20
    /// Bytes of a footer, before and after Zstd.
    package static let footerBytesMax = 256 << 20
    /// Bytes of a name.
    package static let nameBytesMax = 1 << 16
    /// Bytes of a bound of strings in a zone map; longer ones are cut.
    package static let boundBytesMax = 32
    /// Filters of a part.
    package static let filtersMax = 1 << 20
    /// Pages of one filter.
    package static let filterPagesMax = 1 << 20
    /// The greatest number of a flush, and position in the log: both are counted on.
    package static let flushNumberMax: UInt64 = 1 << 62
    /// Partitions of a log position.
    package static let logPartitionsMax = 1 << 16
}
