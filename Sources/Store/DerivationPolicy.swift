// Which derivation is next. A pure function of what the manifest says.
//
// A derivation takes one partition of a base from the mark of its derived tables up to another
// flush N, as late as can be. N lies before all rows that are still in a `mixed` part: once split,
// these come to the partition with the flushes that they had; so it does before rows that are lost
// and may be made again. And N lies in no part: merges that ran before the tables had a mark may
// have put rows of both sides into one.

internal import Base

/// Chooses derivations.
struct DerivationPolicy {
    let options: StoreOptions

    /// What one derivation does.
    struct Choice: Equatable {
        var base: String
        var partition: Partition
        /// The tables that it adds to: all contain the same so far.
        var tables: [DerivedTable]
        /// The mark that they have; nil where they contain nothing.
        var mark: UInt64?
        /// The mark that they will have.
        var flushNumber: UInt64
        /// What they do not contain up to it.
        var parts: [PartEntry]

        var rowCount: Int { parts.reduce(0) { $0 + $1.rowCount } }
    }

    /// When a derivation is due: at a number of rows, or of flushes since the first of them.
    private struct Threshold: Hashable {
        var rowCount: Int
        var flushes: UInt64
    }

    /// Tables that go on together.
    private struct Team: Hashable {
        var threshold: Threshold
        var mark: UInt64?
    }

    private struct Place: Hashable {
        var table: String
        var partition: Partition
    }

    /// Up to which flush derivations may go at most.
    private struct Limits {
        private var flushes: [Place: UInt64] = [:]

        /// What is lost may be made again, and then belongs to its flushes.
        init(_ losses: [LostRows]) {
            for loss in losses where loss.isPending {
                guard let place = loss.place else { continue }
                end(before: place.flushRange.lowerBound, loss.table, place.partition)
            }
        }

        /// Rows of `mixed` may be of any partition of the table.
        mutating func end(before flush: UInt64, _ table: String, _ partition: Partition) {
            let place = Place(table: table, partition: partition)
            flushes[place] = min(flushes[place] ?? .max, flush == 0 ? 0 : flush - 1)
        }

        func limit(_ table: String, _ partition: Partition) -> UInt64 {
            min(
                flushes[Place(table: table, partition: partition)] ?? .max,
                flushes[Place(table: table, partition: .mixed)] ?? .max)
        }
    }

    /// All derivations that are due, the most useful first: those that are due with few rows, and
    /// of these the largest.
    func due(
        _ parts: some Sequence<PartEntry>, marks: DerivedMarks,
        horizons: [String: Milliseconds] = [:], losses: [LostRows] = [], lastFlush: UInt64
    ) -> [Choice] {
        let found = candidates(parts, marks: marks, horizons, losses, lastFlush: lastFlush)
        return found.filter { choice, threshold in
            let oldest = choice.parts.map(\.flushRange.lowerBound).min() ?? lastFlush
            return choice.rowCount >= threshold.rowCount
                || lastFlush - min(lastFlush, oldest) >= threshold.flushes
        }.sorted { left, right in
            if left.threshold.rowCount != right.threshold.rowCount {
                return left.threshold.rowCount < right.threshold.rowCount
            }
            return (-left.choice.rowCount, left.choice.base, left.choice.partition)
                < (-right.choice.rowCount, right.choice.base, right.choice.partition)
        }.map(\.choice)
    }

    /// What could be derived, due or not, and when it is due.
    private func candidates(
        _ parts: some Sequence<PartEntry>, marks: DerivedMarks,
        _ horizons: [String: Milliseconds], _ losses: [LostRows], lastFlush: UInt64
    ) -> [(choice: Choice, threshold: Threshold)] {
        let tables = Dictionary(grouping: options.derivedTables, by: \.base)
        var places: [Place: [PartEntry]] = [:]
        var limits = Limits(losses)
        for part in parts where tables[part.table] != nil {
            if part.partition == .mixed {
                limits.end(before: part.flushRange.lowerBound, part.table, .mixed)
            } else {
                let place = Place(table: part.table, partition: part.partition)
                places[place, default: []].append(part)
            }
        }
        var found: [(choice: Choice, threshold: Threshold)] = []
        for (place, parts) in places {
            let limit = min(limits.limit(place.table, place.partition), lastFlush)
            func isExpired(_ table: String) -> Bool {
                place.partition.lies(before: horizons[table] ?? .min)
            }
            // What a base no longer keeps waits for the tables that do.
            let hurries = isExpired(place.table)
            let kept = (tables[place.table] ?? []).filter { !isExpired($0.name) }
            let teams = Dictionary(grouping: kept) { table in
                Team(
                    threshold: hurries ? leastThreshold : threshold(of: table),
                    mark: marks[table.name]?[place.partition])
            }
            for (team, tables) in teams {
                guard let flushNumber = boundary(parts, team.mark, limit: limit) else { continue }
                let beyond = parts.filter { part in
                    Self.lies(part, beyond: team.mark) && part.flushRange.upperBound <= flushNumber
                }
                let choice = Choice(
                    base: place.table, partition: place.partition, tables: tables, mark: team.mark,
                    flushNumber: flushNumber, parts: beyond)
                found.append((choice, team.threshold))
            }
        }
        return found
    }

    /// The greatest flush up to which there is something to derive, and which no part crosses.
    private func boundary(_ parts: [PartEntry], _ mark: UInt64?, limit: UInt64) -> UInt64? {
        var boundary = limit
        var isMoving = true
        while isMoving {
            isMoving = false
            for part in parts
            where part.flushRange.lowerBound <= boundary && part.flushRange.upperBound > boundary {
                if part.flushRange.lowerBound == 0 { return nil }
                boundary = part.flushRange.lowerBound - 1
                isMoving = true
            }
        }
        let hasRows = parts.contains { part in
            Self.lies(part, beyond: mark) && part.flushRange.upperBound <= boundary
        }
        return hasRows ? boundary : nil
    }

    private static func lies(_ part: PartEntry, beyond mark: UInt64?) -> Bool {
        mark.map { part.flushRange.lowerBound > $0 } ?? true
    }

    private func threshold(of table: DerivedTable) -> Threshold {
        if table.isCorrections {
            return Threshold(rowCount: options.correctionDerivationRows, flushes: .max)
        }
        if table.dimensions.count > 2 {
            return Threshold(
                rowCount: options.fullDerivationRows, flushes: options.fullDerivationWaitFlushes)
        }
        return leastThreshold
    }

    private var leastThreshold: Threshold {
        Threshold(rowCount: options.derivationRows, flushes: options.derivationWaitFlushes)
    }
}
