internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// An aggregate over the events, as a question to one rollup.
struct RollupQuestion {
    /// Why a rollup cannot answer.
    struct Obstacle: Error {
        let reason: String
    }

    private let rollup: RollupDefinition
    private let keys: [Expression]
    private let calls: [AggregateCall]
    /// On dimensions; bounds of time and the event type are in the range and the rollup.
    private let conditions: [Expression]
    private let scan: TableScan
    private let metric: MetricDefinition
    /// By column of the scan; nil for the time and what is not read any more.
    private let dimensions: [String?]
    private let bounds: Range<Milliseconds>
    /// What the query asks for beside whole minutes: of these events are read one by one.
    private let edges: [Range<Milliseconds>]
    /// All conditions, on the events.
    private let ofEvents: [Expression]
    /// Divides every instant at which a bucket of a key begins.
    private let divisor: Milliseconds

    static func make(
        _ rollup: RollupDefinition, _ keys: [Expression], _ calls: [AggregateCall],
        _ conditions: [Expression], _ scan: TableScan, _ catalog: Catalog
    ) -> Result<RollupQuestion, Obstacle> {
        do {
            return .success(
                try RollupQuestion(rollup, keys, calls, conditions, scan, catalog))
        } catch {
            return .failure(error)
        }
    }

    private init(
        _ rollup: RollupDefinition, _ keys: [Expression], _ calls: [AggregateCall],
        _ conditions: [Expression], _ scan: TableScan, _ catalog: Catalog
    ) throws(Obstacle) {
        self.rollup = rollup
        self.keys = keys
        self.calls = calls
        self.scan = scan
        let time = scan.columns.firstIndex { $0.name == "timestamp" }
        let type = scan.columns.firstIndex { $0.name == "eventType" }
        dimensions = scan.columns.map {
            rollup.dimensions.contains($0.name) && $0.type == .string ? $0.name : nil
        }
        var split = ConditionSplit(time: time, eventType: type)
        for condition in conditions { try split.add(condition, rollup) }
        try split.finish(rollup)
        self.conditions = split.others
        ofEvents = conditions
        bounds = split.wholeMinutes
        edges = split.edges
        var divisor = CivilTime.millisecondsPerDay
        for key in keys {
            guard let time, key.columns.contains(time) else { continue }
            guard let width = BucketKeys.divisor(key, time: time, within: split.bounds) else {
                throw Obstacle(reason: "keeps times no finer than minutes")
            }
            divisor = BucketKeys.common(divisor, width)
        }
        self.divisor = divisor
        metric = try Self.metric(rollup, calls, scan, catalog)
        if !split.edges.isEmpty, metric.aggregate == .uniq {
            throw Obstacle(reason: "counts people by whole minutes")
        }
        for column in (keys + self.conditions).reduce(
            into: Set<Int>(), { $0.formUnion($1.columns) })
        where column != time && dimensions[column] == nil {
            throw Obstacle(reason: "lacks dimension \(scan.columns[column].name)")
        }
    }

    /// A metric whose measure the calls read.
    private static func metric(
        _ rollup: RollupDefinition, _ calls: [AggregateCall], _ scan: TableScan,
        _ catalog: Catalog
    ) throws(Obstacle) -> MetricDefinition {
        var countsPeople = false
        for call in calls {
            switch call.function {
            case .countRows where call.filter == nil: break
            case .uniq where call.filter == nil && isPeople(call.arguments, scan):
                countsPeople = true
            default: throw Obstacle(reason: "holds no such aggregate")
            }
        }
        let metrics = catalog.metrics.filter { $0.rollup == rollup.name }
        if countsPeople {
            guard let metric = metrics.first(where: { $0.aggregate == .uniq }) else {
                throw Obstacle(reason: "counts no people")
            }
            return metric
        }
        guard let metric = metrics.first else { throw Obstacle(reason: "serves no metric") }
        return metric
    }

    /// `coalesce(userId, sessionId)`, however it is spelt.
    private static func isPeople(_ arguments: [Expression], _ scan: TableScan) -> Bool {
        guard arguments.count == 1,
            let user = scan.columns.firstIndex(where: { $0.name == "userId" }),
            let session = scan.columns.firstIndex(where: { $0.name == "sessionId" }),
            let people = try? FunctionCatalog.bind(
                "coalesce", [.column(user, .string), .column(session, .string)],
                zones: { _ throws(BindingError) in nil })
        else { return false }
        return arguments[0] == people
    }

    // MARK: Planning

    /// The cheapest tables for the range.
    func plan(on tables: any TableSource) -> MetricsPlan {
        var needed: [String] = []
        for column in (keys + conditions).reduce(into: Set<Int>(), { $0.formUnion($1.columns) }) {
            if let name = dimensions[column], !needed.contains(name) { needed.append(name) }
        }
        let query = MetricsQuery(
            metric: metric, dimensions: needed.sorted(), granularity: .all, zone: nil,
            range: range(on: tables), filters: [], now: 0, maxAge: 0)
        return MetricsPlanner.plan(
            query, rollup, on: tables, QueryLimits(), divisor: divisor)
    }

    /// Whole minutes; no more than there are rows, and no more than the events still hold.
    private func range(on tables: any TableSource) -> Range<Milliseconds> {
        var lower = Milliseconds.max
        var upper = Milliseconds.min
        for corrections in [false, true] {
            let table = rollup.schema(corrections: corrections).name
            for case let times? in tables.sources(table: table).map(\.timeRange) {
                lower = min(lower, times.lowerBound)
                upper = max(upper, times.upperBound + CivilTime.millisecondsPerMinute)
            }
        }
        lower = max(lower, bounds.lowerBound, tables.horizon(table: scan.table) ?? .min)
        upper = min(upper, bounds.upperBound)
        // A query has a range; one in which nothing lies will do.
        return lower < upper ? lower..<upper : 0..<CivilTime.millisecondsPerMinute
    }

    /// The aggregate over the pieces of a plan.
    func answer(_ plan: MetricsPlan) -> LogicalPlan {
        let pieces = RollupPieces(rollup, plan)
        let measures = calls.map { call in
            call.function == .countRows ? MetricsPlan.countColumn : metric.column
        }
        // The time, then what keys and conditions read, then the measures.
        let read = scan.columns.indices.filter { dimensions[$0] != nil }
        var columns = [TableScan.Column(name: MetricsPlan.timeColumn, type: .timestamp)]
        columns += read.map { TableScan.Column(name: scan.columns[$0].name, type: .string) }
        var measureColumns: [String: Int] = [:]
        for (name, call) in zip(measures, calls) where measureColumns[name] == nil {
            measureColumns[name] = columns.count
            columns.append(
                TableScan.Column(name: name, type: call.function == .uniq ? .state : .integer))
        }
        let numbers = Dictionary(uniqueKeysWithValues: read.enumerated().map { ($1, $0 + 1) })
        func moved(_ expression: Expression) -> Expression {
            expression.mapColumns { numbers[$0] ?? 0 }
        }
        let whole = pieces.rows(columns, where: conditions.map(moved))
        let rows = edges.isEmpty ? whole : .union([whole] + edges.map { edge($0, read) })
        let partial = zip(measures, calls).map { name, call in
            let argument = Expression.column(
                measureColumns[name] ?? 0, call.function == .uniq ? .state : .integer)
            return call.function == .uniq
                ? AggregateCall(.uniqMerge, [argument], type: .integer)
                : AggregateCall(.sum, [argument], type: .integer)
        }
        let sums = LogicalPlan.aggregate(keys: keys.map(moved), calls: partial, rows)
        return keys.isEmpty ? countingNothing(sums) : sums
    }

    /// The events of less than a minute, each counted once.
    private func edge(_ range: Range<Milliseconds>, _ read: [Int]) -> LogicalPlan {
        let time = scan.columns.firstIndex { $0.name == "timestamp" } ?? 0
        let columns =
            [Expression.column(time, .timestamp)] + read.map { .column($0, .string) }
            + (calls.isEmpty ? [] : [.constant(.integer(1), .integer)])
        let conditions = RollupPieces.within(range, column: time) + ofEvents
        return .project(columns, .filter(.and(conditions), .scan(scan)))
    }

    /// A count over no rows is 0, and a sum is NULL.
    private func countingNothing(_ sums: LogicalPlan) -> LogicalPlan {
        .project(
            calls.indices.map { index in
                let sum = Expression.column(index, .integer)
                return .conditional(
                    [
                        Expression.Branch(
                            condition: .isNull(sum), value: .constant(.integer(0), .integer))
                    ], otherwise: sum, .integer)
            }, sums)
    }
}
