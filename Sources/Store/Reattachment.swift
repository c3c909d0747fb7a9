// Takes up parts that only damaged records of the manifest named. What can be proved:
//
// 1. A part that a readable record took out is worthless.
// 2. A flush writes its files only once the flush before is committed, and merges take committed
//    parts only. So the parts of a flush are whole and committed where a later flush, or a merge of
//    it, is there. Those of the last flush may not be: they are set aside, and the log has their
//    events. Where a last commit is known, the flushes behind it must follow it without gaps, in
//    number and in position, so that a foreign file cannot move it.
// 3. A part is one flush or the merge of whole parts. So two parts of a table and partition whose
//    ranges of flushes do not overlap have no row in common; and of two that overlap, one contains
//    the other or they have none in common, which one row of events tells. Rows of rollups do not
//    tell it: such parts are set aside, and made again from the events.
// 4. A part that came in the place of missing ones has as many rows as they; or, where it took more
//    in, it has the first and the last event of each.
// 5. Derived tables that a lost record may have changed are derived again.
// 6. Nothing else is lost if all flushes since the last snapshot were read or are in some part.
//
// All of it changes one value, the state, which then begins a new manifest.

internal import Base
internal import Disk
internal import PartFormat

/// One taking up of parts.
struct Reattachment {
    /// A part as its footer tells.
    struct Candidate {
        var entry: PartEntry
        var footer: PartFooter
    }

    let directory: String
    let disk: any Disk
    let options: StoreOptions
    private let manifest: ManifestFrames.Contents
    /// What the manifest says from now on.
    private(set) var state: ManifestState
    /// What was taken up.
    private(set) var findings: [DamageFinding] = []
    /// What is moved to quarantine.
    private(set) var setAside: [DamageFinding] = []
    /// The parts that are named and not there.
    private var missing: [PartEntry]
    /// What derived tables may not contain although the manifest says so.
    private var doubtful: Set<TablePlace>

    init(
        _ manifest: ManifestFrames.Contents, _ listing: DirectoryListing, directory: String,
        disk: any Disk, options: StoreOptions
    ) throws(DiskError) {
        self.directory = directory
        self.disk = disk
        self.options = options
        self.manifest = manifest
        state = manifest.state
        missing = listing.missing(state)
        doubtful = manifest.changedBehindDamage
        var candidates: [Candidate] = []
        for file in listing.unnamed(state) {
            // What is no longer named is deleted, as it always is.
            if manifest.removed.contains(file.number) { continue }
            if let candidate = try read(file) { candidates.append(candidate) }
        }
        let committed = moveLastCommit(candidates)
        var wanted: [Candidate] = []
        for candidate in candidates.sorted(by: { $0.entry.number < $1.entry.number }) {
            if candidate.entry.flushRange.upperBound > committed {
                drop(candidate, "of a flush that was not committed; the log has its events")
            } else if candidate.entry.partition.lies(before: state.horizon(candidate.entry.table)) {
                drop(candidate, "its rows are no longer kept")
            } else if isAccountedFor(candidate.entry) {
                drop(candidate, "its rows are in the parts that are named")
            } else {
                wanted.append(candidate)
            }
        }
        dropDerived(&wanted)
        let tables = Dictionary(grouping: wanted, by: \.entry.table)
        for table in tables.keys.sorted() { try takeUp(tables[table] ?? []) }
        try forgetContained()
        giveUpDerived()
        noteUnknownLoss()
    }

    /// The candidate of a file; nil if the file is no whole part, and then it is set aside.
    private mutating func read(
        _ file: DirectoryListing.PartFile
    ) throws(DiskError) -> Candidate? {
        do throws(StoreError) {
            return try UnnamedPart(directory: directory, disk: disk).read(file)
        } catch {
            switch error {
            case .disk(let failure): throw failure
            case .corrupt(let corruption):
                setAside.append(
                    DamageFinding(
                        .setAside, file: file.path, error: corruption,
                        action: "moved to quarantine"))
            default: break
            }
            return nil
        }
    }

    /// Whether the parts that are named hold all that the part may hold: the commits of its flushes
    /// were read, and no part is missed that it may have come in the place of.
    private func isAccountedFor(_ part: PartEntry) -> Bool {
        let last = manifest.startsWhole ? manifest.snapshotFlush : 0
        return part.flushRange.allSatisfy { $0 <= last || manifest.commits.contains($0) }
            && !missing.contains { $0.table == part.table && Self.mayShare($0, part) }
    }

    private mutating func drop(_ candidate: Candidate, _ reason: String) {
        setAside.append(
            DamageFinding(
                .setAside, candidate.entry, action: "moved to quarantine: \(reason)"))
    }

    private mutating func takeUp(_ candidate: Candidate, _ action: String) {
        state.add(candidate.entry)
        findings.append(DamageFinding(.takenUp, candidate.entry, action: action))
    }

    /// What cannot be told apart is lost until it is made again.
    private mutating func lose(_ candidate: Candidate) {
        let reason = "it cannot be told which rows it has in common with other parts"
        drop(candidate, reason)
        state.losses.append(LostRows(candidate.entry, reason: reason))
    }
}

extension Reattachment {
    /// Moves the last commit behind the flushes that are surely committed; gives the last of them.
    private mutating func moveLastCommit(_ candidates: [Candidate]) -> UInt64 {
        let greatest = candidates.map(\.entry.flushRange.upperBound).max() ?? 0
        var committed = state.lastCommit?.flushNumber ?? 0
        var position = state.lastCommit?.position
        if state.lastCommit != nil || manifest.startsWhole {
            position = position ?? .start
            while let next = following(committed, position, candidates, greatest) {
                committed = next.entry.flushRange.upperBound
                position = next.footer.provenance.positionTo
            }
        } else {
            for part in candidates.map(\.entry) where !Self.isUncertain(part, greatest) {
                committed = max(committed, part.flushRange.upperBound)
            }
            if greatest > 0 { committed = max(committed, greatest - 1) }
            position =
                candidates.first { $0.entry.flushRange.upperBound == committed }?
                .footer.provenance.positionTo
                ?? candidates.first { $0.entry.flushRange.lowerBound == committed + 1 }?
                .footer.provenance.positionFrom
        }
        guard committed > state.lastCommit?.flushNumber ?? 0, let position else {
            return state.lastCommit?.flushNumber ?? 0
        }
        let newest =
            candidates.map(\.entry).filter {
                $0.table == LiveGeneration.rawTable && $0.flushRange.upperBound <= committed
            }.map(\.timeRange.upperBound).max() ?? 0
        // Clocks of clients may be five minutes ahead, and minutes stay open for one.
        let watermark = max(
            state.lastCommit?.watermark ?? 0, newest - 6 * CivilTime.millisecondsPerMinute)
        state.lastCommit = CommitPoint(
            flushNumber: committed, position: position,
            replayPosition: state.lastCommit?.replayPosition ?? .start, watermark: watermark,
            state: [])
        return committed
    }

    private static func isUncertain(_ part: PartEntry, _ greatest: UInt64) -> Bool {
        part.flushRange.lowerBound == greatest && part.flushRange.upperBound == greatest
    }

    /// The part that takes the flushes on from a commit the farthest.
    private func following(
        _ flush: UInt64, _ position: LogPosition?, _ candidates: [Candidate], _ greatest: UInt64
    ) -> Candidate? {
        candidates.filter { candidate in
            candidate.entry.flushRange.lowerBound == flush + 1
                && candidate.footer.provenance.positionFrom == position
                && !Self.isUncertain(candidate.entry, greatest)
        }.max { $0.entry.flushRange.upperBound < $1.entry.flushRange.upperBound }
    }

    /// Parts of derived tables are not taken up.
    private mutating func dropDerived(_ candidates: inout [Candidate]) {
        let names = Set(options.derivedTables.map(\.name))
        for candidate in candidates where names.contains(candidate.entry.table) {
            drop(candidate, "its table is derived again")
            doubtful.insert(TablePlace(candidate.entry.table, candidate.entry.partition))
        }
        candidates.removeAll { names.contains($0.entry.table) }
    }

    /// Gives up what derived tables contain where a lost record may have changed it, or where a
    /// part of the base now has rows on both sides of a mark.
    private mutating func giveUpDerived() {
        for table in options.derivedTables {
            let base = state.parts.values.filter { $0.table == table.base }
            for (partition, mark) in state.marks[table.name] ?? [:]
            where base.contains(where: { part in
                part.partition == partition && part.flushRange.lowerBound <= mark
                    && part.flushRange.upperBound > mark
            }) {
                doubtful.insert(TablePlace(table.name, partition))
            }
            let places = doubtful.filter { $0.table == table.name }
            for whole in Set(places.map { table.partition(of: $0.partition) }).sorted() {
                giveUp(table, whole)
            }
        }
    }

    private mutating func giveUp(_ table: DerivedTable, _ whole: Partition) {
        let marks = state.marks[table.name]?.keys.filter { $0.lies(within: whole) } ?? []
        let parts = state.parts.values.filter { $0.table == table.name && $0.partition == whole }
        if let gone = marks.sorted().first(where: { !state.holds(table.base, $0) }) {
            // Its base is no longer kept: what is there stays, and may lack something.
            state.losses.append(
                LostRows(
                    table: table.name, timeRange: parts.first?.timeRange, rowCount: 0,
                    file: "\(FileNames.tables)/\(table.name)/\(whole.name)",
                    reason: "it cannot be derived again, as \(gone.name) is not kept"))
            return
        }
        for part in parts { state.parts[part.number] = nil }
        for mark in marks {
            state.set(DerivedMark(table: table.name, partition: mark, flushNumber: nil))
        }
    }

    /// Records that lack, and of whose flushes no part tells, may have said anything.
    private mutating func noteUnknownLoss() {
        let first = manifest.snapshotFlush + 1
        let last = state.lastCommit?.flushNumber ?? 0
        let ranges =
            state.parts.values.map(\.flushRange)
            + state.losses.compactMap {
                $0.place?.flushRange
            }
        let isKnown =
            manifest.startsWhole
            && (first > last
                || (first...last).allSatisfy { flush in
                    manifest.commits.contains(flush) || ranges.contains { $0.contains(flush) }
                })
        if isKnown { return }
        state.losses.append(
            LostRows(
                table: "", timeRange: nil, rowCount: 0, file: FileNames.manifest,
                reason: manifest.damage.first?.description ?? "records of it are lost"))
    }
}

extension Reattachment {
    /// Takes up parts of one table.
    private mutating func takeUp(_ candidates: [Candidate]) throws(DiskError) {
        guard let table = candidates.first?.entry.table else { return }
        let standing = standingParts(of: table)
        var left: [Candidate] = []
        for candidate in candidates {
            let others =
                standing + candidates.map(\.entry).filter { $0.number != candidate.entry.number }
            if others.contains(where: { Self.mayShare($0, candidate.entry) }) {
                left.append(candidate)
                continue
            }
            replaceMissing(candidate, candidates)
            takeUp(candidate, "taken up: no other part has rows of its flushes")
        }
        if table == LiveGeneration.rawTable {
            try takeUpEvents(left, standingParts(of: table))
        } else {
            for candidate in left { lose(candidate) }
        }
    }

    private func standingParts(of table: String) -> [PartEntry] {
        let gone = Set(missing.map(\.number))
        return state.parts.values.filter { $0.table == table && !gone.contains($0.number) }
    }

    /// Missing events that are in a part that stands are not missed: it has the first and the last
    /// of them.
    private mutating func forgetContained() throws(DiskError) {
        let reader = UnnamedPart(directory: directory, disk: disk)
        for part in missing where part.table == LiveGeneration.rawTable {
            let holders = standingParts(of: part.table).filter { other in
                other.flushRange.lowerBound <= part.flushRange.lowerBound
                    && other.flushRange.upperBound >= part.flushRange.upperBound
                    && other.partition == part.partition && other.rowCount >= part.rowCount
            }
            guard holders.count == 1 else { continue }
            do throws(StoreError) {
                let times = [part.timeRange.lowerBound, part.timeRange.upperBound]
                if try reader.hasTimes(times, holders[0]) { state.parts[part.number] = nil }
            } catch {
                if case .disk(let failure) = error { throw failure }
            }
        }
    }

    private static func mayShare(_ left: PartEntry, _ right: PartEntry) -> Bool {
        left.flushRange.overlaps(right.flushRange)
            && (left.partition == right.partition || left.partition == .mixed
                || right.partition == .mixed)
    }

    /// Where the part, or it and its siblings, came in the place of missing ones, these are no
    /// longer missed.
    private mutating func replaceMissing(_ candidate: Candidate, _ candidates: [Candidate]) {
        let part = candidate.entry
        let inputs = missing.filter { other in
            other.table == part.table && Self.mayShare(other, part)
        }
        guard let first = inputs.first else { return }
        let hull = inputs.dropFirst().reduce(first.flushRange) { $0.union($1.flushRange) }
        // A part of all days becomes one for each day.
        let outputs =
            inputs.contains { $0.partition == .mixed }
            ? candidates.map(\.entry).filter { $0.flushRange == part.flushRange } : [part]
        let before = inputs.reduce(0) { $0 + $1.rowCount }
        let after = outputs.reduce(0) { $0 + $1.rowCount }
        let isRollup = candidate.footer.schema.kind == .rollup
        guard hull == part.flushRange, after == before || (isRollup && after < before) else {
            return
        }
        for input in inputs { state.parts[input.number] = nil }
        if outputs.count == 1 { missing.removeAll { inputs.contains($0) } }
    }

    /// Of parts of events that overlap, the greatest are kept, once it is clear that the others
    /// are in them; those that have no row in common stand side by side.
    private mutating func takeUpEvents(
        _ candidates: [Candidate], _ standing: [PartEntry]
    ) throws(DiskError) {
        var kept = standing
        let reader = UnnamedPart(directory: directory, disk: disk)
        for candidate in candidates.sorted(by: { $0.entry.rowCount > $1.entry.rowCount }) {
            var inside: [PartEntry] = []
            var isInside = false
            do throws(StoreError) {
                for other in kept where Self.mayShare(other, candidate.entry) {
                    if other.rowCount >= candidate.entry.rowCount {
                        isInside = try reader.isRow(of: candidate.entry, in: other) || isInside
                    } else if try reader.isRow(of: other, in: candidate.entry) {
                        inside.append(other)
                    }
                }
                if !inside.isEmpty { try reader.verify(candidate.entry) }
            } catch {
                if case .disk(let failure) = error { throw failure }
                lose(candidate)
                continue
            }
            if isInside {
                drop(candidate, "its rows are in another part")
            } else if inside.reduce(0, { $0 + $1.rowCount }) == candidate.entry.rowCount {
                drop(candidate, "its rows are in the parts that it was merged of")
            } else {
                for other in inside { state.parts[other.number] = nil }
                kept.removeAll { inside.contains($0) }
                takeUp(candidate, "taken up: it has no row in common with parts that are kept")
                kept.append(candidate.entry)
            }
        }
    }
}
