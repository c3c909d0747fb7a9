internal import Base
internal import Disk
internal import PartFormat
internal import Store

/// Checks what holds a data directory together: FORMAT, the manifest, its marks, and which files
/// there are.
struct DirectoryVerifier {
    let source: Source
    let findings: Findings
    let console: Console

    private var path: String { source.path }

    func run(_ counts: inout VerifyCounts) throws(ToolError) {
        if try DataFormat.version(path, source.disk) == nil {
            findings.add(
                "\(path)/\(FileNames.format)", 0,
                expected: "“weir” and a version from 1 to \(storeFormatVersion)",
                found: "no such file, or something else")
        }
        guard source.manifest != nil else {
            findings.add("\(path)/\(FileNames.manifest)", 0, expected: "a manifest", found: "none")
            return
        }
        counts.records = try checkManifest()
        checkMarks()
        checkFolders()
        try noteForeignFiles()
    }

    /// Every record; how many there are.
    private func checkManifest() throws(ToolError) -> Int {
        let file = "\(path)/\(FileNames.manifest)"
        var count = 0
        ManifestFrames.walk(try wholeFile(file, source.disk)) { piece in
            switch piece {
            case .record: count += 1
            case .damage(let error, _): findings.add(error.located(in: file))
            case .tail(_, let bytes):
                console.note(
                    "\(file), offset \(bytes.lowerBound): \(bytes.count) bytes of a record "
                        + "that was never acknowledged")
            }
        }
        if count == 0 { findings.add(file, 0, expected: "a record", found: "none") }
        return count
    }

    /// No part of a base has rows of flushes on both sides of a mark.
    private func checkMarks() {
        guard let state = source.manifest?.state else { return }
        let tables = Set(state.parts.values.map(\.table))
        for (table, marks) in state.marks {
            guard let base = DirectoryVerifier.base(of: table, among: tables) else { continue }
            for part in state.parts.values where part.table == base {
                guard let flush = marks[part.partition] else { continue }
                if part.flushRange.lowerBound <= flush, part.flushRange.upperBound > flush {
                    findings.add(
                        "\(path)/\(part.path)", 0,
                        expected: "flushes on one side of \(flush), up to which \(table) contains "
                            + "\(part.partition.name)",
                        found: "\(part.flushRange.lowerBound) to \(part.flushRange.upperBound)")
                }
            }
        }
    }

    /// The table that a derived one is made from: `page_views_minute` of `page_views_hour_total`.
    static func base(of table: String, among tables: Set<String>) -> String? {
        let suffix = "_corrections"
        let isCorrections = table.hasSuffix(suffix)
        let minute = "_minute" + (isCorrections ? suffix : "")
        return tables.filter { base in
            base.hasSuffix(minute) && base != table
                && table.hasPrefix(base.dropLast(minute.utf8.count) + "_")
        }.max { $0.utf8.count < $1.utf8.count }
    }

    /// A part lies in the folder that its entry names, under a name that no other has.
    private func checkFolders() {
        guard let state = source.manifest?.state else { return }
        for (number, part) in state.parts where number >= state.nextPartNumber {
            findings.add(
                "\(path)/\(FileNames.manifest)", 0,
                expected: "part numbers below \(state.nextPartNumber)", found: "\(part.number)")
        }
        for lost in state.losses {
            console.note(
                "\(grouped(lost.rowCount)) rows of "
                    + "\(lost.table.isEmpty ? "unknown tables" : lost.table) were lost before: "
                    + "\(lost.file): \(lost.reason)")
        }
    }

    /// Files that no record names hold nothing; they are worth a note.
    private func noteForeignFiles() throws(ToolError) {
        guard let state = source.manifest?.state else { return }
        let disk = source.disk
        let named = Set(state.parts.values.map(\.path))
        var count = 0
        for table in try folders(FileNames.tables) {
            for partition in try folders(table) {
                let names = try reading(partition) { () throws(DiskError) in
                    try disk.list("\(path)/\(partition)")
                }
                count += names.count { !named.contains("\(partition)/\($0)") }
            }
        }
        if count > 0 {
            console.note(
                "\(count) files under \(path)/\(FileNames.tables) are named by no record: "
                    + "left by an unfinished flush or merge, or made since the manifest was read")
        }
        let quarantine = "\(path)/\(FileNames.quarantine)"
        // Beside each lies a report.
        let kept = ((try? disk.list(quarantine)) ?? []).count { !$0.hasSuffix(".json") }
        if kept > 0 { console.note("\(kept) damaged files are kept in \(quarantine)") }
    }

    private func folders(_ folder: String) throws(ToolError) -> [String] {
        let disk = source.disk
        return try reading("\(path)/\(folder)") { () throws(DiskError) in
            guard try disk.exists("\(path)/\(folder)") else { return [] }
            var found: [String] = []
            for name in try disk.list("\(path)/\(folder)") {
                if try disk.isDirectory("\(path)/\(folder)/\(name)") {
                    found.append("\(folder)/\(name)")
                }
            }
            return found
        }
    }
}
