// Derivations, one at a time: the policy chooses a partition of a base, its rows beyond the mark
// are read slice by slice, and what each derived table gets of them is written as parts of its
// own, which merges join later. One manifest record names the parts and moves the marks. A
// derivation that fails or that a crash ends leaves files that no record names.

internal import Base
internal import Disk
internal import Glibc
internal import PartFormat

extension Store {
    /// Does the one derivation that is most useful.
    ///
    /// False if none is due or too little of the disk is free.
    package func deriveOnce() throws(StoreError) -> Bool {
        let result = deriveTurn.withLock { _ in attemptDerivation() }
        state.withLock { state in
            switch result {
            case .success: state.metrics.derivationError = nil
            case .failure(let error): state.metrics.derivationError = "\(error)"
            }
        }
        return try result.get()
    }

    /// Waits until a derivation is due, derives, and so on until the store is closed.
    func deriveUntilClosed() {
        // Of this thread only: Linux keeps a nice value for each. A refusal does no harm.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
        workUntilClosed(derivations) { [self] () throws(StoreError) in try deriveOnce() }
    }

    private func attemptDerivation() -> Result<Bool, StoreError> {
        do throws(StoreError) {
            return .success(try deriveDue())
        } catch {
            return .failure(error)
        }
    }

    private func deriveDue() throws(StoreError) -> Bool {
        let version = state.withLock { $0.version }
        let due = DerivationPolicy(options: options).due(
            version.entries, marks: version.marks, horizons: version.horizons,
            losses: version.losses, lastFlush: version.lastCommit?.flushNumber ?? 0)
        guard let choice = due.first else { return false }
        // From now on no merge that is chosen crosses the mark to come.
        state.withLock { $0.derivation = choice }
        defer { state.withLock { $0.derivation = nil } }
        let isPaused = try isBelowMinimumFree()
        state.withLock { $0.metrics.mergesPaused = isPaused }
        if isPaused { return false }
        let parts = version.parts(choice.parts)
        let start = Clock.monotonicNanoseconds()
        do throws(StoreError) {
            try derive(choice, parts)
        } catch .corrupt {
            // The part has reported itself; the merge thread sets it aside.
            merges.update { $0.isDue = true }
            return false
        } catch .superseded {
            return true
        }
        let duration = Clock.monotonicNanoseconds() - start
        state.withLock { state in
            state.metrics.derivations += 1
            state.metrics.derivedRows += choice.rowCount
            state.metrics.derivationNanoseconds += duration
        }
        return true
    }

    private func derive(
        _ choice: DerivationPolicy.Choice, _ parts: [Part]
    ) throws(StoreError) {
        guard let first = parts.first else { return }
        let provenance = parts.dropFirst().reduce(first.footer.provenance) {
            $0.union($1.footer.provenance)
        }
        let derivation = Derivation(choice.tables)
        var files: [PartWrite] = []
        do throws(StoreError) {
            var slices = PartSlices(
                parts, rowCount: options.derivationSliceRows, byteCount: options.mergeInputBytes,
                options: options)
            while let slice = try slices.next() {
                var added: [PartWrite] = []
                for rows in try derivation.derive(slice) {
                    added.append(try makeWrite(rows, provenance))
                }
                try write(added)
                files += added.map { PartWrite(entry: $0.entry, bytes: [], footer: $0.footer) }
                if isEnding { throw .invalid(message: "the store is closing") }
            }
        } catch {
            remove(files.map(\.entry.path))
            throw error
        }
        try record(choice, files)
    }

    /// Names the files and moves the marks, unless what was chosen is no longer so.
    private func record(
        _ choice: DerivationPolicy.Choice, _ files: [PartWrite]
    ) throws(StoreError) {
        let marks = choice.tables.map { table in
            DerivedMark(
                table: table.name, partition: choice.partition, flushNumber: choice.flushNumber)
        }
        let result = manifest.withLock { manifest -> Result<Void, StoreError> in
            guard Self.isValid(choice, manifest.state) else {
                remove(files.map(\.entry.path))
                return .failure(.superseded)
            }
            let failure = record(
                .derivation(removed: [], added: files.map(\.entry), marks: marks), files,
                in: &manifest)
            if let failure { return .failure(.disk(failure)) }
            return .success(())
        }
        try result.get()
        let byteCount = files.reduce(0) { $0 + $1.entry.byteCount }
        state.withLock { $0.metrics.derivedBytes += byteCount }
        rewriteManifestIfDue()
        merges.update { $0.isDue = true }
    }

    /// Whether the tables still contain what they did and keep the time, and no part crosses the
    /// new mark.
    private static func isValid(
        _ choice: DerivationPolicy.Choice, _ state: ManifestState
    ) -> Bool {
        choice.tables.allSatisfy { table in
            state.marks[table.name]?[choice.partition] == choice.mark
                && !choice.partition.lies(before: state.horizons[table.name] ?? .min)
        }
            && !state.parts.values.contains { part in
                part.table == choice.base && part.partition == choice.partition
                    && part.flushRange.lowerBound <= choice.flushNumber
                    && part.flushRange.upperBound > choice.flushNumber
            }
    }
}

extension Store {
    /// Removes derived tables that the options no longer name.
    func dropUnknownDerivedTables() throws(StoreError) {
        let known = Set(options.derivedTables.map(\.name))
        let version = state.withLock { $0.version }
        let unknown = version.marks.filter { !known.contains($0.key) }
        if unknown.isEmpty { return }
        let parts = unknown.keys.flatMap { version.tables[$0] ?? [] }
        let removed = parts.map(\.entry.number)
        let marks = unknown.flatMap { table, partitions in
            partitions.keys.map { DerivedMark(table: table, partition: $0, flushNumber: nil) }
        }
        let failure = manifest.withLock { manifest in
            record(
                .derivation(removed: removed, added: [], marks: marks), [],
                removing: Set(removed), in: &manifest)
        }
        if let failure { throw .disk(failure) }
        for part in parts { part.markObsolete() }
    }

    /// Forgets the horizons of tables that the options no longer name: one that comes back is new.
    func dropUnknownHorizons() throws(StoreError) {
        let known = Set(options.derivedTables.flatMap { [$0.name, $0.base] })
            .union([LiveGeneration.rawTable])
        let unknown = state.withLock { $0.version.horizons.keys.filter { !known.contains($0) } }
        if unknown.isEmpty { return }
        var horizons: [String: Milliseconds] = [:]
        for table in unknown { horizons[table] = RetentionPolicy.removed }
        let failure = manifest.withLock { manifest in
            record(.retention(removed: [], marks: [], horizons: horizons), [], in: &manifest)
        }
        if let failure { throw .disk(failure) }
    }
}
