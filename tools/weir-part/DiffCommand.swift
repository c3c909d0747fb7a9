internal import Base
internal import PartFormat
internal import Store

extension Command {
    static let diff = Command(
        name: "diff",
        summary: "what two parts, tables or data directories hold that differs",
        help: """
            Compares two parts, two tables or two data directories: schemas first, then rows by
            their sort key. Rows of rollups with equal keys are combined, so that a table is the
            same before and after merges; rows of raw events with equal keys are compared as a set.

            usage: weir-part diff LEFT RIGHT [--table NAME,…] [--partition NAME,…] [--limit N]
                                  [--columns NAME,…]

              --table NAME,…      only these tables
              --partition NAME,…  only the parts of these partitions
              --columns NAME,…    compare only these columns, beside those of the sort key
              --limit N           print at most N differences of a table (20); all are counted

            - is a row that only LEFT has, + one that only RIGHT has, ~ a key with other values.
            In memory are a granule of each part, and the rows of one key.

            examples:
              weir-part diff data data/snapshots/yesterday
              weir-part diff before.part after.part --limit 5
              weir-part diff left right --table page_views_hour --columns events

            exit codes: 0 alike · 1 wrong usage · 2 damage was found · 3 cannot be read · 4 they
            differ

            """,
        options: ["table", "partition", "columns", "limit"],
        pathCount: 2,
        run: runDiff)
}

private func runDiff(_ arguments: Arguments, _ console: Console) throws(ToolError) -> ExitCode {
    let findings = Findings.asides(console)
    let left = try DiffSide(arguments.paths[0], arguments, findings, console)
    let right = try DiffSide(arguments.paths[1], arguments, findings, console)
    let limit = try arguments.count("limit") ?? 20
    let columns = arguments.names("columns")
    var differs = false
    let tables = Set(left.tables.keys).union(right.tables.keys).sorted()
    // Two tables are compared whatever they are called.
    if left.tables.count == 1, right.tables.count == 1, tables.count == 2,
        let first = left.tables.first, let second = right.tables.first
    {
        console.print("table \(first.key) in \(left.source.path), \(second.key) in the other")
        var diff = TableDiff(first.value, second.value, console, columns: columns, limit: limit)
        _ = try diff.run()
        return findings.count > 0 ? .damage : .differs
    }
    for table in tables {
        guard let first = left.tables[table], let second = right.tables[table] else {
            let holder = left.tables[table] == nil ? right : left
            console.print("\(table): only in \(holder.source.path)")
            differs = true
            continue
        }
        var diff = TableDiff(first, second, console, columns: columns, limit: limit)
        if try diff.run() { differs = true }
    }
    for note in [left.note, right.note].compactMap({ $0 }) { console.note(note) }
    if findings.count > 0 { return .damage }
    return differs ? .differs : .fine
}

/// One side of a comparison: the parts of each table.
private struct DiffSide {
    let source: Source
    private(set) var tables: [String: DiffTable] = [:]
    let note: String?

    init(
        _ path: String, _ arguments: Arguments, _ findings: Findings, _ console: Console
    ) throws(ToolError) {
        var source = try Source(path)
        try source.select(arguments)
        self.source = source
        var tables: [String: DiffTable] = [:]
        var visit = PartVisit(source, findings, console)
        try visit.forEach { part, _ throws(StoreError) in
            let schema = part.footer.schema
            tables[schema.name, default: DiffTable(schema: schema, findings: findings)].add(part)
        }
        self.tables = tables
        note = visit.note
    }
}

/// The parts of a table on one side.
struct DiffTable {
    private(set) var schema: TableSchema
    let findings: Findings
    private(set) var parts: [PartFiles] = []

    init(schema: TableSchema, findings: Findings) {
        self.schema = schema
        self.findings = findings
    }

    mutating func add(_ part: PartFiles) {
        parts.append(part)
        for column in part.footer.schema.columns where !schema.columns.contains(column) {
            schema.columns.append(column)
        }
    }
}
