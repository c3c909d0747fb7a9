// A commit, step by step: 1. each table's rows are sorted, split by partition and encoded; 2. the
// files are written and synced, with their folders; 3. the log is synced up to the batch's
// position; 4. one record is appended to the manifest and synced; 5. the version is published.
// Where a step fails, the files go again, and nothing has changed.

internal import Base
internal import Disk
internal import PartFormat
internal import Synchronization

extension Store {
    /// Makes a flush durable, all or nothing, and shows its rows in place of the live generations
    /// up to its number.
    ///
    /// After an error nothing has changed, and the same batch may be tried again.
    ///
    /// Commits come from one thread at a time, with ascending flush numbers.
    package func commit(_ batch: FlushBatch) throws(StoreError) {
        let start = Clock.monotonicNanoseconds()
        do throws(StoreError) {
            try performCommit(batch)
        } catch {
            state.withLock { $0.metrics.commitError = "\(error)" }
            throw error
        }
        let duration = Clock.monotonicNanoseconds() - start
        state.withLock { state in
            state.metrics.commitError = nil
            state.metrics.commits += 1
            state.metrics.commitNanoseconds += duration
            state.metrics.lastCommitNanoseconds = duration
        }
        rewriteManifestIfDue()
        merges.update { $0.isDue = true }
        derivations.update { $0.isDue = true }
    }

    private func performCommit(_ batch: FlushBatch) throws(StoreError) {
        let last = state.withLock { $0.version.lastCommit }
        if let last, batch.flushNumber <= last.flushNumber {
            throw .invalid(message: "flush \(batch.flushNumber) comes after \(last.flushNumber)")
        }
        let provenance = PartProvenance(
            positionFrom: last?.position ?? .start, positionTo: batch.position,
            flushRange: batch.flushNumber...batch.flushNumber)
        var files: [PartWrite] = []
        for part in batch.parts where part.rowCount > 0 {
            files += try encode(part, provenance)
        }
        try write(files)
        do throws(StoreError) {
            try syncLogThrough(batch.position)
        } catch {
            remove(files.map(\.entry.path))
            throw error
        }
        let point = CommitPoint(
            flushNumber: batch.flushNumber, position: batch.position,
            replayPosition: batch.replayPosition, watermark: batch.watermark, state: batch.state)
        let written = files
        let failure = manifest.withLock { manifest in
            record(
                .commit(point, added: written.map(\.entry)), written, events: batch.counts,
                in: &manifest)
        }
        if let failure { throw .disk(failure) }
        state.withLock { state in
            state.metrics.committedBytes += written.reduce(0) { $0 + $1.entry.byteCount }
        }
    }

    private func syncLogThrough(_ position: LogPosition) throws(StoreError) {
        do { try syncLog(position) } catch { throw .logNotSynced(message: "\(error)") }
    }

    /// Appends a record that names new files, and publishes the version it makes.
    ///
    /// Where that fails the files go, as soon as the record is surely not on the disk.
    func record(
        _ record: ManifestRecord, _ files: [PartWrite], removing removed: Set<UInt64> = [],
        events: EventCounts = EventCounts(), in manifest: inout ManifestFile
    ) -> DiskError? {
        do throws(DiskError) { try manifest.append(record) } catch {
            manifest.abandon(files: files.map(\.entry.path))
            return error
        }
        publishVersion(
            removing: removed, adding: files.map { makePart($0.entry, $0.footer) },
            events: events, manifest: manifest)
        return nil
    }

    /// The files of a table's rows.
    func encode(
        _ part: MemoryPart, _ provenance: PartProvenance, partitionsMost: Int? = nil
    ) throws(StoreError) -> [PartWrite] {
        let name = part.schema.name
        guard FileNames.isTableName(name) else {
            throw .invalid(message: "\(name) cannot name a table")
        }
        let runs = try FlushRows(part).split(
            partitionsMost: partitionsMost ?? options.partitionsPerFlush)
        var files: [PartWrite] = []
        for rows in runs { files.append(try makeWrite(rows, provenance)) }
        return files
    }

    /// The file of sorted rows, encoded.
    func makeWrite(
        _ rows: SortedRows, _ provenance: PartProvenance
    ) throws(StoreError) -> PartWrite {
        let bytes = PartImage.make(rows, provenance: provenance, options: options)
        let entry = PartEntry(
            number: takePartNumber(), table: rows.schema.name, partition: rows.partition,
            flushRange: provenance.flushRange, rowCount: rows.rowCount, byteCount: bytes.count,
            timeRange: rows.timeRange)
        do throws(CorruptionError) {
            let footer = try PartFooter(fileBytes: bytes)
            invariant(
                footer.rowCount == rows.rowCount, "\(footer.rowCount) of \(rows.rowCount) rows")
            return PartWrite(entry: entry, bytes: bytes, footer: footer)
        } catch {
            throw .corrupt(error.located(in: entry.path))
        }
    }

    func takePartNumber() -> UInt64 {
        nextPartNumber.add(1, ordering: .relaxed).oldValue
    }

    /// Writes and syncs the files and their folders; removes them again if that fails.
    func write(_ files: [PartWrite]) throws(StoreError) {
        do throws(DiskError) {
            let folders = try createFolders(Set(files.map(\.entry.folder)))
            // Few files are open at once, so that a process's limit of them is not met.
            for start in stride(from: 0, to: files.count, by: 128) {
                let end = min(start + 128, files.count)
                try write(files[start..<end], syncing: end == files.count ? folders : [])
            }
            syncedFolders.withLock { $0.formUnion(folders) }
        } catch {
            remove(files.map(\.entry.path))
            throw .disk(error)
        }
    }

    private func write(
        _ files: ArraySlice<PartWrite>, syncing folders: [String]
    ) throws(DiskError) {
        var batch = WriteBatch(syncDirectories: folders.map { "\(directory)/\($0)" })
        defer { for handle in batch.syncFiles { disk.close(handle) } }
        for file in files {
            let handle = try disk.open("\(directory)/\(file.entry.path)", .create)
            batch.syncFiles.append(handle)
            batch.writes.append(WriteBatch.Write(file: handle, offset: 0, bytes: file.bytes))
        }
        try disk.perform(batch)
    }

    /// Creates folders; returns those to be synced: them, and those above them that are new.
    func createFolders(_ folders: Set<String>) throws(DiskError) -> [String] {
        let known = syncedFolders.withLock { $0 }
        var toSync = folders
        for folder in folders.sorted() where !known.contains(folder) {
            try disk.createDirectory("\(directory)/\(folder)")
            var above = Substring(folder)
            while let slash = above.lastIndex(of: "/") {
                above = above[..<slash]
                toSync.insert(String(above))
            }
            toSync.insert(".")
        }
        return toSync.sorted()
    }

    /// Removes files that no record names.
    ///
    /// What cannot be removed goes at the next start.
    func remove(_ files: [String]) {
        for file in files { try? disk.removePart("\(directory)/\(file)") }
    }
}

/// A part that is encoded and not written yet.
struct PartWrite: Sendable {
    var entry: PartEntry
    var bytes: [UInt8]
    var footer: PartFooter
}

extension PartFooter {
    /// The footer of a file that is in memory whole.
    init(fileBytes bytes: [UInt8]) throws(CorruptionError) {
        let tail = PartFooter.tailRange(fileSize: bytes.count)
        let range = try PartFooter.footerRange(
            tail: bytes.span.extracting(tail), fileSize: bytes.count)
        try self.init(decoding: bytes.span.extracting(range), fileSize: bytes.count)
    }
}
