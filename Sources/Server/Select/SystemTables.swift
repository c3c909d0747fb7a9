internal import Base
internal import Expressions
internal import PartFormat
internal import Query
internal import Store

/// The tables of `system`: what the server is made of and does, as rows.
struct SystemTables: Sendable {
    private let store: Store
    private let catalog: Catalog
    private let figures: StoreFigures
    private let log: QueryLog
    private let settings: [(key: ConfigKey, value: String)]

    init(engine: Engine, settings: [(key: ConfigKey, value: String)]) {
        store = engine.store
        catalog = engine.catalog
        figures = engine.storeFigures
        log = engine.selects.log
        self.settings = settings
    }

    /// All of them; `tables` and `columns` list the others, too.
    var all: [SystemTable] {
        let others = [parts, metrics, rollups, merges, queries, settingsTable, functions]
        let list = [tables([]), columns([])].map(\.description) + others.map(\.description)
        return [tables(list), columns(list)] + others
    }

    // MARK: What there is

    private func tables(_ system: [TableDescription]) -> SystemTable {
        SystemTable(
            "tables", "the tables that can be read",
            [
                ("name", .string), ("kind", .string), ("summary", .string), ("parts", .integer),
                ("rows", .integer), ("bytes", .integer),
            ]
        ) { [store, catalog] in
            let view = store.view()
            let names = TableCatalog(catalog: catalog, on: view, system: system)
            return names.tables.map { table in
                let parts = view.parts(table: table.name)
                let hasParts = table.kind != .system
                return [
                    .string(table.name), .string(Self.kind(table)), .string(table.summary),
                    hasParts ? .integer(Int64(parts.count)) : .null,
                    hasParts ? .integer(Int64(parts.reduce(0) { $0 + $1.rowCount })) : .null,
                    hasParts ? .integer(Int64(parts.reduce(0) { $0 + $1.byteCount })) : .null,
                ]
            }
        }
    }

    private static func kind(_ table: TableDescription) -> String {
        switch table.kind {
        case .events: "events"
        case .rollup: "rollup"
        case .system: "system"
        }
    }

    private func columns(_ system: [TableDescription]) -> SystemTable {
        SystemTable(
            "columns", "the columns of the tables",
            [
                ("table", .string), ("position", .integer), ("name", .string), ("type", .string),
            ]
        ) { [store, catalog] in
            let names = TableCatalog(catalog: catalog, on: store.view(), system: system)
            return names.tables.flatMap { table in
                table.columns.enumerated().map { index, column -> [Value] in
                    [
                        .string(table.name), .integer(Int64(index + 1)), .string(column.name),
                        .string(column.type.name),
                    ]
                }
            }
        }
    }

    private var metrics: SystemTable {
        SystemTable(
            "metrics", "the metrics that are defined",
            [
                ("name", .string), ("aggregate", .string), ("eventType", .string),
                ("field", .string), ("dimensions", .json), ("rollup", .string),
            ]
        ) { [catalog] in
            catalog.metrics.map { metric in
                [
                    .string(metric.name), .string(metric.aggregate.rawValue),
                    metric.eventType.map { .string($0) } ?? .null,
                    metric.field.map { .string($0) } ?? .null, Self.list(metric.dimensions),
                    .string(metric.rollup),
                ]
            }
        }
    }

    private static func list(_ names: [String]) -> Value {
        var writer = JSONWriter()
        writer.beginArray()
        for name in names { writer.value(name) }
        writer.endArray()
        return .string(String(decoding: writer.finish(), as: UTF8.self))
    }

    private var rollups: SystemTable {
        SystemTable(
            "rollups", "the tables on disk that rollups are kept in",
            [
                ("table", .string), ("rollup", .string), ("base", .string), ("tier", .string),
                ("dimensions", .json), ("corrections", .boolean), ("parts", .integer),
                ("rows", .integer), ("bytes", .integer),
            ]
        ) { [store, catalog] in
            let view = store.view()
            return catalog.rollups.flatMap { rollup -> [[Value]] in
                let bases = [false, true].map { late -> [Value] in
                    let name = rollup.schema(corrections: late).name
                    return [
                        .string(name), .string(rollup.name), .null, .string(Tier.minute.name),
                        Self.list(rollup.dimensions), .boolean(late),
                    ] + Self.size(view.parts(table: name))
                }
                let derived = rollup.derivedTables.map { table -> [Value] in
                    [
                        .string(table.name), .string(rollup.name), .string(table.base),
                        .string(table.tier.name), Self.list(table.dimensions),
                        .boolean(table.isCorrections),
                    ] + Self.size(view.parts(table: table.name))
                }
                return bases + derived
            }
        }
    }

    private static func size(_ parts: [Part]) -> [Value] {
        [
            .integer(Int64(parts.count)),
            .integer(parts.reduce(0) { $0 + Int64($1.rowCount) }),
            .integer(parts.reduce(0) { $0 + Int64($1.byteCount) }),
        ]
    }

    // MARK: What the store holds and does

    private var parts: SystemTable {
        SystemTable(
            "parts", "the parts on disk",
            [
                ("table", .string), ("file", .string), ("rows", .integer), ("bytes", .integer),
                ("granules", .integer), ("minTime", .timestamp), ("maxTime", .timestamp),
                ("minFlush", .integer), ("maxFlush", .integer),
            ]
        ) { [store] in
            let view = store.view()
            return view.tableNames.flatMap { table in
                view.parts(table: table).map { part -> [Value] in
                    [
                        .string(table), .string(part.file), .integer(Int64(part.rowCount)),
                        .integer(Int64(part.byteCount)), .integer(Int64(part.granuleCount)),
                        part.timeRange.map { .timestamp($0.lowerBound) } ?? .null,
                        part.timeRange.map { .timestamp($0.upperBound) } ?? .null,
                        .integer(Int64(clamping: part.flushRange.lowerBound)),
                        .integer(Int64(clamping: part.flushRange.upperBound)),
                    ]
                }
            }
        }
    }

    private var merges: SystemTable {
        SystemTable(
            "merges", "the merge that runs, if one does",
            [
                ("table", .string), ("partition", .string), ("parts", .integer),
                ("rows", .integer), ("rowsRead", .integer),
            ]
        ) { [figures] in
            guard let merge = figures.metrics.runningMerge else { return [] }
            return [
                [
                    .string(merge.table), .string(merge.partition),
                    .integer(Int64(merge.partCount)), .integer(Int64(merge.rowCount)),
                    .integer(Int64(merge.rowsRead)),
                ]
            ]
        }
    }

    // MARK: Queries and settings

    private var queries: SystemTable {
        SystemTable(
            "queries", "the queries in SQL that run, and the last ones that ended",
            [
                ("id", .integer), ("state", .string), ("query", .string),
                ("started", .timestamp), ("elapsedMs", .integer), ("rows", .integer),
                ("rowsScanned", .integer), ("bytesScanned", .integer), ("memory", .integer),
                ("error", .string),
            ]
        ) { [log] in
            log.entries.map { entry in
                let state =
                    entry.ended == nil ? "running" : entry.error == nil ? "finished" : "failed"
                return [
                    .integer(Int64(clamping: entry.id)), .string(state), .string(entry.text),
                    .timestamp(entry.started),
                    .integer((entry.ended ?? Clock.now()) - entry.started),
                    .integer(Int64(entry.rows)), .integer(Int64(entry.statistics.rowsScanned)),
                    .integer(Int64(entry.statistics.bytesRead)),
                    .integer(Int64(entry.control.peakBytes)),
                    entry.error.map { .string($0) } ?? .null,
                ]
            }
        }
    }

    private var settingsTable: SystemTable {
        SystemTable(
            "settings", "the settings of the server",
            [
                ("name", .string), ("value", .string), ("standard", .string), ("type", .string),
                ("meaning", .string),
            ]
        ) { [settings] in
            settings.map { key, value in
                [
                    .string(key.name), .string(value), .string(key.standard), .string(key.type),
                    .string(key.meaning),
                ]
            }
        }
    }

    private var functions: SystemTable {
        SystemTable(
            "functions", "the scalar functions",
            [
                ("name", .string), ("family", .string), ("aliases", .json),
                ("signatures", .json), ("summary", .string), ("example", .string),
                ("result", .string),
            ]
        ) {
            FunctionCatalog.documented.map { function in
                [
                    .string(function.name), .string(function.family.rawValue),
                    Self.list(function.aliases), Self.list(function.signatures),
                    .string(function.summary), .string(function.example),
                    .string(function.result),
                ]
            }
        }
    }
}
