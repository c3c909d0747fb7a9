internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
package import Store

/// Answers metrics queries from the tables of one instant.
///
/// 1. Plan: which tables, for which time each (`MetricsPlanner`). 2. For each part of them: prune
/// granules by zones, read what decides, select rows, read the rest (`PartScan`). 3. Add up by
/// group (`MetricsAggregation`); buckets that the answer has no room for are dropped on the way.
/// 4. Order, fill and cut to the limit (`MetricsRows`), and make values of states.
///
/// Where only the greatest combinations are kept, the steps 1 to 3 run twice: for the totals over
/// the whole range, which the coarsest tables have, and then for the winners.
package struct MetricsExecutor: Sendable {
    private let catalog: Catalog
    private let limits: QueryLimits
    private let subtotals: SubtotalCache
    /// The table that answers the core of every range, if it can; for tests.
    private let forcedTable: String?

    /// Answers for the metrics of `catalog`, each query within `limits`.
    ///
    /// What parts add to queries is kept in `subtotals`, for queries that ask the same again.
    package init(
        catalog: Catalog, limits: QueryLimits = QueryLimits(),
        subtotals: SubtotalCache = SubtotalCache(budget: 0), forcedTable: String? = nil
    ) {
        self.catalog = catalog
        self.limits = limits
        self.subtotals = subtotals
        self.forcedTable = forcedTable
    }

    /// Answers a query; blocks while parts are read.
    package func execute(
        _ query: MetricsQuery, on tables: some TableSource
    ) throws(QueryError) -> MetricsAnswer {
        let started = Clock.monotonicNanoseconds()
        let rollup = try self.rollup(of: query)
        let held = HeldRange(of: query, rollup, on: tables)
        var query = query
        let asked = query.range
        query.range = held.range
        if held.range.isEmpty { return try answerNothing(query, asked, held, tables) }
        var state = State()
        var aggregation: MetricsAggregation
        let plan: MetricsPlan
        let selectsWinners =
            query.selection.limit != nil && query.timeBuckets != nil && !query.dimensions.isEmpty
        if selectsWinners {
            var whole = query
            whole.granularity = .all
            let totals = try run(
                try makePlan(whole, tables), GroupKeys(whole, limits), tables, &state)
            let winners = WinnersQuery(
                query, limits, totals: totals, totals.keptTuples(query.selection))
            plan = try makePlan(winners.query, tables)
            aggregation = try run(plan, winners.keys, tables, &state)
            aggregation.takeCorrections(of: totals)
        } else {
            plan = try makePlan(query, tables)
            aggregation = try run(plan, GroupKeys(query, limits), tables, &state)
        }
        let corrections = aggregation.corrections
        let groups =
            selectsWinners
            ? Array(0..<aggregation.keys.count) : aggregation.select(query.selection)
        return answer(query, aggregation, groups) { values, isTruncated in
            MetricsAnswer.Meta(
                table: plan.table, range: query.range, since: held.since,
                rowsScanned: state.rowsScanned,
                elapsedNanoseconds: Clock.monotonicNanoseconds() - started,
                watermark: tables.watermark, corrections: corrections, isPartial: state.isPartial,
                rowsLost: state.lost.values.reduce(0, +),
                relativeError: values.areExact ? nil : HyperLogLog.relativeError,
                isTruncated: isTruncated, isRaw: plan.isRaw,
                explanation: query.explains ? plan.explanation : nil)
        }
    }

    private struct State {
        var rowsScanned = 0
        /// The rows that the answer lacks, by the file that had them; 0 where it is not known.
        var lost: [String: Int] = [:]
        var isPartial: Bool { !lost.isEmpty }
    }

    private func rollup(of query: MetricsQuery) throws(QueryError) -> RollupDefinition {
        if let rollup = catalog.rollup(named: query.metric.rollup) { return rollup }
        throw QueryError(
            status: 422, code: "unknown_rollup",
            message: "metric \"\(query.metric.name)\" has no rollup to answer from")
    }

    /// The answer where nothing of the range is kept any more.
    private func answerNothing(
        _ query: MetricsQuery, _ asked: Range<Milliseconds>, _ held: HeldRange,
        _ tables: some TableSource
    ) throws(QueryError) -> MetricsAnswer {
        let table: String
        if query.needsRawRows {
            // Names that no event ever had are an error here, too.
            table = try makePlan(query, tables).table
        } else {
            table = try rollup(of: query).schema(corrections: false).name
        }
        let aggregation = MetricsAggregation(query, GroupKeys(query, limits))
        return answer(query, aggregation, []) { _, _ in
            MetricsAnswer.Meta(
                table: table, range: asked, since: held.since, rowsScanned: 0,
                elapsedNanoseconds: 0, watermark: tables.watermark, corrections: 0,
                isPartial: false, rowsLost: 0, relativeError: nil, isTruncated: false,
                isRaw: query.needsRawRows, explanation: nil)
        }
    }

    private func makePlan(
        _ query: MetricsQuery, _ tables: some TableSource
    ) throws(QueryError) -> MetricsPlan {
        let rollup = try self.rollup(of: query)
        if query.needsRawRows { return try MetricsPlan(raw: query, rollup, on: tables) }
        return MetricsPlanner.plan(query, rollup, on: tables, limits, forced: forcedTable)
    }

    private func run(
        _ plan: MetricsPlan, _ keys: GroupKeys, _ tables: some TableSource, _ state: inout State
    ) throws(QueryError) -> MetricsAggregation {
        var aggregation = MetricsAggregation(plan.query, keys)
        for loss in tables.losses where plan.touches(loss) { state.lost[loss.file] = loss.rowCount }
        let shape = keys.shape(of: plan.query)
        for scan in plan.scans {
            do throws(StoreError) {
                let key = (scan.part as? Part).map { SubtotalKey($0, scan, shape: shape) }
                try run(scan, plan, key, keys, &aggregation, &state)
            } catch {
                guard case .corrupt = error else {
                    throw QueryError(
                        status: 503, code: "storage_unavailable", message: error.description)
                }
                // Damaged rows are left out, and the answer says that it lacks some: at most all.
                state.lost[file(of: scan.part)] = scan.part.rowCount
            }
            try limits.check(aggregation)
        }
        return aggregation
    }

    /// Adds what a part adds: as it was added up before, or from its rows.
    private func run(
        _ scan: MetricsPlan.Scan, _ plan: MetricsPlan, _ key: SubtotalKey?, _ keys: GroupKeys,
        _ aggregation: inout MetricsAggregation, _ state: inout State
    ) throws(StoreError) {
        var range = scan.range
        // The count of late events is that of the whole range, whatever the answer has room for.
        if let cutoff = aggregation.cutoff, !scan.areCorrections, !plan.isRaw {
            range = range.clamped(to: .min..<cutoff)
            if range.isEmpty { return }
        }
        let layout =
            if let raw = scan.part as? RawEventsPart {
                raw.layout
            } else {
                try ScanLayout(plan.query, schema: scan.part.schema)
            }
        var rows = PartScan(
            scan.part, layout, plan.query.filters, range: range,
            withEvents: scan.areCorrections, withTime: plan.query.timeBuckets != nil)
        let work = rows.rowsToScan * aggregation.rowWeight
        guard let key, aggregation.cutoff == nil, work >= subtotals.rowsMin else {
            try add(&rows, scan, plan, layout, to: &aggregation)
            state.rowsScanned += rows.rowsScanned
            return
        }
        switch subtotals.find(key) {
        case .unknown:
            try add(&rows, scan, plan, layout, to: &aggregation)
            state.rowsScanned += rows.rowsScanned
        case .found(let subtotal):
            try add(subtotal, plan, to: &aggregation)
        case .wanted:
            var ofPart = MetricsAggregation(plan.query, keys)
            try add(&rows, scan, plan, layout, to: &ofPart)
            let subtotal = Subtotal(of: ofPart, key)
            state.rowsScanned += rows.rowsScanned
            if ofPart.cutoff == nil, limits.allow(ofPart) { subtotals.insert(subtotal, for: key) }
            try add(subtotal, plan, to: &aggregation)
        }
    }

    private func add(
        _ subtotal: Subtotal, _ plan: MetricsPlan, to aggregation: inout MetricsAggregation
    ) throws(StoreError) {
        try aggregation.add(subtotal)
        if plan.query.fill == .none { aggregation.dropBuckets(beyond: limits.rows) }
    }

    private func add(
        _ rows: inout PartScan, _ scan: MetricsPlan.Scan, _ plan: MetricsPlan,
        _ layout: ScanLayout, to aggregation: inout MetricsAggregation
    ) throws(StoreError) {
        while let selected = try rows.next() {
            for rows in selected {
                try aggregation.add(rows, layout, areCorrections: scan.areCorrections)
            }
            if plan.query.fill == .none { aggregation.dropBuckets(beyond: limits.rows) }
            if !limits.allow(aggregation) { break }
        }
    }

    private func file(of part: any TablePart) -> String {
        if let raw = part as? RawEventsPart { return file(of: raw.part) }
        return (part as? Part)?.file ?? ""
    }

    private func answer(
        _ query: MetricsQuery, _ aggregation: MetricsAggregation, _ groups: [Int],
        _ meta: (MetricsAggregation.Values, _ isTruncated: Bool) -> MetricsAnswer.Meta
    ) -> MetricsAnswer {
        let keys = aggregation.keys
        let rows = MetricsRows(of: groups, keys, query, limit: limits.rows)
        let codes = query.dimensions.indices.map { dimension in
            rows.tuples.map { keys.code(tuple: $0, dimension: dimension) }
        }
        let values = aggregation.values(of: rows.groups)
        return MetricsAnswer(
            metric: query.metric.name, granularity: query.granularity, zone: query.zone,
            format: query.format, maxAge: query.maxAge, dimensions: query.dimensions,
            buckets: rows.buckets, codes: codes, dictionaries: keys.dimensions.map(\.values),
            values: values.numbers, meta: meta(values, rows.isTruncated))
    }
}
