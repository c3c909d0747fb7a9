internal import Aggregates
internal import Base
internal import PartFormat
package import Store

/// Answers metrics queries from the tables of one instant.
///
/// 1. Plan: which tables. 2. For each part of them, the corrections twin last: prune granules by
/// zones, read what decides, select rows, read the rest (`PartScan`). 3. Add up by group
/// (`MetricsAggregation`). 4. Keep the combinations asked for, order, fill and cut to the limit
/// (`MetricsRows`), and make values of states.
package struct MetricsExecutor: Sendable {
    private let catalog: Catalog
    private let limits: QueryLimits

    /// Answers for the metrics of `catalog`, each query within `limits`.
    package init(catalog: Catalog, limits: QueryLimits = QueryLimits()) {
        self.catalog = catalog
        self.limits = limits
    }

    /// Answers a query; blocks while parts are read.
    package func execute(
        _ query: MetricsQuery, on tables: some TableSource
    ) throws(QueryError) -> MetricsAnswer {
        let started = Clock.monotonicNanoseconds()
        let plan = try MetricsPlan(query, catalog: catalog)
        var state = State(aggregation: MetricsAggregation(query))
        state.isPartial = tables.losses.contains { plan.touches($0) }
        for part in tables.sources(table: plan.table) {
            try scan(part, plan, areCorrections: false, &state)
        }
        for part in tables.sources(table: plan.correctionsTable) {
            try scan(part, plan, areCorrections: true, &state)
        }
        let corrections = state.aggregation.corrections
        return answer(query, &state.aggregation) { values, isTruncated in
            MetricsAnswer.Meta(
                table: plan.table, range: query.range, rowsScanned: state.rowsScanned,
                elapsedNanoseconds: Clock.monotonicNanoseconds() - started,
                watermark: tables.watermark, corrections: corrections, isPartial: state.isPartial,
                relativeError: values.areExact ? nil : HyperLogLog.relativeError,
                isTruncated: isTruncated)
        }
    }

    private struct State {
        var aggregation: MetricsAggregation
        var rowsScanned = 0
        var isPartial = false
    }

    private func scan(
        _ part: any TablePart, _ plan: MetricsPlan, areCorrections: Bool, _ state: inout State
    ) throws(QueryError) {
        do throws(StoreError) {
            let layout = try ScanLayout(plan, schema: part.schema)
            var scan = PartScan(part, plan, layout, withEvents: areCorrections)
            while let selected = try scan.next() {
                for rows in selected {
                    try state.aggregation.add(rows, layout, areCorrections: areCorrections)
                }
                if !limits.allow(state.aggregation) { break }
            }
            state.rowsScanned += scan.rowsScanned
        } catch {
            guard case .corrupt = error else {
                throw QueryError(
                    status: 503, code: "storage_unavailable", message: error.description)
            }
            // Damaged rows are left out, and the answer says that it lacks some.
            state.isPartial = true
        }
        try limits.check(state.aggregation)
    }

    private func answer(
        _ query: MetricsQuery, _ aggregation: inout MetricsAggregation,
        _ meta: (MetricsAggregation.Values, _ isTruncated: Bool) -> MetricsAnswer.Meta
    ) -> MetricsAnswer {
        let groups = aggregation.select(query.selection)
        let keys = aggregation.keys
        let rows = MetricsRows(of: groups, keys, query, limit: limits.rows)
        var codes = [[UInt32]](repeating: [], count: query.dimensions.count)
        for tuple in rows.tuples {
            for (index, code) in keys.codes(tuple: tuple).enumerated() {
                codes[index].append(code)
            }
        }
        let values = aggregation.values(of: rows.groups)
        return MetricsAnswer(
            metric: query.metric.name, granularity: query.granularity, zone: query.zone,
            format: query.format, maxAge: query.maxAge, dimensions: query.dimensions,
            buckets: rows.buckets, codes: codes, dictionaries: keys.dimensions.map(\.values),
            values: values.numbers, meta: meta(values, rows.isTruncated))
    }
}
