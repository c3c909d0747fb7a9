internal import Base
internal import Expressions
internal import Query

/// The query set of the design, over raw events of a week.
enum QuerySet {
    struct Query: Sendable {
        var name: String
        var plan: LogicalPlan
    }

    /// The day of the queries over one day, and the ten minutes of the one over those.
    private static let day = QueryBenchmark.start + 3 * CivilTime.millisecondsPerDay
    private static let window = day + 14 * CivilTime.millisecondsPerHour

    private static let page = QueryColumn("page", .string)
    private static let device = QueryColumn("device", .string)
    private static let browser = QueryColumn("browser", .string)
    private static let country = QueryColumn("country", .string)
    private static let type = QueryColumn("eventType", .string)
    private static let user = QueryColumn("userId", .string)
    private static let session = QueryColumn("sessionId", .string)
    private static let time = QueryColumn("timestamp", .timestamp)
    private static let loadTime = QueryColumn("loadTimeMs", .integer)
    private static let revenue = QueryColumn("revenue", .float)

    private static let count = AggregateCall(.countRows, [], type: .integer)

    static let queries: [Query] = [
        Query(name: "Q1", plan: pageViewsPerHour),
        Query(name: "Q3", plan: pagesByDevice),
        Query(name: "Q4", plan: onePagePerHour),
        Query(name: "Q5 exact", plan: usersPerDay(.countDistinct)),
        Query(name: "Q5 approx", plan: usersPerDay(.uniq)),
        Query(name: "Q6 exact", plan: users(.countDistinct)),
        Query(name: "Q6 approx", plan: users(.uniq)),
        Query(name: "Q7", plan: loadTimes),
        Query(name: "Q8", plan: checkoutPages),
        Query(name: "Q9", plan: topUsers),
        Query(name: "Q10", plan: revenuePerDay),
        Query(name: "Q11", plan: landingPages),
        Query(name: "Q12", plan: tenMinutes),
        Query(name: "Q13", plan: minutesByFour),
        Query(name: "Q14 exact", plan: sessionsPerHour(.countDistinct)),
        Query(name: "Q14 approx", plan: sessionsPerHour(.uniq)),
    ]

    /// Rows of `events`, as far as the conditions are true.
    private static func events(
        _ columns: [QueryColumn], _ conditions: [Expression] = [],
        _ range: Range<Milliseconds>? = nil
    ) -> LogicalPlan {
        let scan = LogicalPlan.scan(
            TableScan(
                table: "events",
                columns: columns.map { TableScan.Column(name: $0.name, type: $0.type) },
                timeRange: range))
        if conditions.isEmpty { return scan }
        return .filter(conditions.count == 1 ? conditions[0] : .and(conditions), scan)
    }

    private static func ordered(
        _ keys: [(Int, isDescending: Bool)], limit: Int? = nil, _ input: LogicalPlan
    ) -> LogicalPlan {
        let types = input.types
        return .sort(
            keys.map { index, isDescending in
                SortKey(
                    .column(index, types[index]), isDescending: isDescending, nullsFirst: false)
            }, limit: limit, input)
    }

    private static var pageViewsPerHour: LogicalPlan {
        ordered(
            [(0, false)],
            .aggregate(
                keys: [.truncated(1, .hour)], calls: [count],
                events([type, time], [.equal(0, "page_view")])))
    }

    private static var pagesByDevice: LogicalPlan {
        ordered(
            [(2, true), (0, false), (1, false)], limit: 100,
            .aggregate(
                keys: [.column(0, .string), .column(1, .string)], calls: [count],
                events(
                    [page, device, type, time],
                    [.equal(2, "page_view")]
                        + Expression.within(3, day..<day + CivilTime.millisecondsPerDay))))
    }

    private static var onePagePerHour: LogicalPlan {
        let page = Catalogue().pages.text(9)
        return ordered(
            [(0, false)],
            .aggregate(
                keys: [.truncated(2, .hour)], calls: [count],
                events([self.page, device, time], [.equal(0, page), .equal(1, "mobile")])))
    }

    private static func usersPerDay(_ function: AggregateCall.Function) -> LogicalPlan {
        ordered(
            [(0, false), (1, false)],
            .aggregate(
                keys: [.truncated(0, .day), .column(1, .string)],
                calls: [AggregateCall(function, [.column(2, .string)], type: .integer)],
                events([time, country, user])))
    }

    private static func users(_ function: AggregateCall.Function) -> LogicalPlan {
        .aggregate(
            keys: [],
            calls: [AggregateCall(function, [.column(0, .string)], type: .integer)],
            events([user]))
    }

    private static var loadTimes: LogicalPlan {
        ordered(
            [(0, false)],
            .aggregate(
                keys: [.column(0, .string)],
                calls: [
                    AggregateCall(
                        .quantiles([0.5, 0.95, 0.99], isContinuous: false, isList: true),
                        [.column(1, .integer)], type: .json)
                ],
                events([browser, loadTime])))
    }

    private static var checkoutPages: LogicalPlan {
        ordered(
            [(1, true), (0, false)], limit: 10,
            .aggregate(
                keys: [.column(0, .string)], calls: [count],
                events([page], [.contains(0, "checkout")])))
    }

    private static var topUsers: LogicalPlan {
        ordered(
            [(1, true), (0, false)], limit: 10,
            .aggregate(keys: [.column(0, .string)], calls: [count], events([user])))
    }

    private static var revenuePerDay: LogicalPlan {
        ordered(
            [(0, false), (1, false)],
            .aggregate(
                keys: [.truncated(0, .day), .column(1, .string)],
                calls: [AggregateCall(.sum, [.column(2, .float)], type: .float)],
                events([time, country, revenue, type], [.equal(3, "purchase")])))
    }

    private static var landingPages: LogicalPlan {
        let sessions = LogicalPlan.aggregate(
            keys: [.column(0, .string)],
            calls: [
                AggregateCall(
                    .argMin, [.column(1, .string), .column(2, .timestamp)], type: .string),
                AggregateCall(.max, [.column(2, .timestamp)], type: .timestamp),
                AggregateCall(.min, [.column(2, .timestamp)], type: .timestamp),
            ],
            events([session, page, time]))
        let durations = LogicalPlan.project(
            [.column(1, .string), .difference(2, 3)], sessions)
        return ordered(
            [(1, true), (0, false)], limit: 20,
            .aggregate(
                keys: [.column(0, .string)],
                calls: [count, AggregateCall(.avg, [.column(1, .integer)], type: .float)],
                durations))
    }

    private static var tenMinutes: LogicalPlan {
        ordered(
            [(0, false)],
            .aggregate(
                keys: [.truncated(0, .minute)],
                calls: [
                    count,
                    AggregateCall(
                        .countRows, [], filter: .equal(1, "page_view"), type: .integer),
                    AggregateCall(.countDistinct, [.column(2, .string)], type: .integer),
                    AggregateCall(.sum, [.column(3, .float)], type: .float),
                    AggregateCall(.avg, [.column(4, .integer)], type: .float),
                ],
                events(
                    [time, type, user, revenue, loadTime],
                    Expression.within(0, window..<window + 600_000))))
    }

    private static var minutesByFour: LogicalPlan {
        ordered(
            [(5, true), (0, false), (1, false), (2, false), (3, false), (4, false)], limit: 100,
            .aggregate(
                keys: [
                    .truncated(0, .minute), .column(1, .string), .column(2, .string),
                    .column(3, .string), .column(4, .string),
                ],
                calls: [count, AggregateCall(.avg, [.column(5, .integer)], type: .float)],
                events(
                    [time, type, device, browser, country, loadTime],
                    Expression.within(0, day..<day + CivilTime.millisecondsPerDay))))
    }

    private static func sessionsPerHour(_ function: AggregateCall.Function) -> LogicalPlan {
        ordered(
            [(0, false)],
            .aggregate(
                keys: [.truncated(0, .hour)],
                calls: [AggregateCall(function, [.column(1, .string)], type: .integer)],
                events([time, session, browser], [.equal(2, "Firefox")])))
    }
}

/// A column as the queries read it.
struct QueryColumn: Sendable {
    var name: String
    var type: DataType

    init(_ name: String, _ type: DataType) {
        self.name = name
        self.type = type
    }
}
