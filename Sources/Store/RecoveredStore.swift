// Opening a store, step by step: 1. the directory is checked and locked; 2. the manifest is read,
// and the record that a crash left unfinished is cut off; 3. files that no record names are
// deleted; 4. the footers of all parts are read, many files at once; 5. parts that are missing or
// damaged are set aside and taken out of the manifest. After step 1 nothing but the disk itself
// can keep a store from opening.

internal import Base
internal import Disk
internal import PartFormat

/// What is found and made ready when a store is opened.
struct RecoveredStore: ~Copyable {
    /// Files whose footers are read in one batch.
    private static let batchFiles = 256

    let directory: String
    let disk: any Disk
    let options: StoreOptions
    let lock: FileHandle
    let handles = HandleBudget(256)
    let damage = DamageList()
    var manifest: ManifestFile
    var report = RecoveryReport()
    var journal = DamageJournal()
    /// Parts that can be read, without what tells the store of damage.
    var footers: [(entry: PartEntry, footer: PartFooter)] = []
    /// Above every number that a file in the directory has.
    var nextPartNumber: UInt64 = 1

    private init(
        directory: String, disk: any Disk, options: StoreOptions, lock: FileHandle,
        manifest: consuming ManifestFile, report: RecoveryReport
    ) {
        self.directory = directory
        self.disk = disk
        self.options = options
        self.lock = lock
        self.manifest = manifest
        self.report = report
    }

    /// Does all steps.
    static func open(
        directory: String, disk: any Disk, options: StoreOptions
    ) throws(StoreError) -> RecoveredStore {
        let opened = try DataDirectory.open(directory, disk: disk)
        var report = RecoveryReport()
        report.isNew = opened.isNew
        do throws(DiskError) {
            let manifest = try openManifest(directory, disk, &report)
            var recovered = RecoveredStore(
                directory: directory, disk: disk, options: options, lock: opened.lock,
                manifest: manifest, report: report)
            try recovered.deleteUnnamedFiles()
            try recovered.openParts()
            recovered.report.lastCommit = recovered.manifest.state.lastCommit
            recovered.report.partCount = recovered.footers.count
            return recovered
        } catch {
            disk.close(opened.lock)
            throw .disk(error)
        }
    }

    /// Reads the manifest; makes one where there is none.
    private static func openManifest(
        _ directory: String, _ disk: any Disk, _ report: inout RecoveryReport
    ) throws(DiskError) -> ManifestFile {
        let path = "\(directory)/\(FileNames.manifest)"
        guard try disk.exists(path) else {
            if !report.isNew { report.notes.append("the manifest was missing; a new one was made") }
            let hasTables = try disk.exists("\(directory)/\(FileNames.tables)")
            report.manifestIsDamaged = !report.isNew && hasTables
            return try ManifestFile.create(disk: disk, directory: directory)
        }
        let bytes = try DataDirectory.readFile(path, disk)
        let contents = ManifestFrames.read(bytes)
        report.manifestBytesCut = contents.bytesCut
        if contents.damage.isEmpty, contents.validBytes > 0 {
            let handle = try disk.open(path, .readWrite)
            var manifest = ManifestFile(
                disk: disk, directory: directory, handle: handle, contents: contents)
            manifest.abandon(files: [])
            return manifest
        }
        // What the readable records say goes on in a new manifest; the old one is kept.
        report.manifestIsDamaged = true
        for error in contents.damage { report.notes.append("manifest damaged: \(error)") }
        if contents.damage.isEmpty { report.notes.append("the manifest held no valid record") }
        let kept = "\(directory)/\(FileNames.quarantine)"
        try disk.createDirectory(kept)
        let target = try Quarantine.freeName("\(kept)/\(FileNames.manifest)", disk)
        try writeFile(target, bytes, disk)
        try disk.syncDirectory(kept)
        var rescued = contents
        rescued.state.losses.append(
            LostRows(
                table: "", timeRange: nil, rowCount: 0, file: FileNames.manifest,
                reason: contents.damage.first?.description ?? "no valid record"))
        return try ManifestFile.create(disk: disk, directory: directory, contents: rescued)
    }

    private static func writeFile(
        _ path: String, _ bytes: [UInt8], _ disk: any Disk
    ) throws(DiskError) {
        let handle = try disk.open(path, .create)
        defer { disk.close(handle) }
        try disk.perform(
            WriteBatch(
                writes: [WriteBatch.Write(file: handle, offset: 0, bytes: bytes)],
                syncFiles: [handle]))
    }

    consuming func takeManifest() -> ManifestFile { manifest }
}

extension RecoveredStore {
    /// Deletes what a flush, a merge or a rewrite left unfinished, and what they had replaced.
    ///
    /// Where the manifest was damaged, such files may be wanted: they are set aside instead.
    private mutating func deleteUnnamedFiles() throws(DiskError) {
        var unnamed: [String] = []
        for name in try disk.list(directory) where name.hasSuffix(FileNames.temporarySuffix) {
            unnamed.append(name)
        }
        let named = Set(manifest.state.parts.values.map(\.path))
        var emptyFolders: [String] = []
        for table in try folders(in: FileNames.tables) {
            for partition in try folders(in: table) {
                let files = try disk.list("\(directory)/\(partition)")
                var keptCount = 0
                for name in files {
                    noteNumber(name)
                    let path = "\(partition)/\(name)"
                    if named.contains(path) { keptCount += 1 } else { unnamed.append(path) }
                }
                if keptCount == 0 { emptyFolders.append(partition) }
            }
        }
        for path in unnamed {
            if report.manifestIsDamaged, path.hasSuffix(FileNames.partSuffix) {
                try Quarantine(directory: directory, disk: disk).take(
                    path, DamageFinding(.setAside, file: path, action: "moved to quarantine"))
            } else {
                try disk.removePart("\(directory)/\(path)")
                report.filesDeleted.append(path)
            }
        }
        // An empty folder is only untidy; a foreign folder in it keeps it.
        for folder in emptyFolders { try? disk.removeDirectory("\(directory)/\(folder)") }
    }

    private func folders(in folder: String) throws(DiskError) -> [String] {
        let path = "\(directory)/\(folder)"
        guard try disk.exists(path) else { return [] }
        var found: [String] = []
        for name in try disk.list(path) {
            if try disk.isDirectory("\(path)/\(name)") { found.append("\(folder)/\(name)") }
        }
        return found
    }

    /// A number once used in a file name is not used again, even if its record was lost.
    private mutating func noteNumber(_ name: String) {
        guard let stem = name.split(separator: ".").first,
            let number = stem.split(separator: "-").last.flatMap({ UInt64($0) }), number < .max
        else { return }
        nextPartNumber = max(nextPartNumber, number + 1)
    }
}

extension RecoveredStore {
    /// Reads the footers of all parts, and takes out those that cannot be read.
    private mutating func openParts() throws(DiskError) {
        let entries = manifest.state.parts.values.sorted { $0.number < $1.number }
        var damaged: [(PartEntry, CorruptionError)] = []
        for start in stride(from: 0, to: entries.count, by: Self.batchFiles) {
            let batch = entries[start..<min(start + Self.batchFiles, entries.count)]
            try openParts(batch, &damaged)
        }
        for (entry, error) in damaged { try giveUp(entry, error) }
    }

    /// Takes a damaged part out of the manifest; where it can be made again, with all that is made
    /// with it.
    private mutating func giveUp(
        _ entry: PartEntry, _ error: CorruptionError
    ) throws(DiskError) {
        let record = manifest.state.damage(of: entry, reason: "\(error)")
        let finding = DamageFinding(
            .damaged, entry, error: error, action: record.actionOnDamage)
        try Quarantine(directory: directory, disk: disk).take(entry.path, finding)
        journal.add(finding)
        // Another part of the same derived table may have taken this one with it.
        guard manifest.state.parts[entry.number] != nil else { return }
        if case .loss(_, let lost) = record { report.damage += lost }
        let removed = record.removed
        footers.removeAll { removed.contains($0.entry.number) }
        let files = removed.compactMap { manifest.state.parts[$0]?.path }
        do throws(DiskError) {
            try manifest.append(record)
        } catch {
            report.notes.append("the loss could not be recorded: \(error)")
            manifest.assume(record)
            return
        }
        // What cannot be unlinked now is deleted at the next start.
        for file in files { try? disk.removePart("\(directory)/\(file)") }
    }

    private mutating func openParts(
        _ entries: ArraySlice<PartEntry>, _ damaged: inout [(PartEntry, CorruptionError)]
    ) throws(DiskError) {
        var opened: [(entry: PartEntry, handle: FileHandle, byteCount: Int)] = []
        defer { for file in opened { disk.close(file.handle) } }
        for entry in entries {
            let path = "\(directory)/\(entry.path(file: 0))"
            guard try disk.exists(path) else {
                damaged.append((entry, Self.missing(entry.path(file: 0))))
                continue
            }
            let handle = try disk.open(path, .read)
            let byteCount = try disk.size(of: handle)
            if byteCount == entry.byteCount || entry.container == .wide {
                opened.append((entry, handle, byteCount))
            } else {
                disk.close(handle)
                damaged.append(
                    (
                        entry,
                        CorruptionError(
                            file: entry.path(file: 0), offset: min(byteCount, entry.byteCount),
                            expected: "\(entry.byteCount) bytes", found: "\(byteCount)")
                    ))
            }
        }
        let tails = try disk.read(
            opened.map { file in
                let range = PartFooter.tailRange(fileSize: file.byteCount)
                return ReadRange(
                    file: file.handle, offset: range.lowerBound, byteCount: range.count)
            })
        for (index, file) in opened.enumerated() {
            do throws(StoreError) {
                let footer = try FooterReader(disk: disk).read(
                    file.entry, file.handle, fileSize: file.byteCount, tail: tails[index])
                try requireFiles(of: file.entry, footer)
                footers.append((file.entry, footer))
            } catch {
                guard case .corrupt(let corruption) = error else {
                    if case .disk(let failure) = error { throw failure }
                    continue
                }
                damaged.append((file.entry, corruption))
            }
        }
    }
}

extension RecoveredStore {
    /// Fails if a wide part lacks a file; sizes are looked at when the files are read.
    private func requireFiles(
        of entry: PartEntry, _ footer: PartFooter
    ) throws(StoreError) {
        if entry.container == .packed { return }
        let names: [String]
        do throws(DiskError) {
            names = try disk.list("\(directory)/\(entry.path)")
        } catch {
            throw .disk(error)
        }
        let found = Set(names)
        for file in 0..<entry.container.fileCount(columns: footer.schema.columns.count) {
            let name = Container.name(file: file)
            if !found.contains(name) {
                throw .corrupt(Self.missing("\(entry.path)/\(name)"))
            }
        }
    }

    private static func missing(_ file: String) -> CorruptionError {
        CorruptionError(file: file, offset: 0, expected: "the file", found: "none")
    }
}
