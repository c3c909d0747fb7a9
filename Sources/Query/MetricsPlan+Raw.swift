internal import Base
internal import Expressions
internal import PartFormat
internal import Store

extension MetricsPlan {
    /// The plan for a query that names a dimension which its metric lacks: the events themselves.
    ///
    /// Names that no event ever had are 422 with the closest ones.
    init(
        raw query: MetricsQuery, _ rollup: RollupDefinition, on tables: some TableSource
    ) throws(QueryError) {
        let sources = tables.sources(table: Self.rawTable)
        try Self.checkNames(query, sources)
        var rawQuery = query
        if let eventType = query.metric.eventType {
            rawQuery.filters.append(
                MetricsQuery.Filter(
                    dimension: "eventType", predicate: .oneOf([.string(eventType)])))
        }
        let bound = rawQuery
        var segment = Segment(table: Self.rawTable, range: query.range)
        segment.parts = sources.compactMap { RawEventsPart($0, bound) }
            .compactMap { PartEstimate($0, []) }
            .filter { $0.timeRange.overlaps(query.range) }
        segment.rows = segment.parts.reduce(0) { $0 + $1.rows(in: query.range) }
        self.init(
            query: bound, table: Self.rawTable, segments: [segment], corrections: [], isRaw: true,
            sources: [Self.rawTable])
        let lacking = PlanCandidate.all(of: rollup, corrections: false).map { candidate in
            MetricsExplanation.Candidate(
                table: candidate.name, reason: candidate.obstacle(query, divisor: 0))
        }
        let chosen = MetricsExplanation.Candidate(table: Self.rawTable, rows: segment.rows)
        explanation.candidates = lacking + [chosen]
        explanation.segments = [MetricsExplanation.Segment(segment)]
    }

    private static func checkNames(
        _ query: MetricsQuery, _ sources: [any TablePart]
    ) throws(QueryError) {
        var known = Set(query.metric.dimensions + RawDimension.fields)
        let unseen = query.namesBeyondMetric.filter { !known.contains($0) }
        if unseen.isEmpty { return }
        var schemas: [TableSchema] = []
        for part in sources {
            // Most parts have the columns of the one before.
            if let last = schemas.last, last.columns == part.schema.columns { continue }
            schemas.append(part.schema)
        }
        for name in unseen
        where !schemas.contains(where: { !RawDimension.columns(of: name, in: $0).isEmpty }) {
            for schema in schemas { known.formUnion(RawDimension.properties(in: schema)) }
            let what = query.dimensions.contains(name) ? "dimension" : "filter"
            throw .unknownDimension(
                what, name, of: query.metric, known: known.sorted())
        }
    }
}

extension QueryError {
    fileprivate static func unknownDimension(
        _ what: String, _ name: String, of metric: MetricDefinition, known: [String]
    ) -> QueryError {
        var error = QueryError.unknown(what, name, known: known)
        if error.closest.isEmpty { error = .unknown(what, name, known: metric.dimensions) }
        error.message = "metric \"\(metric.name)\": \(error.message)"
        return error
    }
}

extension MetricsQuery {
    /// The dimensions of grouping and filters that the metric's rollups do not have.
    var namesBeyondMetric: [String] {
        (dimensions + filters.map(\.dimension)).filter { !metric.dimensions.contains($0) }
    }

    /// Whether only the events themselves can answer.
    var needsRawRows: Bool { !namesBeyondMetric.isEmpty }
}
