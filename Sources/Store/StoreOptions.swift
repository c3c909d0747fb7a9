/// The sizes and limits of a store; tests make them tiny.
package struct StoreOptions: Sendable {
    /// Rows of a granule: what zone maps speak of and a scan reads at least.
    package var granuleRows = 8_192
    /// Bytes of strings or states of one column in a granule; longer granules are split.
    package var granuleBytes = 1 << 20
    /// Bytes of all dictionaries of a part; the largest beyond become plain strings.
    package var dictionaryBytes = 16 << 20
    /// Bytes of dictionaries and of decoded granules, each, that the inputs of a merge may hold
    /// together; a merge takes fewer parts rather than more memory, but at least two.
    package var mergeInputBytes = 32 << 20
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
    /// Flushes after which a part of mixed partitions is split even if it is alone.
    package var mixedWaitFlushes: UInt64 = 60
    /// Merges pause while less is free on the disk.
    package var minimumFreeBytes = 512 << 20
    /// A manifest smaller than this is not rewritten.
    package var manifestRewriteFloor = 1 << 16
    /// Whether a background thread merges; else only `mergeOnce` does.
    package var mergesInBackground = true

    package init() {}
}
