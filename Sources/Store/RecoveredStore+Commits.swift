internal import Base
internal import Disk
internal import PartFormat

extension RecoveredStore {
    /// Takes the parts' word for a commit whose record was damaged.
    ///
    /// Merges and derivations carry a commit's rows on: where their records can be read and that of
    /// the commit cannot, its events are in the tables, and the log must not bring them again.
    mutating func passLostCommits() throws(DiskError) {
        let last = manifest.state.lastCommit
        let beyond = footers.map(\.footer.provenance).filter {
            $0.flushRange.upperBound > last?.flushNumber ?? 0
        }
        guard
            let newest = beyond.max(by: { $0.flushRange.upperBound < $1.flushRange.upperBound }),
            let farthest = beyond.max(by: { $0.positionTo.sequence < $1.positionTo.sequence })
        else { return }
        let flushNumber = newest.flushRange.upperBound
        let position = farthest.positionTo
        report.notes.append(
            "the record of flush \(flushNumber) is missing; its parts say that it reached position "
                + "\(position)")
        let point = CommitPoint(
            flushNumber: flushNumber, position: position,
            replayPosition: last?.replayPosition ?? .start, watermark: last?.watermark ?? 0,
            state: [])
        try manifest.append(.commit(point, added: []))
    }
}
