package import Base
internal import PartFormat

/// The store at one instant: a version of the manifest and the live generations that belong to it.
///
/// Immutable. Files that it names stay readable until the last view that names them is gone.
package struct StoreView: Sendable {
    let version: StoreVersion
    /// What the stream has published and no commit has replaced, by ascending flush number.
    package let live: [LiveGeneration]

    init(version: StoreVersion, live: [LiveGeneration]) {
        self.version = version
        self.live = live
    }

    /// The parts of a table on disk; empty where the table has none.
    package func parts(table: String) -> [Part] { version.tables[table] ?? [] }

    /// All that a scan of the table reads: its parts on disk, then those of the live generations.
    package func sources(table: String) -> [any TablePart] {
        var sources: [any TablePart] = parts(table: table)
        for generation in live { sources += generation.sources(table: table) }
        return sources
    }

    /// What a derived table does not contain of its base: the base's parts of flushes beyond the
    /// derived table's marks, then those of the live generations.
    ///
    /// The rows of the derived table and these rows together are the rows of the base.
    package func sources(table: String, beyond derived: String) -> [any TablePart] {
        guard let marks = version.marks[derived] else { return sources(table: table) }
        var sources: [any TablePart] = []
        for part in parts(table: table) {
            if let mark = marks[part.entry.partition], part.flushRange.lowerBound <= mark {
                continue
            }
            sources.append(part)
        }
        for generation in live { sources += generation.sources(table: table) }
        return sources
    }

    /// The names of the tables that have rows, in byte order.
    package var tableNames: [String] {
        var names = Set(version.tables.keys)
        for generation in live { names.formUnion(generation.parts.map(\.schema.name)) }
        return names.sorted()
    }

    /// The watermark as of this instant; nil before the first commit or generation.
    package var watermark: Milliseconds? { live.last?.watermark ?? version.watermark }

    /// From when on a table holds all its rows, as retention has dropped those before; nil where
    /// it holds all.
    package func horizon(table: String) -> Milliseconds? {
        guard let horizon = version.horizons[table], horizon != RetentionPolicy.complete else {
            return nil
        }
        return horizon
    }

    /// The greatest horizon of any table; nil where all hold all their rows.
    package var latestHorizon: Milliseconds? { version.latestHorizon }

    /// The rows that were lost to damage.
    ///
    /// An answer is partial if its table and range touch one.
    package var losses: [LostRows] { version.losses }
}

/// One version of the tables: which parts make them up.
///
/// Views share it.
final class StoreVersion: Sendable {
    /// The parts of each table, by partition, then by flush.
    let tables: [String: [Part]]
    /// What derived tables contain.
    let marks: DerivedMarks
    /// From when on tables hold all their rows.
    let horizons: [String: Milliseconds]
    let latestHorizon: Milliseconds?
    let lastCommit: CommitPoint?
    let losses: [LostRows]
    /// The events that commits have brought since the store was opened.
    let received: VersionCounts

    private init(tables: [String: [Part]], state: ManifestState, received: VersionCounts) {
        self.tables = tables
        self.received = received
        marks = state.marks
        horizons = state.horizons
        latestHorizon = horizons.values.filter { $0 != RetentionPolicy.complete }.max()
        lastCommit = state.lastCommit
        losses = state.losses
    }

    convenience init(parts: [Part], state: ManifestState) {
        var tables: [String: [Part]] = [:]
        for part in parts { tables[part.entry.table, default: []].append(part) }
        for name in tables.keys { tables[name]?.sort(by: StoreVersion.precedes) }
        self.init(tables: tables, state: state, received: VersionCounts())
    }

    var watermark: Milliseconds? { lastCommit?.watermark }

    /// The parts that entries name.
    func parts(_ entries: [PartEntry]) -> [Part] {
        guard let table = entries.first?.table else { return [] }
        var byNumber: [UInt64: Part] = [:]
        for part in tables[table] ?? [] { byNumber[part.entry.number] = part }
        return entries.compactMap { byNumber[$0.number] }
    }

    var entries: [PartEntry] { tables.values.flatMap { $0.map(\.entry) } }

    /// The version after a record.
    func changed(
        removing removed: Set<UInt64>, adding added: [Part], state: ManifestState,
        received: VersionCounts
    ) -> StoreVersion {
        var tables = tables
        if !removed.isEmpty {
            for (name, parts) in tables
            where parts.contains(where: { removed.contains($0.entry.number) }) {
                let kept = parts.filter { !removed.contains($0.entry.number) }
                tables[name] = kept.isEmpty ? nil : kept
            }
        }
        for part in added { tables[part.entry.table, default: []].append(part) }
        for name in Set(added.map(\.entry.table)) {
            tables[name]?.sort(by: StoreVersion.precedes)
        }
        return StoreVersion(tables: tables, state: state, received: received)
    }

    private static func precedes(_ left: Part, _ right: Part) -> Bool {
        let (first, second) = (left.entry, right.entry)
        if first.partition != second.partition { return first.partition < second.partition }
        return (first.flushRange.lowerBound, first.number)
            < (second.flushRange.lowerBound, second.number)
    }
}
