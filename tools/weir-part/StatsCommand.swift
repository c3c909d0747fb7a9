internal import Base
internal import PartFormat
internal import Store

extension Command {
    static let stats = Command(
        name: "stats",
        summary: "bytes, ratio, encodings, distinct values and nulls, column by column",
        help: """
            Says of each column how it is kept: its type, the encodings of its blocks, the bytes on
            disk, how many times smaller that is than the plain values, distinct values and nulls.

            usage: weir-part stats PATH [--table NAME,…] [--partition NAME,…] [--json]

              --table NAME,…      only the parts of these tables
              --partition NAME,…  only those of these partitions
              --json              a line of JSON for each table

            The parts of a table are added up. Plain are 8 bytes a number or time, a bit a boolean,
            and 4 bytes and its own for a string. Distinct values are exact up to 2,048 and beyond
            that estimated (~), to about 1 %. An encoding is followed by how many blocks have it
            where there are several; +zstd says that bodies are compressed on top.

            examples:
              weir-part stats data --table events
              weir-part stats data/tables/events/2026-01-10/42-97.part
              weir-part stats data --json

            exit codes: 0 fine · 1 wrong usage · 2 damage was found (and is left out) · 3 cannot be
            read

            """,
        options: ["table", "partition"],
        flags: ["json"],
        run: runStats)
}

private func runStats(_ arguments: Arguments, _ console: Console) throws(ToolError) -> ExitCode {
    var source = try Source(arguments.paths[0])
    try source.select(arguments)
    let findings = Findings.asides(console)
    var tables: [String: TableStatistics] = [:]
    var visit = PartVisit(source, findings, console)
    try visit.forEach { part, _ throws(StoreError) in
        var statistics =
            tables[part.footer.schema.name] ?? TableStatistics(part.footer.schema)
        defer { tables[part.footer.schema.name] = statistics }
        try statistics.add(part, findings, console)
    }
    for (index, name) in tables.keys.sorted().enumerated() {
        guard let statistics = tables[name] else { continue }
        if arguments.has("json") {
            console.print(statistics.json())
        } else {
            if index > 0 { console.print("") }
            for line in statistics.lines() { console.print(line) }
        }
    }
    if let note = visit.note { console.note(note) }
    return findings.exitCode
}
