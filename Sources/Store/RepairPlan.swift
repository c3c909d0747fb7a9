// What must be made anew so that lost rows are there again. A pure function of what the manifest
// says.
//
// A part holds rows of a range of flushes, but not all parts of a table hold the same ranges: the
// events and their rollups are merged each for themselves, and a merge takes small parts, not
// neighbours. So a repair takes a whole *stretch* of flushes: the least range around the lost one
// that no part of the table and no source crosses. All parts of the table in the stretch go, and
// are made again from all sources in it; then the rows of each flush are in the table exactly once.

internal import Base
internal import PartFormat

/// Which parts go, and what the rows that come are made of.
struct RepairPlan: Equatable {
    /// The table whose rows are made again.
    var table: String
    /// The partition that is made again; nil for all, which lost rows of `mixed` need.
    var partition: Partition?
    /// What is no loss any more.
    var losses: [LostRows]
    /// The table's own parts that go, ascending by number.
    var parts: [PartEntry] = []
    /// The raw parts that hold the events, ascending by flush.
    var sources: [PartEntry] = []
    /// The flushes of `losses` and `parts`.
    var flushRange: ClosedRange<UInt64>
    /// The flushes that the sources are read of.
    var stretch: ClosedRange<UInt64>
    /// Parts of derived tables that go, as the new parts would cross their marks.
    var derivedParts: [PartEntry] = []
    /// What derived tables contain from then on.
    var marks: [DerivedMark] = []

    /// Whether rows of a partition are made again.
    func covers(_ other: Partition) -> Bool { partition.map { $0 == other } ?? true }

    /// Whether rows of it may be in a part of the partition.
    private func mayLie(in other: Partition) -> Bool { covers(other) || other == .mixed }

    private init(_ loss: LostRows, _ place: LostRows.Place) {
        table = loss.table
        partition = place.partition == .mixed ? nil : place.partition
        losses = [loss]
        flushRange = place.flushRange
        stretch = place.flushRange
    }
}

extension RepairPlan {
    /// The plan that makes lost rows of a base rollup from raw rows.
    ///
    /// Nil as long as raw rows that it needs may be made again themselves.
    static func rollup(
        _ loss: LostRows, _ state: ManifestState, tables: [DerivedTable]
    ) throws(LostRowsError) -> RepairPlan? {
        guard let place = loss.place else { throw .unprovable("it is not known where they stood") }
        var plan = RepairPlan(loss, place)
        let raw = state.parts.values.filter { $0.table == LiveGeneration.rawTable }
        plan.grow(state) { plan in
            raw.filter { plan.mayLie(in: $0.partition) }.map(\.flushRange)
        }
        for other in state.losses where other.table == LiveGeneration.rawTable {
            guard plan.isTouched(by: other) else { continue }
            if other.isPending { return nil }
            throw .unprovable("events of these flushes are lost, too: \(other.file)")
        }
        guard plan.startTime(state) >= state.horizon(LiveGeneration.rawTable) else {
            throw .unprovable("the events of that time are no longer kept")
        }
        plan.sources = raw.filter {
            plan.mayLie(in: $0.partition) && $0.flushRange.overlaps(plan.stretch)
        }.sorted { ($0.flushRange.lowerBound, $0.number) < ($1.flushRange.lowerBound, $1.number) }
        if plan.sources.isEmpty { throw .unprovable("the events of these flushes are not kept") }
        try plan.giveUpCrossed(state, tables)
        return plan
    }

    /// The plan that makes lost raw rows from the log, of which `edges` are known.
    static func raw(
        _ loss: LostRows, _ state: ManifestState, edges: FlushEdges
    ) throws(LostRowsError) -> RepairPlan {
        guard let place = loss.place else { throw .unprovable("it is not known where they stood") }
        var plan = RepairPlan(loss, place)
        var isKnown = true
        plan.grow(state) { plan in
            guard let wider = edges.range(around: plan.stretch) else {
                isKnown = false
                return []
            }
            return [wider]
        }
        if !isKnown { throw .unprovable("where their flushes stand in the log is not known") }
        return plan
    }

    /// Widens the stretch until no part of the table, and nothing that `others` gives, crosses it.
    private mutating func grow(
        _ state: ManifestState, _ others: (RepairPlan) -> [ClosedRange<UInt64>]
    ) {
        let parts = state.parts.values.filter { $0.table == table }
        let lost = state.losses.filter { $0.table == table && $0.place != nil }
        var before: ClosedRange<UInt64>?
        var partitionBefore = partition
        while before != stretch || partitionBefore != partition {
            (before, partitionBefore) = (stretch, partition)
            for range in others(self) { widen(range) }
            // Rows of one day may be in a part of all days: then all days are made again.
            for part in parts where part.flushRange.overlaps(stretch) {
                if part.partition == .mixed { partition = nil }
                if covers(part.partition) { widen(part.flushRange) }
            }
            for place in lost.compactMap(\.place) where place.flushRange.overlaps(stretch) {
                if place.partition == .mixed { partition = nil }
                if covers(place.partition) { widen(place.flushRange) }
            }
        }
        self.parts = parts.filter { covers($0.partition) && $0.flushRange.overlaps(stretch) }
            .sorted { $0.number < $1.number }
        losses = lost.filter { loss in
            loss.place.map { covers($0.partition) && $0.flushRange.overlaps(stretch) } ?? false
        }
        for range in self.parts.map(\.flushRange) + losses.compactMap({ $0.place?.flushRange }) {
            flushRange = flushRange.union(range)
        }
    }

    private mutating func widen(_ range: ClosedRange<UInt64>) {
        if range.overlaps(stretch) { stretch = stretch.union(range) }
    }

    /// Before all times of the rows that are made again.
    private func startTime(_ state: ManifestState) -> Milliseconds {
        if let start = partition?.start { return start }
        let times = parts.map(\.timeRange.lowerBound) + losses.compactMap(\.timeRange?.lowerBound)
        return times.min() ?? .min
    }

    /// Whether a loss of raw rows may be of events that the plan needs.
    private func isTouched(by loss: LostRows) -> Bool {
        if let place = loss.place {
            return mayLie(in: place.partition) && place.flushRange.overlaps(stretch)
        }
        guard let lost = loss.timeRange, let partition else { return true }
        return Partition(lost.lowerBound, .day) <= partition
            && partition <= Partition(lost.upperBound, .day)
    }

    /// Gives up what derived tables contain of the partition where the parts to come would have
    /// rows on both sides of their mark.
    private mutating func giveUpCrossed(
        _ state: ManifestState, _ tables: [DerivedTable]
    ) throws(LostRowsError) {
        for derived in tables where derived.base == table {
            let marks = state.marks[derived.name] ?? [:]
            let crossed = marks.filter { partition, flush in
                covers(partition) && flush >= flushRange.lowerBound
                    && flush < flushRange.upperBound
            }
            for partition in crossed.keys.sorted() {
                let whole = derived.partition(of: partition)
                let contained = marks.keys.filter { $0.lies(within: whole) }.sorted()
                for base in contained where !covers(base) && !state.holds(table, base) {
                    throw .unprovable(
                        "\(derived.name) has rows of \(base.name) that \(table) no longer has")
                }
                for base in contained {
                    let none = DerivedMark(
                        table: derived.name, partition: base, flushNumber: nil)
                    if !self.marks.contains(none) { self.marks.append(none) }
                }
                derivedParts += state.parts.values.filter { part in
                    part.table == derived.name && part.partition == whole
                        && !derivedParts.contains(part)
                }
            }
        }
        derivedParts.sort { $0.number < $1.number }
    }
}

extension ManifestState {
    /// From when on a table has all its rows.
    func horizon(_ table: String) -> Milliseconds { horizons[table] ?? RetentionPolicy.complete }

    /// Whether the rows of a partition, of which there are some, are still kept.
    func holds(_ table: String, _ partition: Partition) -> Bool {
        !partition.lies(before: horizon(table))
            && parts.values.contains { $0.table == table && $0.partition == partition }
    }
}

extension DerivedTable {
    /// The partition of the table that takes the rows of a partition of its base.
    func partition(of base: Partition) -> Partition {
        guard case .day(let day) = base else { return base }
        return Partition(Milliseconds(day) * CivilTime.millisecondsPerDay, schema.partitioning)
    }
}

extension ClosedRange {
    /// The least range that contains both.
    func union(_ other: ClosedRange) -> ClosedRange {
        Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
    }
}

/// Between which positions of the log flushes lie, as far as parts tell.
struct FlushEdges {
    /// For a flush, where its blocks begin.
    private var starts: [UInt64: LogPosition] = [:]

    init(_ parts: [PartProvenance], lastCommit: CommitPoint?) {
        for part in parts {
            starts[part.flushRange.lowerBound] = part.positionFrom
            starts[part.flushRange.upperBound + 1] = part.positionTo
        }
        if let lastCommit { starts[lastCommit.flushNumber + 1] = lastCommit.position }
    }

    /// The least range of flushes around one whose positions are known; nil if there is none.
    func range(around flushes: ClosedRange<UInt64>) -> ClosedRange<UInt64>? {
        guard let first = starts.keys.filter({ $0 <= flushes.lowerBound }).max(),
            let behind = starts.keys.filter({ $0 > flushes.upperBound }).min()
        else { return nil }
        return first...behind - 1
    }

    /// The positions of a range that `range(around:)` gave.
    func positions(of flushes: ClosedRange<UInt64>) -> (LogPosition, LogPosition)? {
        guard let start = starts[flushes.lowerBound], let end = starts[flushes.upperBound + 1]
        else { return nil }
        return (start, end)
    }
}
