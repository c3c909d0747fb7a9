// What is done about parts that reads find damaged: they are set aside, what they held is recorded
// as lost, and then it is made again if it can be (`Store+Repair`).

internal import Base
internal import Disk
internal import PartFormat

extension Store {
    /// Findings that were not taken yet, in order.
    package func takeFindings() -> [DamageFinding] { journal.withLock { $0.take() } }

    /// Moves parts that reads found damaged to the quarantine, and records what is lost, or what is
    /// to be derived again.
    func setDamagedPartsAside() throws(StoreError) -> Bool {
        let found = damage.take()
        for (index, (part, error)) in found.enumerated() {
            do throws(DiskError) {
                try setAside(part, error)
            } catch {
                for (part, error) in found[index...] { damage.add(part, error) }
                throw .disk(error)
            }
        }
        return !found.isEmpty
    }

    private func setAside(_ part: Part, _ error: CorruptionError) throws(DiskError) {
        let version = state.withLock { $0.version }
        let quarantine = Quarantine(directory: directory, disk: disk)
        let result = manifest.withLock { manifest -> Result<Set<UInt64>, DiskError> in
            guard manifest.state.parts[part.entry.number] != nil else { return .success([]) }
            let record = manifest.state.damage(
                of: part.entry, reason: "\(error)", among: options.derivedTables)
            let finding = DamageFinding(
                .damaged, part.entry, error: error, action: record.actionOnDamage)
            do throws(DiskError) {
                // First the move: a crash in between is found as a missing part.
                try quarantine.take(part.entry.path, finding)
            } catch {
                return .failure(error)
            }
            if let failure = self.record(record, [], removing: record.removed, in: &manifest) {
                return .failure(failure)
            }
            journal.withLock { $0.add(finding) }
            return .success(record.removed)
        }
        let removed = try result.get()
        for other in version.tables[part.entry.table] ?? []
        where other !== part && removed.contains(other.entry.number) {
            other.markObsolete()
        }
        derivations.update { $0.isDue = true }
    }
}

extension ManifestState {
    /// What is recorded when a part is damaged: its rows are lost, or, in a derived table, all that
    /// it contains of the part's partition is given up, to be made again from the base.
    ///
    /// Where the base no longer keeps all of that, the rows of the part are lost after all.
    func damage(
        of part: PartEntry, reason: String, among tables: [DerivedTable]
    ) -> ManifestRecord {
        let removed = parts.values.filter {
            $0.table == part.table && $0.partition == part.partition
        }
        let base = tables.first { $0.name == part.table }?.base
        let horizon = base.flatMap { horizons[$0] } ?? RetentionPolicy.complete
        guard let contained = marks[part.table],
            removed.allSatisfy({ $0.timeRange.lowerBound >= horizon })
        else { return .loss(removed: [part.number], lost: [LostRows(part, reason: reason)]) }
        return .derivation(
            removed: removed.map(\.number).sorted(), added: [],
            marks: contained.keys.filter { $0.lies(within: part.partition) }.sorted().map {
                DerivedMark(table: part.table, partition: $0, flushNumber: nil)
            })
    }
}

extension ManifestRecord {
    /// What such a record of damage leads to, in words.
    var actionOnDamage: String {
        if case .derivation = self { return "moved to quarantine; its table is derived again" }
        return "moved to quarantine; its rows are lost unless they can be made again"
    }
}
