internal import Base
internal import Query

/// The queries that run, and the last ones that ended.
final class QueryLog: Sendable {
    /// One query.
    struct Entry: Sendable {
        var id: UInt64
        var text: String
        var started: Milliseconds
        var control: QueryControl
        /// Nil while it runs.
        var ended: Milliseconds?
        var rows = 0
        var statistics = SelectStatistics()
        /// The code of the error that it ended with.
        var error: String?
    }

    private struct State {
        var lastId: UInt64 = 0
        var running: [UInt64: Entry] = [:]
        var ended: [Entry] = []
    }

    /// So many that ended are kept.
    private static let endedMost = 1_000
    /// Longer texts are cut in the log.
    private static let textBytesMost = 4_096

    private let state = Locked(State())

    /// Notes a query that begins; returns its id.
    func begin(_ text: [UInt8], _ control: QueryControl) -> UInt64 {
        let shown = String(decoding: text.prefix(Self.textBytesMost), as: UTF8.self)
        return state.withLock { state in
            state.lastId += 1
            state.running[state.lastId] = Entry(
                id: state.lastId, text: shown, started: Clock.now(), control: control)
            return state.lastId
        }
    }

    /// Notes how a query ended.
    func end(_ id: UInt64, rows: Int, _ statistics: SelectStatistics, error: String?) {
        state.withLock { state in
            guard var entry = state.running.removeValue(forKey: id) else { return }
            entry.ended = Clock.now()
            entry.rows = rows
            entry.statistics = statistics
            entry.error = error
            state.ended.append(entry)
            if state.ended.count > 2 * Self.endedMost {
                state.ended.removeFirst(Self.endedMost)
            }
        }
    }

    /// Those that run and the last ones that ended, the newest first.
    var entries: [Entry] {
        let (running, ended) = state.withLock { ($0.running, $0.ended) }
        return running.values.sorted { $0.id > $1.id }
            + ended.suffix(Self.endedMost).reversed()
    }

    /// How many run.
    var runningCount: Int { state.withLock { $0.running.count } }

    /// Lets all end that run.
    func cancelAll() {
        for entry in state.withLock({ Array($0.running.values) }) { entry.control.cancel() }
    }
}
