/// What a store has done and holds, for `/metrics` and `/readyz`.
package struct StoreMetrics: Sendable, Equatable {
    package struct Table: Sendable, Equatable {
        package var name: String
        package var partCount: Int
        package var rowCount: Int
        package var byteCount: Int
    }

    /// By name, in byte order.
    package var tables: [Table] = []
    package var liveGenerations = 0
    package var commits = 0
    package var commitNanoseconds: UInt64 = 0
    package var lastCommitNanoseconds: UInt64 = 0
    package var merges = 0
    package var mergedBytes = 0
    package var mergedRows = 0
    package var mergeNanoseconds: UInt64 = 0
    /// The bytes of the parts that merges which are due would read.
    package var mergeBacklogBytes = 0
    /// Whether merges wait for free space.
    package var mergesPaused = false
    package var manifestBytes = 0
    package var lostRows = 0
    /// The last operation that failed, until one of its kind succeeds.
    package var commitError: String?
    package var mergeError: String?

    package init() {}
}
