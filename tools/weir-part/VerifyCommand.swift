internal import Base
internal import Disk
internal import EventLog
internal import PartFormat
internal import Store

extension Command {
    static let verify = Command(
        name: "verify",
        summary: "checks every checksum and every invariant",
        help: """
            Checks a part, a table or a data directory: every checksum, the order of the rows,
            counts, zones, dictionaries, states; in a data directory also the manifest against the
            files, the marks of derived tables, and the log with every event in it.

            usage: weir-part verify PATH [--table NAME,…] [--partition NAME,…] [--no-log] [--json]

              --table NAME,…      only the parts of these tables
              --partition NAME,…  only those of these partitions, such as 2026-01-10 or mixed
              --no-log            not the log
              --json              a line of JSON for each damage, and one for the summary

            Each damage is a line: the file, the offset in it, what was expected there and what was
            found. Then it goes on; the last line is a summary. Notes, which are no damage, go to
            standard error: what an unfinished flush has left, or the torn end of the log.

            Beside a running server: a part that a merge replaces meanwhile is passed over.

            examples:
              weir-part verify data
              weir-part verify data/snapshots/before-upgrade
              weir-part verify data/tables/events/2026-01-10/42-97.part
              weir-part verify data --table events --json

            exit codes: 0 all is well · 1 wrong usage · 2 damage was found · 3 cannot be read

            """,
        options: ["table", "partition"],
        flags: ["no-log", "json"],
        run: runVerify)
}

/// What a verification has looked at.
struct VerifyCounts {
    var parts = 0
    var rows = 0
    var blocks = 0
    var records: Int?
    var segments: Int?
    var frames = 0
    var events = 0
}

private func runVerify(_ arguments: Arguments, _ console: Console) throws(ToolError) -> ExitCode {
    var source = try Source(arguments.paths[0])
    try source.select(arguments)
    let asJSON = arguments.has("json")
    let findings = Findings.results(console, asJSON: asJSON)
    var counts = VerifyCounts()
    if source.kind == .dataDirectory {
        let directory = DirectoryVerifier(source: source, findings: findings, console: console)
        try directory.run(&counts)
    }
    var visit = PartVisit(source, findings, console)
    try visit.forEach { part, place throws(StoreError) in
        var verifier = PartVerifier(part, place, findings, console)
        try verifier.run()
        counts.parts += 1
        counts.rows += part.footer.rowCount
        counts.blocks += part.footer.granuleCount * part.footer.schema.columns.count
    }
    if let note = visit.note { console.note(note) }
    if source.kind == .dataDirectory, !arguments.has("no-log") {
        try LogVerifier(source: source, findings: findings, console: console).run(&counts)
    }
    console.print(asJSON ? json(counts, findings) : Array(text(counts, findings).utf8))
    return findings.exitCode
}

private func text(_ counts: VerifyCounts, _ findings: Findings) -> String {
    var words = [
        "\(grouped(counts.parts)) parts", "\(grouped(counts.rows)) rows",
        "\(grouped(counts.blocks)) blocks",
    ]
    if let records = counts.records { words.append("\(grouped(records)) manifest records") }
    if let segments = counts.segments {
        words.append(
            "\(grouped(segments)) log segments with \(grouped(counts.frames)) frames and "
                + "\(grouped(counts.events)) events")
    }
    let found = findings.count == 0 ? "no damage" : "DAMAGE: \(grouped(findings.count))"
    return "\(words.joined(separator: ", ")): \(found)"
}

private func json(_ counts: VerifyCounts, _ findings: Findings) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("damage", findings.count)
    writer.field("parts", counts.parts)
    writer.field("rows", counts.rows)
    writer.field("blocks", counts.blocks)
    if let records = counts.records { writer.field("manifestRecords", records) }
    if let segments = counts.segments {
        writer.field("logSegments", segments)
        writer.field("logFrames", counts.frames)
        writer.field("logEvents", counts.events)
    }
    writer.endObject()
    return writer.finish()
}
