internal import Base
internal import PartFormat
internal import Store

extension Command {
    static let dump = Command(
        name: "dump",
        summary: "rows as NDJSON or CSV",
        help: """
            Prints rows, part by part, in the order in which they are kept.

            usage: weir-part dump PATH [--columns NAME,…] [--range START..END] [--limit N]
                                  [--format ndjson|csv] [--states estimate|hex]
                                  [--table NAME] [--partition NAME,…]

              --columns NAME,…   only these, such as timestamp,properties.page; NAME:TYPE takes one
                                 of several columns of a name
              --range START..END only rows whose time is in the range; RFC 3339 or milliseconds
                                 since 1970, the end exclusive, either may be missing
              --limit N          at most N rows
              --format csv       a header, then a row a line, quoted as RFC 4180 says
              --states hex       sketches as their bytes; estimate (the default) prints the count
                                 that a query would answer
              --table NAME       of a directory with several tables, the one that is meant
              --partition NAME,… only these partitions

            Nulls are left out in NDJSON, and empty in CSV, where the empty string is "". Times are
            RFC 3339 in UTC, arrays their JSON text, floats that are no number the strings "NaN",
            "Infinity" and "-Infinity".

            Rows of a granule in which a wanted column is damaged are left out, and counted.

            examples:
              weir-part dump data --table events --columns timestamp,properties.page --limit 5
              weir-part dump data --table events --range 2026-01-10T00:00:00Z..2026-01-10T00:05:00Z
              weir-part dump data/tables/events/2026-01-10/42-97.part --format csv > rows.csv

            exit codes: 0 fine · 1 wrong usage · 2 damage was found · 3 cannot be read

            """,
        options: ["columns", "range", "limit", "format", "states", "table", "partition"],
        run: runDump)
}

private func runDump(_ arguments: Arguments, _ console: Console) throws(ToolError) -> ExitCode {
    var source = try Source(arguments.paths[0])
    try source.select(arguments)
    let options = DumpOptions(
        columns: arguments.names("columns"), range: try arguments.timeRange("range"),
        asCSV: try arguments.choice("format", ["ndjson", "csv"]) == "csv",
        statesAsHex: try arguments.choice("states", ["estimate", "hex"]) == "hex")
    let findings = Findings.asides(console)
    var columns = DumpColumns(options)
    var shapes = PartVisit(source, findings, console)
    try shapes.forEach { part, _ throws(StoreError) in columns.add(part.footer.schema) }
    try columns.requireOneTable(source)
    var dump = Dump(options: options, columns: columns, console: console)
    dump.rowsLeft = try arguments.count("limit") ?? .max
    if options.asCSV { console.print(dump.csvHeader()) }
    var visit = PartVisit(source.without(shapes.badPaths), findings, console)
    try visit.forEach { part, _ throws(StoreError) in
        try dump.write(part, findings)
    }
    if dump.rowsLost > 0 {
        console.warn("weir-part: \(grouped(dump.rowsLost)) rows were left out, as they are damaged")
    }
    if let note = visit.note { console.note(note) }
    return findings.exitCode
}
