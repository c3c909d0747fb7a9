/// The sizes and limits of a store; tests make them tiny.
package struct StoreOptions: Sendable {
    /// Rows of a granule: what zone maps speak of and a scan reads at least.
    package var granuleRows = 8_192
    /// Partitions of one table that a flush opens; rows beyond go into one `mixed` part.
    package var partitionsPerFlush = 64
    /// Parts of one size tier that a merge takes at least.
    package var mergeFanIn = 8
    /// Parts that one merge takes at most; bounds its memory.
    package var mergeFanInMost = 16
    /// How many times larger the parts of one tier may be than those of the tier below.
    package var tierFactor = 8
    /// Parts below this size are all of the lowest tier.
    package var tierFloorBytes = 1 << 20
    /// Parts above this size are never merged again.
    package var partBytesMost = 2 << 30
    /// Merges pause while less is free on the disk.
    package var minimumFreeBytes = 512 << 20
    /// A manifest smaller than this is not rewritten.
    package var manifestRewriteFloor = 1 << 16
    /// Whether a background thread merges; else only `mergeOnce` does.
    package var mergesInBackground = true

    package init() {}
}
