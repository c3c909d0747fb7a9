// Merges, one at a time: the policy chooses parts, the merger streams them into a new file, and one
// manifest record replaces the old names by the new. Commits never wait for more than that record.
// A merge that fails or that a crash ends leaves files that no record names.

internal import Base
internal import Disk
internal import Glibc
internal import PartFormat
internal import Synchronization

/// What a background thread waits for.
struct MergeQueue: Sendable {
    var isDue = true
    var isEnding = false
}

extension Store {
    /// How long a background thread sleeps without being woken, and after a failure.
    private static let pauseNanoseconds: UInt64 = 2_000_000_000

    /// Sets damaged parts aside and makes lost rows again, drops what is no longer kept, then does
    /// the one merge that is most useful.
    ///
    /// False if there was nothing to do, or too little of the disk is free to merge.
    package func mergeOnce() throws(StoreError) -> Bool {
        let result = mergeTurn.withLock { _ in attemptMerge() }
        state.withLock { state in
            switch result {
            case .success: state.metrics.mergeError = nil
            case .failure(let error): state.metrics.mergeError = "\(error)"
            }
        }
        return try result.get()
    }

    /// Waits until a merge is due, merges, and so on until the store is closed.
    func mergeUntilClosed() {
        // Of this thread only: Linux keeps a nice value for each. A refusal does no harm.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        workUntilClosed(merges) { [self] () throws(StoreError) in try mergeOnce() }
    }

    /// Waits until there is work, works until there is none, and so on until the store is closed.
    func workUntilClosed(
        _ queue: Monitor<MergeQueue>, _ work: () throws(StoreError) -> Bool
    ) {
        while true {
            let deadline = Clock.monotonicNanoseconds() + Store.pauseNanoseconds
            let isEnding = queue.wait(until: deadline) { queue -> Bool? in
                if queue.isEnding { return true }
                guard queue.isDue else { return nil }
                queue.isDue = false
                return false
            }
            if isEnding == true { return }
            do throws(StoreError) {
                while try work() {
                    if self.isEnding { return }
                }
            } catch {
                // The error is in the metrics; the work is tried again after a pause.
            }
        }
    }

    var isEnding: Bool { merges.withLock { $0.isEnding } }

    private func attemptMerge() -> Result<Bool, StoreError> {
        do throws(StoreError) {
            let hadDamage = try setDamagedPartsAside()
            if repairIfDue() { return .success(true) }
            // Its own failures do not keep merges from running.
            let hasDropped = (try? attemptRetention().get()) ?? false
            return .success(try mergeDue() || hadDamage || hasDropped)
        } catch {
            return .failure(error)
        }
    }

    private func mergeDue() throws(StoreError) -> Bool {
        let (version, derivation) = state.withLock { ($0.version, $0.derivation) }
        var fences = MergeFences(version.marks, tables: options.derivedTables)
        if let derivation {
            fences.insert(
                derivation.flushNumber, table: derivation.base, derivation.partition)
        }
        let due = MergePolicy(options: options).due(
            version.entries, lastCommit: version.lastCommit, fences: fences)
        guard let choice = due.first else { return false }
        let isPaused = try isBelowMinimumFree()
        state.withLock { $0.metrics.mergesPaused = isPaused }
        if isPaused { return false }

        let parts = version.parts(choice.parts)
        let start = Clock.monotonicNanoseconds()
        do throws(StoreError) {
            if choice.partition == .mixed {
                try rewrite(parts)
            } else if let odd = Self.sortedOtherwise(parts) {
                try rewrite(odd.parts, sortKey: odd.sortKey)
            } else {
                try merge(parts)
            }
        } catch .corrupt {
            // The part has reported itself and is set aside before the next merge.
            return try setDamagedPartsAside()
        } catch .superseded {
            return true
        }
        state.withLock { state in
            state.metrics.mergeNanoseconds += Clock.monotonicNanoseconds() - start
        }
        return true
    }

    /// Whether background work pauses, so that the rest of the disk is ingest's.
    func isBelowMinimumFree() throws(StoreError) -> Bool {
        do throws(DiskError) {
            return try disk.freeSpace(at: directory) < options.minimumFreeBytes
        } catch {
            throw .disk(error)
        }
    }

    /// Merges parts of one partition into one.
    private func merge(_ parts: [Part]) throws(StoreError) {
        var merger = try Merger(parts, options: options)
        defer { for part in parts { part.evict() } }
        let merged = merger.parts
        let provenance = merged.dropFirst().reduce(merged[0].footer.provenance) {
            $0.union($1.footer.provenance)
        }
        var entry = PartEntry(
            number: takePartNumber(), table: merged[0].entry.table,
            partition: merged[0].entry.partition, flushRange: provenance.flushRange, rowCount: 0,
            byteCount: 0, timeRange: merged[0].entry.timeRange)
        for part in merged {
            entry.timeRange =
                min(
                    entry.timeRange.lowerBound, part.entry.timeRange.lowerBound)...max(
                    entry.timeRange.upperBound, part.entry.timeRange.upperBound)
        }
        let inputBytes = merged.reduce(0) { $0 + $1.byteCount }
        entry.container = inputBytes < options.wideBytesLeast ? .packed : .wide
        let output: MergeOutput
        do throws(DiskError) {
            output = try MergeOutput(self, entry, columnCount: merger.columnCount)
        } catch {
            remove([entry.path])
            throw .disk(error)
        }
        defer { output.close() }
        let footer: PartFooter
        state.withLock { state in
            state.metrics.runningMerge = StoreMetrics.RunningMerge(
                table: entry.table, partition: entry.partition.name, partCount: merged.count,
                rowCount: merged.reduce(0) { $0 + $1.rowCount })
        }
        defer { state.withLock { $0.metrics.runningMerge = nil } }
        do throws(StoreError) {
            try merger.run(
                provenance: provenance, container: entry.container, into: output
            ) { rowsRead in
                state.withLock { $0.metrics.runningMerge?.rowsRead = rowsRead }
            }
            entry.rowCount = merger.rowCount
            entry.byteCount = output.byteCount
            footer = try output.finish(entry)
        } catch {
            remove([entry.path])
            throw error
        }
        try replace(merged, by: [PartWrite(entry: entry, bytes: [], footer: footer)])
    }

    /// The parts that are not sorted as the newest of them, and how that is.
    ///
    /// A table's sort key may change from one version of Weir to the next.
    private static func sortedOtherwise(
        _ parts: [Part]
    ) -> (parts: [Part], sortKey: [String])? {
        guard let newest = parts.max(by: { $0.flushRange.upperBound < $1.flushRange.upperBound })
        else { return nil }
        let odd = parts.filter { $0.schema.sortKey != newest.schema.sortKey }
        return odd.isEmpty ? nil : (odd, newest.schema.sortKey)
    }

    /// Splits parts of mixed partitions into parts of one partition each, or sorts parts anew.
    ///
    /// Rows are taken in slices of granules that fit into memory, and each slice goes the way of a
    /// flush; merges then join the pieces.
    private func rewrite(_ parts: [Part], sortKey: [String]? = nil) throws(StoreError) {
        var files: [PartWrite] = []
        do throws(StoreError) {
            for part in parts {
                var slices = PartSlices(
                    [part], rowCount: .max, byteCount: options.mergeInputBytes / 4,
                    options: options)
                while var slice = try slices.next() {
                    if let sortKey { slice.schema.sortKey = sortKey }
                    let added = try encode(
                        slice, part.footer.provenance, partitionsMost: Int.max)
                    try write(added)
                    files += added.map {
                        PartWrite(entry: $0.entry, bytes: [], footer: $0.footer)
                    }
                }
            }
        } catch {
            remove(files.map(\.entry.path))
            throw error
        }
        try replace(parts, by: files)
    }

    /// Replaces parts by others with the same rows: one record, then one version.
    ///
    /// Where that fails the files go.
    private func replace(_ parts: [Part], by files: [PartWrite]) throws(StoreError) {
        let removed = parts.map(\.entry.number)
        let result = manifest.withLock { manifest -> Result<Void, StoreError> in
            // A part may have been set aside since it was chosen: its rows must not come back.
            guard removed.allSatisfy({ manifest.state.parts[$0] != nil }) else {
                remove(files.map(\.entry.path))
                return .failure(.superseded)
            }
            let failure = record(
                .merge(removed: removed, added: files.map(\.entry)), files,
                removing: Set(removed), in: &manifest)
            if let failure { return .failure(.disk(failure)) }
            return .success(())
        }
        try result.get()
        for part in parts { part.markObsolete() }
        state.withLock { state in
            state.metrics.merges += 1
            state.metrics.mergeWrittenBytes += files.reduce(0) { $0 + $1.entry.byteCount }
            state.metrics.mergedBytes += parts.reduce(0) { $0 + $1.byteCount }
            state.metrics.mergedRows += parts.reduce(0) { $0 + $1.rowCount }
        }
        rewriteManifestIfDue()
    }
}
