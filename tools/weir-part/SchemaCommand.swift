internal import Base
internal import PartFormat
internal import Store

extension Command {
    static let schema = Command(
        name: "schema",
        summary: "tables, their sort keys, and columns with types and roles",
        help: """
            Prints the schema of a part, or of each table: kind, partitioning, sort key, and the
            columns with type and role. Where parts differ, as those of raw events do, the columns
            of all are listed, and in how many of the parts each is.

            usage: weir-part schema PATH [--table NAME,…] [--partition NAME,…] [--json]

              --json  a line of JSON for each table

            examples:
              weir-part schema data --table events
              weir-part schema data/tables/page_views_hour/2026-01-10/12-31.part --json

            exit codes: 0 fine · 1 wrong usage · 2 damage was found · 3 cannot be read

            """,
        options: ["table", "partition"],
        flags: ["json"],
        run: runSchema)
}

/// A table's schema over several parts.
struct TableShape {
    var schema: TableSchema
    var partCount = 0
    /// How many parts have each column.
    var counts: [ColumnSchema: Int] = [:]

    mutating func add(_ other: TableSchema) {
        partCount += 1
        for column in other.columns {
            if counts[column, default: 0] == 0, !schema.columns.contains(column) {
                schema.columns.append(column)
            }
            counts[column, default: 0] += 1
        }
    }
}

private func runSchema(_ arguments: Arguments, _ console: Console) throws(ToolError) -> ExitCode {
    var source = try Source(arguments.paths[0])
    try source.select(arguments)
    let findings = Findings.asides(console)
    var tables: [String: TableShape] = [:]
    var visit = PartVisit(source, findings, console)
    try visit.forEach { part, _ throws(StoreError) in
        let schema = part.footer.schema
        tables[schema.name, default: TableShape(schema: schema)].add(schema)
    }
    for (index, name) in tables.keys.sorted().enumerated() {
        guard let shape = tables[name] else { continue }
        if arguments.has("json") {
            console.print(json(shape))
        } else {
            if index > 0 { console.print("") }
            for line in lines(shape) { console.print(line) }
        }
    }
    return findings.exitCode
}

private func lines(_ shape: TableShape) -> [String] {
    let schema = shape.schema
    var table = TextTable([.left("column"), .left("type"), .left("role"), .right("parts")])
    for column in schema.columns {
        table.append([
            column.name, "\(column.type)", column.role.name, grouped(shape.counts[column] ?? 0),
        ])
    }
    return [
        "\(schema.name): \(schema.kind), by \(schema.partitioning) of \(schema.timeColumn), "
            + "\(grouped(shape.partCount)) parts",
        "sorted by \(schema.sortKey.joined(separator: ", "))",
    ] + table.lines()
}

private func json(_ shape: TableShape) -> [UInt8] {
    let schema = shape.schema
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("table", schema.name)
    writer.field("kind", "\(schema.kind)")
    writer.field("partitioning", "\(schema.partitioning)")
    writer.field("timeColumn", schema.timeColumn)
    writer.field("sortKey", schema.sortKey)
    writer.field("parts", shape.partCount)
    writer.key("columns")
    writer.beginArray()
    for column in schema.columns {
        writer.beginObject()
        writer.field("name", column.name)
        writer.field("type", "\(column.type)")
        writer.field("role", column.role.name)
        writer.field("parts", shape.counts[column] ?? 0)
        writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.finish()
}
