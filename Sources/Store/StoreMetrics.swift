/// What a store has done and holds, for `/metrics` and `/readyz`.
package struct StoreMetrics: Sendable, Equatable {
    /// What the parts of one table add up to; live generations are not in it.
    package struct Table: Sendable, Equatable {
        /// The table's name.
        package var name: String
        /// How many parts make it up.
        package var partCount: Int
        /// The rows of these parts.
        package var rowCount: Int
        /// The size of their files.
        package var byteCount: Int
    }

    /// A merge while it runs.
    package struct RunningMerge: Sendable, Equatable {
        /// Whose parts are merged.
        package var table: String
        /// Where they lie.
        package var partition: String
        /// How many parts become one.
        package var partCount: Int
        /// The rows of these parts.
        package var rowCount: Int
        /// How many of them are in the new part already.
        package var rowsRead = 0
    }

    /// By name, in byte order.
    package var tables: [Table] = []
    /// Generations of the stream that no commit has taken over yet.
    package var liveGenerations = 0
    /// Flushes that succeeded since the start.
    package var commits = 0
    /// How long these took together.
    package var commitNanoseconds: UInt64 = 0
    /// How long the last one took.
    package var lastCommitNanoseconds: UInt64 = 0
    /// Merges that succeeded since the start.
    package var merges = 0
    /// The size of the parts that flushes have written.
    package var committedBytes = 0
    /// The size of the parts that merges have written.
    package var mergeWrittenBytes = 0
    /// The size of the parts that merges have replaced.
    package var mergedBytes = 0
    /// The rows of the parts that merges have replaced.
    package var mergedRows = 0
    /// How long merges took together; failed ones are not counted.
    package var mergeNanoseconds: UInt64 = 0
    /// The merge that runs, if one does.
    package var runningMerge: RunningMerge?
    /// The bytes of the parts that merges which are due would read.
    package var mergeBacklogBytes = 0
    /// Whether merges and derivations wait for free space.
    package var mergesPaused = false
    /// Derivations that succeeded since the start.
    package var derivations = 0
    /// The rows of bases that derivations have read.
    package var derivedRows = 0
    /// The size of the parts that derivations have written.
    package var derivedBytes = 0
    /// How long derivations took together; failed ones are not counted.
    package var derivationNanoseconds: UInt64 = 0
    /// The rows that derivations which are due would read.
    package var derivationBacklogRows = 0
    /// The parts that retention has dropped since the start.
    package var droppedParts = 0
    /// The rows of these parts.
    package var droppedRows = 0
    /// The size of these parts.
    package var droppedBytes = 0
    /// The size of the manifest; commits add to it until it is rewritten.
    package var manifestBytes = 0
    /// The rows that are known to be lost by damage.
    package var lostRows = 0
    /// How many parts, or records of the manifest, they are the rows of.
    package var losses = 0
    /// How many of these losses may still be made good.
    package var pendingRepairs = 0
    /// Damaged parts that were set aside since the start, at the start included.
    package var partsQuarantined = 0
    /// Damaged parts whose rows were made again since the start.
    package var partsMadeAgain = 0
    /// Parts that no readable record named and that were taken up again at the start.
    package var partsTakenUp = 0
    /// The last operation that failed, until one of its kind succeeds.
    package var commitError: String?
    /// The last merge's failure, until one succeeds.
    package var mergeError: String?
    /// The last derivation's failure, until one succeeds.
    package var derivationError: String?
    /// The last repair's failure, until one succeeds.
    package var repairError: String?
    /// Why retention could not drop what it should, until it can.
    package var retentionError: String?

    package init() {}
}
