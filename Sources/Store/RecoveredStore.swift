// Opening a store, step by step: 1. the directory is checked and locked; 2. the manifest is read,
// and the record that a crash left unfinished is cut off; 3. where records of it are damaged or
// lack, the parts that only they named are taken up again (`Reattachment`), and a new manifest is
// begun; 4. files that no record names are deleted; 5. the footers of all parts are read, many
// files at once; 6. parts that are missing or damaged are set aside and taken out of the manifest.
// After step 1 nothing but the disk itself can keep a store from opening.

internal import Base
internal import Disk
internal import Glibc
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
            let listing = try DirectoryListing(directory, disk)
            var opening = ManifestOpening(
                directory: directory, disk: disk, options: options, listing: listing)
            let manifest = try opening.open(&report)
            var recovered = RecoveredStore(
                directory: directory, disk: disk, options: options, lock: opened.lock,
                manifest: manifest, report: report)
            recovered.journal = opening.journal
            recovered.nextPartNumber = listing.nextPartNumber
            try recovered.deleteUnnamedFiles(listing, but: opening.setAside)
            try recovered.openParts()
            try recovered.passLostCommits()
            recovered.report.lastCommit = recovered.manifest.state.lastCommit
            recovered.report.partCount = recovered.footers.count
            return recovered
        } catch {
            disk.close(opened.lock)
            throw .disk(error)
        }
    }

    consuming func takeManifest() -> ManifestFile { manifest }
}

extension RecoveredStore {
    /// Deletes what a flush, a merge or a rewrite left unfinished, and what they had replaced; what
    /// Weir did not write stays.
    private mutating func deleteUnnamedFiles(
        _ listing: DirectoryListing, but setAside: Set<String>
    ) throws(DiskError) {
        var unnamed = listing.temporary
        for file in listing.unnamed(manifest.state) where !setAside.contains(file.path) {
            unnamed.append(file.path)
        }
        var foreign = listing.foreign
        for path in unnamed {
            // What was half of a new manifest may have become it, or gone, since it was listed.
            guard try disk.exists("\(directory)/\(path)") else { continue }
            if try isForeignFolder(path) {
                foreign.append(path)
                continue
            }
            try disk.removePart("\(directory)/\(path)")
            report.filesDeleted.append(path)
        }
        for path in foreign { report.notes.append("\(path) is no file of Weir; left as it is") }
        // An empty folder is only untidy; a foreign file in it keeps it.
        let used = Set(manifest.state.parts.values.map(\.folder))
        let left = Set(listing.emptyFolders + unnamed.map(Self.folder)).subtracting(used)
        for folder in left.sorted() where !folder.isEmpty {
            try? disk.removeDirectory("\(directory)/\(folder)")
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    /// Whether it is a folder that no part is: one with folders in it.
    private func isForeignFolder(_ path: String) throws(DiskError) -> Bool {
        guard try disk.isDirectory("\(directory)/\(path)") else { return false }
        for name in try disk.list("\(directory)/\(path)") {
            if try disk.isDirectory("\(directory)/\(path)/\(name)") { return true }
        }
        return false
    }
}

extension RecoveredStore {
    /// Reads the footers of all parts, and takes out those that cannot be read.
    private mutating func openParts() throws(DiskError) {
        let entries = manifest.state.parts.values.sorted { $0.number < $1.number }
        var bad = BadParts()
        for start in stride(from: 0, to: entries.count, by: Self.batchFiles) {
            let batch = entries[start..<min(start + Self.batchFiles, entries.count)]
            try openParts(batch, &bad)
        }
        // Where so many cannot be read it is the disk, or the way to it, and no part is to go.
        if let failure = bad.failure, bad.unreadable > max(1, entries.count / 2) { throw failure }
        for (entry, error) in bad.found { try giveUp(entry, error) }
    }

    /// Parts that cannot be opened.
    private struct BadParts {
        var found: [(entry: PartEntry, error: CorruptionError)] = []
        /// How many of them the disk did not give, and what it said last.
        var unreadable = 0
        var failure: DiskError?

        /// Takes what is wrong with one part; other failures are thrown on.
        mutating func take(_ entry: PartEntry, _ error: StoreError) throws(DiskError) {
            switch error {
            case .corrupt(let corruption): found.append((entry, corruption))
            case .disk(let failure):
                guard failure.isOfMedium else { throw failure }
                self.failure = failure
                unreadable += 1
                found.append(
                    (
                        entry,
                        CorruptionError(
                            file: entry.path(file: 0), offset: 0, expected: "a file to read",
                            found: failure.description)
                    ))
            default: break
            }
        }
    }

    private struct OpenedPart {
        var entry: PartEntry
        var handle: FileHandle
        var byteCount: Int
    }

    private mutating func openParts(
        _ entries: ArraySlice<PartEntry>, _ bad: inout BadParts
    ) throws(DiskError) {
        var opened: [OpenedPart] = []
        defer { for file in opened { disk.close(file.handle) } }
        for entry in entries {
            do throws(StoreError) {
                opened.append(try open(entry))
            } catch {
                try bad.take(entry, error)
            }
        }
        let tails = try readTails(opened)
        for (index, file) in opened.enumerated() {
            do throws(StoreError) {
                let footer = try FooterReader(disk: disk).read(
                    file.entry, file.handle, fileSize: file.byteCount, tail: tails?[index])
                try requireFiles(of: file.entry, footer)
                footers.append((file.entry, footer))
            } catch {
                try bad.take(file.entry, error)
            }
        }
    }

    private func open(_ entry: PartEntry) throws(StoreError) -> OpenedPart {
        let name = entry.path(file: 0)
        let file: OpenedPart?
        do throws(DiskError) {
            file = try open(entry, "\(directory)/\(name)")
        } catch {
            throw .disk(error)
        }
        guard let file else { throw .corrupt(Self.missing(name)) }
        if file.byteCount == entry.byteCount || entry.container == .wide { return file }
        disk.close(file.handle)
        throw .corrupt(
            CorruptionError(
                file: name, offset: min(file.byteCount, entry.byteCount),
                expected: "\(entry.byteCount) bytes", found: "\(file.byteCount)"))
    }

    private func open(
        _ entry: PartEntry, _ path: String
    ) throws(DiskError) -> OpenedPart? {
        guard try disk.exists(path) else { return nil }
        let handle = try disk.open(path, .read)
        do throws(DiskError) {
            return OpenedPart(entry: entry, handle: handle, byteCount: try disk.size(of: handle))
        } catch {
            disk.close(handle)
            throw error
        }
    }

    /// The ends of files, all at once; nil where the disk does not give one of them.
    private func readTails(_ opened: [OpenedPart]) throws(DiskError) -> [[UInt8]]? {
        do throws(DiskError) {
            return try disk.read(
                opened.map { file in
                    let range = PartFooter.tailRange(fileSize: file.byteCount)
                    return ReadRange(
                        file: file.handle, offset: range.lowerBound, byteCount: range.count)
                })
        } catch {
            guard error.isOfMedium else { throw error }
            return nil
        }
    }

    /// Takes a damaged part out of the manifest; where it can be made again, with all that is made
    /// with it.
    private mutating func giveUp(
        _ entry: PartEntry, _ error: CorruptionError
    ) throws(DiskError) {
        let record = manifest.state.damage(
            of: entry, reason: "\(error)", among: options.derivedTables)
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

extension DiskError {
    /// Whether the disk cannot give what is there: another try, or other bytes, may be read.
    fileprivate var isOfMedium: Bool { [EIO, EBADMSG, EUCLEAN].contains(code) }
}
