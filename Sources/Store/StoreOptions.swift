/// The sizes and limits of a store; tests make them tiny.
package struct StoreOptions: Sendable {
    /// Rows of a granule: what zone maps speak of and a scan reads at least.
    package var granuleRows = 8_192
    /// Values of a granule, of all columns: the more columns a table has, the fewer rows.
    package var granuleCells = 1 << 19
    /// Bytes of plain strings and states in a granule; longer granules are split.
    package var granuleBytes = 1 << 20
    /// Bytes of all dictionaries of a part; the largest beyond become plain strings.
    package var dictionaryBytes = 12 << 20
    /// Bytes of dictionaries, maps and decoded granules that the inputs of a merge may hold
    /// together; a merge takes fewer parts rather than more memory, but at least two.
    package var mergeInputBytes = 44 << 20
    /// Rows of a merged part of events that has filters, at least.
    package var filterRowsLeast = 1 << 16
    /// Entries of a dictionary whose column has filters, at least.
    package var filterEntriesLeast = 1 << 12
    /// Granules of one filter, at most.
    package var filterGranules = 128
    /// Bits of a fingerprint in filters of columns with a dictionary, which is asked next: 1 in 16
    /// values that are not there is not known from those that are.
    package var filterBitsOfEntries = 4
    /// And in those of columns without: 1 in 4, as each bit takes 0.14 bytes an event there.
    package var filterBitsOfStrings = 2
    /// The level of Zstd in parts; nil leaves it out.
    package var compressionLevel: Int? = 1
    /// Partitions of one table that a flush opens; rows beyond go into one `mixed` part.
    package var partitionsPerFlush = 64
    /// Parts of one size tier that a merge takes at least.
    package var mergeFanIn = 8
    /// Parts that one merge takes at most; bounds its memory.
    package var mergeFanInMost = 16
    /// How many times larger the parts of one tier may be than those of the tier below.
    package var tierFactor = 8
    /// The unit of tiers: parts below this size times `tierFactor` are all of the lowest tier.
    package var tierFloorBytes = 1 << 16
    /// A merge makes no larger parts; parts above half of it are final.
    package var partBytesMost = 2 << 30
    /// Flushes without rows of it after which a partition whose time is over is merged into one.
    package var closingWaitFlushes: UInt64 = 30
    /// Merges of at least so many bytes make wide parts: a file for each column, which a scan of
    /// few columns reads in one go.
    package var wideBytesLeast = 32 << 20
    /// Flushes after which a part of mixed partitions is split even if it is alone.
    package var mixedWaitFlushes: UInt64 = 60
    /// The tables that are derived from others; the bases are known by the name of their table.
    ///
    /// Derived tables of the data directory that are not among them are removed when it is opened.
    package var derivedTables: [DerivedTable] = []
    /// Rows of a partition beyond a mark that make a derivation due: a query reads at most about
    /// as many of the base beside the derived table.
    package var derivationRows = 50_000
    /// Flushes after which fewer rows are derived, too.
    package var derivationWaitFlushes: UInt64 = 30
    /// The same for tables of three and more dimensions, whose rows are hardly fewer than those of
    /// their base: the longer they wait, the more rows become one.
    package var fullDerivationRows = 4_000_000
    /// Flushes after which fewer rows are derived into these.
    package var fullDerivationWaitFlushes: UInt64 = 360
    /// Corrections stay in their base until there are so many.
    package var correctionDerivationRows = 1_000_000
    /// Rows that a derivation holds at once.
    package var derivationSliceRows = 1 << 18
    /// How long tables keep their rows.
    package var retention = Retention()
    /// The size of the file that is given up where the disk has no room to record what retention
    /// drops.
    package var reserveBytes = 256 << 10
    /// Merges and derivations pause while less is free on the disk.
    package var minimumFreeBytes = 512 << 20
    /// A manifest smaller than this is not rewritten.
    package var manifestRewriteFloor = 1 << 16
    /// Whether background threads merge and derive; else only `mergeOnce` and `deriveOnce` do.
    package var mergesInBackground = true

    package init() {}
}
