// What tells two answers of the same query apart: the number of events in the minutes that it asks
// for. Counts only grow, and merges, derivations and flushes do not change them; so of two instants
// of a process with equal counts over a range, no event came into the range between them.

package import Base
internal import Expressions
internal import PartFormat

/// The counts of all base rollups, by the name of the table; those of corrections are with the
/// table that they correct.
package struct EventCounts: Sendable, Equatable {
    private(set) var tables: [String: MinuteCounts] = [:]

    init() {}

    /// Joins the counts of tables.
    package init(tables: [String: MinuteCounts]) { self.tables = tables }

    /// Counts the rows of rollups.
    package init(of parts: [MemoryPart]) {
        var counters: [String: MinuteCounter] = [:]
        for part in parts {
            guard let (table, times, events) = part.eventRows else { continue }
            counters[table, default: MinuteCounter()].add(times: times, events: events)
        }
        tables = counters.mapValues { $0.counts() }
    }

    /// The memory of the counts, in bytes.
    package var byteCount: Int { tables.values.reduce(0) { $0 + $1.byteCount } }

    /// The events of a table in a range of whole minutes.
    package func sum(table: String, over range: Range<Milliseconds>) -> UInt64 {
        tables[table]?.sum(over: range) ?? 0
    }

    /// These counts and others added up.
    func adding(_ other: EventCounts) -> EventCounts {
        var result = self
        for (table, counts) in other.tables {
            result.tables[table] = result.tables[table].map { $0.adding(counts) } ?? counts
        }
        return result
    }
}

/// What a version of the tables has got since the process opened the store.
struct VersionCounts: Sendable {
    /// A random number of the process: counts start from nothing, whatever is on the disk, and so
    /// must not be compared with those before a restart.
    var epoch = UInt64.random(in: 0 ... .max)
    var counts = EventCounts()

    func adding(_ batch: EventCounts) -> VersionCounts {
        VersionCounts(epoch: epoch, counts: counts.adding(batch))
    }
}

extension StoreView {
    /// What the version of any minutes is relative to: another after each start.
    package var epoch: UInt64 { version.received.epoch }

    /// How many events came into a range since the store was opened, as of this instant; `table`
    /// is a base rollup.
    ///
    /// Never falls, and grows with each event in the range, on time or late. It does not change by
    /// merges, derivations and flushes; nor by events outside of the range, unless events of more
    /// days came than are told apart.
    package func eventsReceived(table: String, over range: Range<Milliseconds>) -> UInt64 {
        live.reduce(version.received.counts.sum(table: table, over: range)) {
            $0 + $1.counts.sum(table: table, over: range)
        }
    }
}

extension Store {
    /// The memory of the counts of minutes, in bytes.
    package var minuteCountBytes: Int {
        let view = view()
        return view.live.reduce(view.version.received.counts.byteCount) {
            $0 + $1.counts.byteCount
        }
    }
}

extension MemoryPart {
    /// Of a rollup: the table that it is or corrects, and of each row when it was and how many
    /// events it stands for.
    fileprivate var eventRows: (table: String, times: [Milliseconds], events: [Int64])? {
        guard schema.kind == .rollup, let time = schema.columnIndex(schema.timeColumn),
            let count = schema.columns.firstIndex(where: { $0.role == .count }),
            case .vector(let timeVector) = columns[time],
            case .integers(let times) = timeVector.values,
            case .vector(let countVector) = columns[count],
            case .integers(let events) = countVector.values
        else { return nil }
        let suffix = TableSchema.correctionsSuffix
        let name = schema.name
        let table = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
        return (table, times, events)
    }
}
