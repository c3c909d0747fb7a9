// Retention: what is no longer kept goes, by one manifest record, after which the files are
// unlinked as soon as no view needs them. It runs between two merges, never beside one. On a full
// disk the record may find no room: then a file that was set aside for it makes some.

internal import Base
internal import Disk
internal import Glibc

extension Store {
    /// Drops what is no longer kept, as of the watermark of the last commit.
    ///
    /// False if there is nothing to drop.
    package func dropExpired() throws(StoreError) -> Bool {
        let result = mergeTurn.withLock { _ in attemptRetention() }
        return try result.get()
    }

    /// The same for who has the turn of merges.
    func attemptRetention() -> Result<Bool, StoreError> {
        let result = drop()
        state.withLock { state in
            switch result {
            case .success: state.metrics.retentionError = nil
            case .failure(let error): state.metrics.retentionError = "\(error)"
            }
        }
        return result.mapError { .disk($0) }
    }

    private func drop() -> Result<Bool, DiskError> {
        if options.retention.isSet { keepReserve() }
        let result = manifest.withLock { manifest -> Result<[Part]?, DiskError> in
            // The version of the manifest's state: both change under its lock only.
            let version = state.withLock { $0.version }
            guard let watermark = version.lastCommit?.watermark else { return .success(nil) }
            let policy = RetentionPolicy(options: options)
            let choice = policy.due(manifest.state, watermark: watermark)
            if choice.isEmpty { return .success(nil) }
            let removed = Set(choice.parts.map(\.number))
            let parts = version.tables.values.flatMap { $0 }.filter {
                removed.contains($0.entry.number)
            }
            let record = ManifestRecord.retention(
                removed: removed.sorted(), marks: choice.marks, horizons: choice.horizons)
            if let failure = recordWithReserve(record, in: &manifest) { return .failure(failure) }
            return .success(parts)
        }
        guard case .success(let found) = result else { return result.map { _ in false } }
        guard let parts = found else { return .success(false) }
        for part in parts { part.markObsolete() }
        state.withLock { state in
            state.metrics.droppedParts += parts.count
            state.metrics.droppedRows += parts.reduce(0) { $0 + $1.rowCount }
            state.metrics.droppedBytes += parts.reduce(0) { $0 + $1.byteCount }
        }
        rewriteManifestIfDue()
        // Bases may wait for tables that are kept longer.
        derivations.update { $0.isDue = true }
        return .success(true)
    }

    /// Appends a record of retention; where there is no room, the reserve makes some.
    private func recordWithReserve(
        _ retention: ManifestRecord, in manifest: inout ManifestFile
    ) -> DiskError? {
        let removed = retention.removed
        guard let failure = record(retention, [], removing: removed, in: &manifest) else {
            return nil
        }
        guard failure.code == ENOSPC || failure.code == EDQUOT else { return failure }
        state.withLock { $0.hasReserve = false }
        do throws(DiskError) {
            try disk.unlink("\(directory)/\(FileNames.reserve)")
            // Journaling file systems give the space out again only then.
            try disk.syncDirectory(directory)
        } catch {
            return failure
        }
        return record(retention, [], removing: removed, in: &manifest)
    }

    /// Sets the reserve aside; while the disk has no room for it, the next time.
    private func keepReserve() {
        if state.withLock({ $0.hasReserve }) { return }
        let path = "\(directory)/\(FileNames.reserve)"
        do throws(DiskError) {
            let exists = try disk.exists(path)
            let handle = try disk.open(path, exists ? .readWrite : .create)
            defer { disk.close(handle) }
            if try disk.size(of: handle) < options.reserveBytes {
                try disk.preallocate(handle, byteCount: options.reserveBytes)
            }
            state.withLock { $0.hasReserve = true }
        } catch {
            // A smaller one serves, too.
        }
    }
}
