internal import Base
internal import Disk

/// Opens the manifest of a data directory; where it is damaged or lacks records, begins a new one
/// with all that can be proved of the parts that are there.
struct ManifestOpening {
    let directory: String
    let disk: any Disk
    let options: StoreOptions
    let listing: DirectoryListing
    /// What was found on the way.
    private(set) var journal = DamageJournal()
    /// Files that were moved to quarantine.
    private(set) var setAside: Set<String> = []

    init(
        directory: String, disk: any Disk, options: StoreOptions, listing: DirectoryListing
    ) {
        self.directory = directory
        self.disk = disk
        self.options = options
        self.listing = listing
    }

    private var path: String { "\(directory)/\(FileNames.manifest)" }

    /// Reads the manifest; makes one where there is none.
    mutating func open(_ report: inout RecoveryReport) throws(DiskError) -> ManifestFile {
        guard try disk.exists(path) else {
            if !report.isNew { report.notes.append("the manifest was missing; a new one was made") }
            if report.isNew || listing.parts.isEmpty {
                return try ManifestFile.create(disk: disk, directory: directory)
            }
            return try begin(ManifestFrames.Contents(), bytes: nil, &report)
        }
        let bytes = try DataDirectory.readFile(path, disk)
        let contents = ManifestFrames.read(bytes)
        report.manifestBytesCut = contents.bytesCut
        let isWhole = contents.damage.isEmpty && contents.validBytes > 0
        if !isWhole || listing.lacksRecords(contents) {
            return try begin(contents, bytes: bytes, &report)
        }
        let handle = try disk.open(path, .readWrite)
        // A process that was killed may have left a record that is not synced: what is deleted
        // because of it must not come before it.
        do throws(DiskError) { try disk.perform(WriteBatch(syncFiles: [handle])) } catch {
            disk.close(handle)
            throw error
        }
        var manifest = ManifestFile(
            disk: disk, directory: directory, handle: handle, contents: contents)
        manifest.abandon(files: [])
        return manifest
    }

    /// Begins a new manifest; the old one is kept.
    private mutating func begin(
        _ contents: ManifestFrames.Contents, bytes: [UInt8]?, _ report: inout RecoveryReport
    ) throws(DiskError) -> ManifestFile {
        report.manifestIsDamaged = true
        let quarantine = Quarantine(directory: directory, disk: disk)
        let finding = DamageFinding(
            .manifest, file: FileNames.manifest, error: Self.error(contents, bytes),
            action: "parts are taken up by what they say of themselves; a new manifest was begun")
        if let bytes { try quarantine.keep(bytes, of: FileNames.manifest, finding) }
        journal.add(finding)
        let found = try Reattachment(
            contents, listing, directory: directory, disk: disk, options: options)
        var rescued = contents
        rescued.state = found.state
        let manifest = try ManifestFile.create(
            disk: disk, directory: directory, contents: rescued)
        // What was decided is on the disk: from here on a crash only leaves files that no record
        // names.
        for finding in found.findings { journal.add(finding) }
        for finding in found.setAside {
            try quarantine.take(finding.file, finding)
            setAside.insert(finding.file)
            journal.add(finding)
        }
        return manifest
    }

    private static func error(
        _ contents: ManifestFrames.Contents, _ bytes: [UInt8]?
    ) -> CorruptionError {
        guard let bytes else {
            return CorruptionError(
                file: FileNames.manifest, offset: 0, expected: "the file", found: "none")
        }
        return contents.damage.first
            ?? CorruptionError(
                file: FileNames.manifest, offset: contents.validBytes,
                expected: "records of all parts that are there",
                found: "the end at \(bytes.count)")
    }
}
