// How long tables keep their rows. The ages are settings; what they mean at an instant depends on
// the watermark alone, never on the clock, so that a replay of the log keeps and drops the same.

package import Base
internal import PartFormat

/// How long the rows of each kind of table are kept, counted back from the watermark; nil is for
/// ever.
///
/// Whole partitions go: a table's *limit* is the start of the partition in which its age ends.
package struct Retention: Sendable, Equatable {
    /// The events themselves.
    package var raw: Milliseconds?
    /// Rollups of one minute: the bases, and what is derived of them at a minute.
    package var minute: Milliseconds?
    /// Rollups of 15 minutes.
    package var quarter: Milliseconds?
    /// Rollups of an hour.
    package var hour: Milliseconds?
    /// Rollups of a day.
    package var day: Milliseconds?

    /// Keeps all for ever.
    package init() {}

    /// Whether anything is ever dropped.
    package var isSet: Bool { raw != nil || Tier.allCases.contains { self[$0] != nil } }

    /// How long rollups of a tier are kept.
    package subscript(tier: Tier) -> Milliseconds? {
        switch tier {
        case .minute: minute
        case .quarter: quarter
        case .hour: hour
        case .day: day
        }
    }

    /// Before this time no raw events are kept; nil while all are.
    package func rawLimit(watermark: Milliseconds) -> Milliseconds? {
        Self.limit(raw, .day, watermark)
    }

    /// Before this time no rollup of a tier is kept; nil while all are.
    package func limit(of tier: Tier, watermark: Milliseconds) -> Milliseconds? {
        Self.limit(self[tier], tier.partitioning, watermark)
    }

    /// Before this time no rollup at all is kept; nil while one keeps all.
    package func rollupLimit(watermark: Milliseconds) -> Milliseconds? {
        var least: Milliseconds?
        for tier in Tier.allCases {
            guard let limit = limit(of: tier, watermark: watermark) else { return nil }
            least = min(least ?? limit, limit)
        }
        return least
    }

    private static func limit(
        _ age: Milliseconds?, _ partitioning: TableSchema.Partitioning, _ watermark: Milliseconds
    ) -> Milliseconds? {
        // Before the first event the watermark lies as far back as numbers go.
        guard let age, watermark > .min / 8 else { return nil }
        return Partition(watermark - min(age, .max / 4), partitioning).start
    }
}

/// Chooses what goes.
///
/// A pure function of what the manifest says. 1. A table's *horizon* moves up to its limit: from
/// there on the table is complete, before it holds nothing that may be counted on. 2. A partition
/// before the horizon goes; of a base only once each table that is derived from it and is kept
/// longer contains all its flushes. Late events of a time that only longer-kept tables keep pass
/// through the base in this way.
struct RetentionPolicy {
    /// The horizon of a table that has never lost a row.
    static let complete = Milliseconds.min
    /// In a record: the table is no longer there, and neither is its horizon.
    static let removed = Milliseconds.max

    let options: StoreOptions

    /// What one record does.
    struct Choice: Equatable {
        var parts: [PartEntry] = []
        /// Marks of derived rows that are no longer there.
        var marks: [DerivedMark] = []
        /// Those that move.
        var horizons: [String: Milliseconds] = [:]

        var isEmpty: Bool { parts.isEmpty && marks.isEmpty && horizons.isEmpty }
    }

    private struct Place: Hashable {
        var table: String
        var partition: Partition
    }

    /// What is to go at a watermark.
    func due(_ state: ManifestState, watermark: Milliseconds) -> Choice {
        var choice = Choice()
        guard options.retention.isSet || !state.horizons.isEmpty else { return choice }
        choice.horizons = movedHorizons(state.horizons, watermark: watermark)
        let horizons = state.horizons.merging(choice.horizons) { $1 }
        let derived = Dictionary(grouping: options.derivedTables, by: \.base)
        var places: [Place: [PartEntry]] = [:]
        for part in state.parts.values {
            guard let horizon = horizons[part.table], horizon != Self.complete else { continue }
            if part.partition == .mixed {
                // Rows of a base in `mixed` are in no derived table: they are split first.
                guard derived[part.table] == nil, part.timeRange.upperBound < horizon else {
                    continue
                }
            } else if !part.partition.lies(before: horizon) {
                continue
            }
            places[Place(table: part.table, partition: part.partition), default: []].append(part)
        }
        for (place, parts) in places {
            let last = parts.reduce(0) { max($0, $1.flushRange.upperBound) }
            let isContained = (derived[place.table] ?? []).allSatisfy { table in
                if let horizon = horizons[table.name], place.partition.lies(before: horizon) {
                    return true
                }
                return (state.marks[table.name]?[place.partition]).map { $0 >= last } ?? false
            }
            if isContained { choice.parts += parts }
        }
        choice.parts.sort { $0.number < $1.number }
        choice.marks = staleMarks(state.marks, horizons)
        return choice
    }

    private func movedHorizons(
        _ horizons: [String: Milliseconds], watermark: Milliseconds
    ) -> [String: Milliseconds] {
        let retention = options.retention
        var moved: [String: Milliseconds] = [:]
        func move(_ table: String, from known: Milliseconds, to limit: Milliseconds?) {
            let horizon = max(known, limit ?? Self.complete)
            if horizons[table] != horizon { moved[table] = horizon }
        }
        let raw = LiveGeneration.rawTable
        move(
            raw, from: horizons[raw] ?? Self.complete,
            to: retention.rawLimit(watermark: watermark))
        let minute = retention.limit(of: .minute, watermark: watermark)
        for base in Set(options.derivedTables.map(\.base)) {
            move(base, from: horizons[base] ?? Self.complete, to: minute)
        }
        for table in options.derivedTables {
            // A new one is made of what its base still holds.
            let known = horizons[table.name] ?? horizons[table.base] ?? Self.complete
            let limit = retention.limit(of: table.tier, watermark: watermark)
            move(table.name, from: known, to: limit)
        }
        return moved
    }

    private func staleMarks(
        _ marks: DerivedMarks, _ horizons: [String: Milliseconds]
    ) -> [DerivedMark] {
        marks.flatMap { table, partitions -> [DerivedMark] in
            guard let horizon = horizons[table], horizon != Self.complete else { return [] }
            return partitions.keys.filter { $0.lies(before: horizon) }.map {
                DerivedMark(table: table, partition: $0, flushNumber: nil)
            }
        }.sorted { ($0.partition, $0.table) < ($1.partition, $1.table) }
    }
}

extension Partition {
    /// Whether all its times lie before an instant.
    func lies(before instant: Milliseconds) -> Bool { end.map { $0 <= instant } ?? false }
}
