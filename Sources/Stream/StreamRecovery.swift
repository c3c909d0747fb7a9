package import Base

/// What rebuilding the stream's state found.
package struct StreamRecoveryReport: Sendable, Equatable {
    /// Blocks that were replayed silently into the dedup window.
    package var replayedBlockCount = 0
    package var replayedIdCount = 0
    package var milliseconds: Milliseconds = 0
    /// Sentences on what could not be read or does not fit, for the server's log.
    package var findings: [String] = []

    package init() {}
}
