package import Base

/// What a commit said of the log and of the stream: where a restart goes on.
package struct CommitPoint: Sendable, Equatable {
    /// The flush that was committed.
    package var flushNumber: UInt64
    /// All events before it are in the store, exactly once.
    package var position: LogPosition
    /// Where reading the log begins, to build the stream's state again.
    package var replayPosition: LogPosition
    /// Up to which event time minutes had closed.
    package var watermark: Milliseconds
    /// The stream's own state.
    package var state: [UInt8]

    package init(
        flushNumber: UInt64, position: LogPosition, replayPosition: LogPosition,
        watermark: Milliseconds, state: [UInt8]
    ) {
        self.flushNumber = flushNumber
        self.position = position
        self.replayPosition = replayPosition
        self.watermark = watermark
        self.state = state
    }
}

/// What opening a data directory found.
package struct RecoveryReport: Sendable {
    /// Whether the directory held no data before.
    package var isNew = false
    /// The last commit; nil before the first.
    package var lastCommit: CommitPoint?
    /// How many parts make up the tables.
    package var partCount = 0
    /// Bytes cut off the manifest's end: a record that a crash left unfinished.
    package var manifestBytesCut = 0
    /// Whether records of the manifest were damaged: then the state may lack what they said.
    package var manifestIsDamaged = false
    /// Files that no manifest record named, and that were deleted.
    package var filesDeleted: [String] = []
    /// Damage that was found now; all that is known is in `StoreView.losses`.
    package var damage: [LostRows] = []
    /// Sentences on what else was found, for the log.
    package var notes: [String] = []

    package init() {}
}
