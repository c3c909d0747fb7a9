internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Finds the cheapest tables that answer a query.
///
/// 1. A table qualifies if it has the dimensions of grouping and filters and the measure, and if
/// every bucket of the answer begins where one of its own does. 2. Whole buckets of a table fill
/// the *core* of the range; what is left at its two ends goes to the cheapest of the finer tables,
/// by the same steps, down to the minutes that every range ends on. So there are seven segments at
/// most. 3. The cost of an answer is the rows that are read in all its segments, of the tables and
/// of what they do not contain of their base yet, and a little for each part. The least wins; the
/// base, of equal ones. 4. Where retention has dropped rows of some tables, the range is cut where
/// their rows begin, and each piece planned by the tables that hold it; the ends of pieces lie on
/// whole buckets of one of them (`HeldRange`).
struct MetricsPlanner {
    /// Segments in the order of time, and what they cost.
    private struct Route {
        var segments: [MetricsPlan.Segment] = []
        var rows: Int { segments.reduce(0) { $0 + $1.rows + $1.rowsBeyond } }
        var partCount: Int { segments.reduce(0) { $0 + $1.partCount } }
        /// Rows, and what the parts add to them.
        var cost = 0
    }

    private struct Stretch: Hashable {
        var range: Range<Milliseconds>
        var tier: Tier
    }

    private let query: MetricsQuery
    private let tables: any TableSource
    private let candidates: [PlanCandidate]
    private let obstacles: [String?]
    private let rowsPerPart: Int
    /// From when on each candidate holds all its rows.
    private let horizons: [Milliseconds]
    /// Why a candidate cannot answer the piece at hand; nil if it can.
    private var hindrances: [String?] = []
    private var estimates: [String: [PartEstimate]] = [:]
    private var estimatesBeyond: [String: [PartEstimate]] = [:]
    private var routes: [Stretch: Route] = [:]

    private init(
        _ query: MetricsQuery, on tables: any TableSource, _ candidates: [PlanCandidate],
        rowsPerPart: Int, divisor: Milliseconds?
    ) {
        self.rowsPerPart = rowsPerPart
        self.query = query
        self.tables = tables
        self.candidates = candidates
        let divisor =
            divisor ?? query.timeBuckets?.edgeDivisor(within: query.range)
            ?? CivilTime.millisecondsPerDay
        obstacles = candidates.map { $0.obstacle(query, divisor: divisor) }
        horizons = candidates.map { tables.horizon(table: $0.name) ?? .min }
    }

    /// The cheapest plan; or, for tests, the one whose core the table `forced` answers, if it can.
    ///
    /// `divisor`: what divides the edges of the buckets, where it is not those of the query.
    static func plan(
        _ query: MetricsQuery, _ rollup: RollupDefinition, on tables: any TableSource,
        _ limits: QueryLimits, forced: String? = nil, divisor: Milliseconds? = nil
    ) -> MetricsPlan {
        let onTime = PlanCandidate.all(of: rollup, corrections: false)
        let late = PlanCandidate.all(of: rollup, corrections: true)
        var planner = MetricsPlanner(
            query, on: tables, onTime, rowsPerPart: limits.rowsPerPart, divisor: divisor)
        var twin = MetricsPlanner(
            query, on: tables, late, rowsPerPart: limits.rowsPerPart, divisor: divisor)
        let chosen = planner.choosePieces(forced: forced)
        let corrections = twin.choosePieces(
            forced: forced.map { TableSchema.name($0, corrections: true) }
        ).segments
        var plan = MetricsPlan(
            query: query, table: chosen.table, segments: chosen.segments, corrections: corrections,
            sources: [onTime[0].name, late[0].name])
        plan.explanation = MetricsExplanation(
            candidates: chosen.explained, segments: chosen.segments.map { .init($0) },
            corrections: corrections.map { .init($0) })
        return plan
    }

    /// All segments, and of the longest piece the table of its core and why it is.
    private mutating func choosePieces(
        forced: String?
    ) -> (
        table: String, segments: [MetricsPlan.Segment], explained: [MetricsExplanation.Candidate]
    ) {
        let range = query.range
        let borders = Set(horizons).filter { range.contains($0) && $0 > range.lowerBound }
        var lower = query.range.lowerBound
        var segments: [MetricsPlan.Segment] = []
        var longest: (length: Milliseconds, table: String, [MetricsExplanation.Candidate])?
        for upper in borders.sorted() + [query.range.upperBound] {
            let piece = lower..<upper
            lower = upper
            guard let (table, route, explained) = choose(piece, forced: forced) else { continue }
            segments += route.segments
            let length = piece.upperBound - piece.lowerBound
            if length > longest?.length ?? 0 { longest = (length, table, explained) }
        }
        return (longest?.table ?? candidates[0].name, segments, longest?.2 ?? [])
    }

    /// Nil where no table holds all of the piece.
    private mutating func choose(
        _ piece: Range<Milliseconds>, forced: String?
    ) -> (table: String, route: Route, explained: [MetricsExplanation.Candidate])? {
        hindrances = candidates.indices.map { index in
            obstacles[index]
                ?? (horizons[index] <= piece.lowerBound
                    ? nil : "holds no rows before \(CivilTime(horizons[index]).text)")
        }
        var best: (index: Int, route: Route)?
        let found = candidates.indices.map { index in
            hindrances[index] == nil ? route(by: index, piece) : nil
        }
        for case (let index, let route?) in found.enumerated() {
            if candidates[index].name == forced {
                best = (index, route)
                break
            }
            if let best, best.route.cost <= route.cost { continue }
            best = (index, route)
        }
        guard let best else { return nil }
        let explained = candidates.indices.map { index in
            MetricsExplanation.Candidate(
                table: candidates[index].name, rows: found[index]?.rows,
                reason: index == best.index
                    ? nil
                    : hindrances[index]
                        ?? Self.reason(found[index], candidates[index], against: best.route))
        }
        return (candidates[best.index].name, best.route, explained)
    }

    private static func reason(
        _ route: Route?, _ candidate: PlanCandidate, against best: Route
    ) -> String {
        guard let route else { return "the range holds no whole \(candidate.tier.name)" }
        if route.rows > best.rows {
            return "reads more rows: \(route.rows) against \(best.rows)"
        }
        if route.cost > best.cost {
            return "reads more parts: \(route.partCount) against \(best.partCount)"
        }
        return "reads no fewer rows"
    }

    /// The cheapest route through a range by tables finer than a tier; nil is all.
    ///
    /// Nil where those that hold it are too coarse.
    private mutating func cheapest(_ range: Range<Milliseconds>, finerThan tier: Tier) -> Route? {
        if range.isEmpty { return Route() }
        let stretch = Stretch(range: range, tier: tier)
        if let known = routes[stretch] { return known }
        var best: Route?
        for index in candidates.indices
        where hindrances[index] == nil && candidates[index].tier < tier {
            guard let route = route(by: index, range) else { continue }
            if let best, best.cost <= route.cost { continue }
            best = route
        }
        guard let best else { return nil }
        routes[stretch] = best
        return best
    }

    /// The route whose core a candidate answers; nil where none of its buckets lies in the range.
    private mutating func route(by index: Int, _ range: Range<Milliseconds>) -> Route? {
        let candidate = candidates[index]
        let core = candidate.core(of: range)
        if core.isEmpty { return nil }
        guard
            let before = cheapest(
                range.lowerBound..<core.lowerBound, finerThan: candidate.tier),
            let after = cheapest(core.upperBound..<range.upperBound, finerThan: candidate.tier)
        else { return nil }
        var route = Route(
            segments: before.segments + [segment(candidate, core)] + after.segments)
        route.cost = route.rows + route.partCount * rowsPerPart
        return route
    }

    private mutating func segment(
        _ candidate: PlanCandidate, _ range: Range<Milliseconds>
    ) -> MetricsPlan.Segment {
        var segment = MetricsPlan.Segment(table: candidate.name, range: range)
        for estimate in parts(of: candidate) where estimate.timeRange.overlaps(range) {
            segment.parts.append(estimate)
            segment.rows += estimate.rows(in: range)
        }
        for estimate in partsBeyond(candidate) where estimate.timeRange.overlaps(range) {
            segment.parts.append(estimate)
            segment.rowsBeyond += estimate.rows(in: range)
        }
        segment.partCount = segment.parts.count { !($0.part is MemoryPart) }
        return segment
    }

    private mutating func parts(of candidate: PlanCandidate) -> [PartEstimate] {
        if let known = estimates[candidate.name] { return known }
        let parts = tables.sources(table: candidate.name)
            .compactMap { PartEstimate($0, query.filters, in: query.range) }
        estimates[candidate.name] = parts
        return parts
    }

    private mutating func partsBeyond(_ candidate: PlanCandidate) -> [PartEstimate] {
        guard let base = candidate.base else { return [] }
        if let known = estimatesBeyond[candidate.name] { return known }
        let parts = tables.sources(table: base, beyond: candidate.name)
            .compactMap { PartEstimate($0, query.filters, in: query.range) }
        estimatesBeyond[candidate.name] = parts
        return parts
    }
}
