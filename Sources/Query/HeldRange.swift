internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// What of a query's range can be answered, where retention has dropped some tables' rows.
///
/// The older a time, the fewer tables hold it, and at last only the coarse ones. So the range
/// begins where the first table begins that can answer the query at all; and an end of it that lies
/// where only quarters, hours or days are held moves outwards to a whole one.
struct HeldRange: Equatable {
    /// What is answered; empty where nothing of the range is held.
    var range: Range<Milliseconds>
    /// Nil where all of the range is held, else from when on rows are.
    var since: Milliseconds?

    /// The tables that can answer a query, each with the time from which on it is complete.
    private var tables: [(tier: Tier, horizon: Milliseconds)] = []

    static func == (left: HeldRange, right: HeldRange) -> Bool {
        left.range == right.range && left.since == right.since
    }

    /// Costs next to nothing where the whole range is held by all tables.
    init(
        of query: MetricsQuery, _ rollup: RollupDefinition, on source: some TableSource
    ) {
        range = query.range
        guard let latest = source.latestHorizon, latest > range.lowerBound else { return }
        if query.needsRawRows {
            let horizon = source.horizon(table: MetricsPlan.rawTable) ?? .min
            tables = [(.minute, horizon)]
        } else {
            tables = Self.tables(of: query, rollup, on: source)
        }
        guard let first = tables.map(\.horizon).min() else { return }
        if first > range.lowerBound { since = first }
        guard first < range.upperBound else {
            range = range.lowerBound..<range.lowerBound
            return
        }
        let lower = max(first, range.lowerBound)
        let lowerWidth = finestTier(at: lower).width
        let upperWidth = finestTier(at: range.upperBound - 1).width
        range =
            floorDivide(lower, lowerWidth)
            * lowerWidth..<(-floorDivide(
                -range.upperBound, upperWidth) * upperWidth)
    }

    private static func tables(
        of query: MetricsQuery, _ rollup: RollupDefinition, on source: some TableSource
    ) -> [(tier: Tier, horizon: Milliseconds)] {
        // The range may grow by a day at either end.
        let day = CivilTime.millisecondsPerDay
        let divisor =
            query.timeBuckets?.edgeDivisor(
                within: query.range.lowerBound - day..<query.range.upperBound + day) ?? day
        return PlanCandidate.all(of: rollup, corrections: false).filter {
            $0.obstacle(query, divisor: divisor) == nil
        }.map { candidate in
            let late = TableSchema.name(candidate.name, corrections: true)
            return (
                candidate.tier,
                max(
                    source.horizon(table: candidate.name) ?? .min,
                    source.horizon(table: late) ?? .min)
            )
        }
    }

    private func finestTier(at time: Milliseconds) -> Tier {
        tables.filter { $0.horizon <= time }.map(\.tier).min() ?? .minute
    }
}
