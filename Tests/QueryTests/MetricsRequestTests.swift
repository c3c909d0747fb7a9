import Base
import Expressions
import Query
import Store
import Testing

private let now: Milliseconds = 1_768_055_400_123  // 2026-01-10T14:30:00.123Z

private func query(
    _ parameters: [(name: String, value: String)]
) throws(QueryError) -> MetricsQuery {
    try MetricsQuery(parameters: parameters, catalog: .builtIn, now: now)
}

private func query(json: String) throws(QueryError) -> MetricsQuery {
    try MetricsQuery(json: Array(json.utf8), catalog: .builtIn, now: now)
}

private func text(_ range: Range<Milliseconds>) -> String {
    CivilTime(range.lowerBound).text + "/" + CivilTime(range.upperBound).text
}

private func failure(
    _ parameters: [(name: String, value: String)]
) -> QueryError? {
    do throws(QueryError) {
        _ = try query([("metric", "page_views")] + parameters)
        return nil
    } catch { return error }
}

private func failure(json: String) -> QueryError? {
    do throws(QueryError) {
        _ = try query(json: json)
        return nil
    } catch { return error }
}

@Suite struct MetricsRequestTests {
    @Test func fillsInDefaults() throws {
        let query = try query([("metric", "page_views")])
        #expect(query.metric.name == "page_views")
        #expect(query.dimensions.isEmpty && query.filters.isEmpty)
        #expect(query.granularity == .unit(.hour))
        #expect(text(query.range) == "2026-01-03T14:30:00Z/2026-01-10T14:31:00Z")
        #expect(query.maxAge == 60)
    }

    @Test(arguments: [
        ("2026-01-10T14:30:59.999Z", "2026-01-10T14:30:00Z"),
        ("2026-01-10T14:30:00+02:00", "2026-01-10T12:30:00Z"),
        ("2026-01-10T14:30:00 02:00", "2026-01-10T12:30:00Z"),
        ("2026-01-10T14:30:00-02:00", "2026-01-10T16:30:00Z"),
        ("2026-01-10 14:30", "2026-01-10T14:30:00Z"), ("2026-01-10", "2026-01-10T00:00:00Z"),
        ("1768055400", "2026-01-10T14:30:00Z"), ("1768055400123", "2026-01-10T14:30:00Z"),
        ("-60", "1969-12-31T23:59:00Z"), ("0", "1970-01-01T00:00:00Z"),
        ("-7d", "2026-01-03T14:30:00Z"), ("-24h", "2026-01-09T14:30:00Z"),
        ("-30m", "2026-01-10T14:00:00Z"),
    ]) func readsEveryFormOfATime(form: String, expected: String) throws {
        let query = try query([("metric", "events"), ("start", form), ("end", "2026-01-11")])
        #expect(CivilTime(query.range.lowerBound).text == expected)
    }

    @Test func roundsTheEndUp() throws {
        let exact = try query([
            ("metric", "events"), ("start", "-1h"), ("end", "2026-01-10T14:30:00Z"),
        ])
        #expect(text(exact.range) == "2026-01-10T13:30:00Z/2026-01-10T14:30:00Z")
        let above = try query([
            ("metric", "events"), ("start", "-1h"), ("end", "2026-01-10T14:30:00.001Z"),
        ])
        #expect(text(above.range) == "2026-01-10T13:30:00Z/2026-01-10T14:31:00Z")
        let oneInstant = try query([
            ("metric", "events"), ("start", "1768055400001"), ("end", "1768055400002"),
        ])
        #expect(text(oneInstant.range) == "2026-01-10T14:30:00Z/2026-01-10T14:31:00Z")
    }

    @Test(arguments: [
        "2026-13-45", "yesterday", "", "-7y", "-d", "-7 d", "+5", "1e9", "99999999999999999999",
        "253402300800001", "-999999999d", "2026-01-10T25:00:00Z", "-7d ", "12.5",
    ]) func refusesWhatIsNoTime(text: String) {
        let error = failure([("start", text)])
        #expect(error?.status == 400 && error?.code == "invalid_time")
        #expect(error?.message.contains("start \"\(text)\"") == true)
    }

    @Test func refusesRangesThatDoNotRunForward() {
        for start in ["2026-01-10T15:00:00Z", "2026-01-11T00:00:00Z"] {
            let error = failure([("start", start), ("end", "2026-01-10T15:00:00Z")])
            #expect(error?.status == 400 && error?.code == "invalid_time_range")
            #expect(error?.message.contains(start) == true)
            #expect(error?.message.contains("2026-01-10T15:00:00Z") == true)
        }
    }

    @Test(arguments: [
        ("granularty", "hour", 400, "unknown_parameter", ["granularity"]),
        ("filtr.page", "/", 400, "unknown_parameter", []),
        ("granularity", "fortnight", 400, "invalid_granularity", []),
        ("granularity", "hours", 400, "invalid_granularity", ["hour"]),
        ("metric", "page_views", 400, "repeated_parameter", []),
        ("dimensions", "page,,device", 400, "invalid_dimensions", []),
        ("dimensions", "page,page", 400, "invalid_dimensions", []),
        ("filters", "{", 400, "invalid_filter", []),
        ("filters", "[1]", 400, "invalid_filter", []),
        ("filters", #"{"page":{"nott":1}}"#, 400, "invalid_filter", ["not"]),
        ("filters", #"{"page":{"prefix":1}}"#, 400, "invalid_filter", []),
        ("filters", #"{"page":{}}"#, 400, "invalid_filter", []),
        ("filters", #"{"page":[["/"]]}"#, 400, "invalid_filter", []),
        ("timezone", "Asia/Katmando", 422, "unknown_timezone", ["Asia/Katmandu"]),
        ("timezone", "new_york", 422, "unknown_timezone", ["America/New_York"]),
        ("timezone", "", 422, "unknown_timezone", []),
        ("timezone", "../../../etc/passwd", 422, "unknown_timezone", []),
        ("timezone", "/etc/localtime", 422, "unknown_timezone", []),
        ("timezone", "Europe", 422, "unknown_timezone", []),
        ("timezone", "Europe//Vienna", 422, "unknown_timezone", []),
        ("timezone", "tzdata.zi", 422, "unknown_timezone", []),
        ("timezone", "leapseconds", 422, "unknown_timezone", []),
        ("timezone", "right/Europe/Vienna", 422, "unknown_timezone", []),
        ("order", "values", 400, "invalid_parameter", ["value"]),
        ("order", "", 400, "invalid_parameter", []),
        ("limit", "0", 400, "invalid_parameter", []),
        ("limit", "50001", 400, "invalid_parameter", []),
        ("limit", "ten", 400, "invalid_parameter", []),
        ("other", "2", 400, "invalid_parameter", []),
        ("explain", "yes", 400, "invalid_parameter", []),
        ("fill", "zeros", 400, "invalid_parameter", ["zero"]),
        ("format", "xml", 400, "invalid_parameter", []),
        ("maxAge", "-1", 400, "invalid_parameter", []),
    ]) func namesWhatIsWrong(
        name: String, value: String, status: Int, code: String, closest: [String]
    ) throws {
        let error = try #require(failure([(name, value)]))
        #expect(error.status == status)
        #expect(error.code == code)
        if !closest.isEmpty { #expect(error.closest.first == closest[0]) }
        for name in closest { #expect(error.message.contains(name) || code.hasPrefix("invalid")) }
    }

    @Test func namesTheClosestMetric() throws {
        do throws(QueryError) {
            _ = try query([("metric", "pageviews")])
            Issue.record("pageviews exists")
        } catch {
            #expect(error.status == 422 && error.code == "unknown_metric")
            #expect(error.closest.first == "page_views")
            let json = String(decoding: error.json(), as: UTF8.self)
            #expect(json.hasPrefix(#"{"error":{"code":"unknown_metric","message":"unknown metric"#))
            #expect(json.contains(#""closest":["page_views""#))
        }
        #expect(throws: QueryError.self) { try query([]) }
    }

    @Test func passesOverWhatIsNotForIt() throws {
        let query = try query([
            ("_", "17"), ("_nocache", "a"), ("key", "secret"), ("metric", "clicks"),
            ("timezone", "UTC"), ("dimensions", ""), ("maxAge", "0"),
        ])
        #expect(query.metric.name == "clicks" && query.maxAge == 0)
    }

    @Test(arguments: [
        ("2026-03-08", "2026-03-08T05:00:00Z"), ("2026-03-09", "2026-03-09T04:00:00Z"),
        ("2026-03-08T02:30", "2026-03-08T07:00:00Z"),
        ("2026-03-08T12:00:00Z", "2026-03-08T12:00:00Z"),
        ("1773000000", "2026-03-08T20:00:00Z"),
    ]) func readsTimesInTheZone(form: String, expected: String) throws {
        let query = try query([
            ("metric", "events"), ("timezone", "America/New_York"), ("start", form),
            ("end", "2026-04-01"),
        ])
        #expect(text(query.range) == expected + "/2026-04-01T04:00:00Z")
    }

    @Test func readsHowToAnswer() throws {
        let plain = try query([("metric", "events")])
        #expect(plain.selection == .init() && plain.fill == .none && plain.format == .json)
        #expect(plain.zone == nil)
        let got = try query([
            ("metric", "events"), ("order", "value"), ("limit", "7"), ("other", "1"),
            ("fill", "zero"), ("format", "csv"), ("timezone", "Asia/Kathmandu"),
        ])
        let posted = try query(
            json: """
                {"metric": "events", "order": "value", "limit": 7, "other": true, "fill": "zero",
                 "format": "csv", "timezone": "Asia/Kathmandu"}
                """)
        for query in [got, posted] {
            #expect(query.selection == .init(order: .least, limit: 7, addsOther: true))
            #expect(query.fill == .zero && query.format == .csv)
            #expect(query.zone?.name == "Asia/Kathmandu")
        }
    }

    @Test func readsFiltersOfAllForms() throws {
        let query = try query([
            ("metric", "page_views"), ("filter.page", "/a"), ("filter.page", "/b"),
            ("filters", #"{"page":{"not":null},"device":["mobile",null],"country":75}"#),
        ])
        let expected: [(String, Predicate)] = [
            ("page", .not(.isNull)),
            ("device", .any([.isNull, .oneOf([.string("mobile")])])),
            ("country", .oneOf([.integer(75)])),
            ("page", .oneOf([.string("/a"), .string("/b")])),
        ]
        #expect(query.filters.map(\.dimension) == expected.map(\.0))
        #expect(query.filters.map(\.predicate) == expected.map(\.1))
    }

    @Test func readsTheSameFromJSON() throws {
        let body = """
            {"metric": "page_views", "dimensions": ["page", "device"], "granularity": "day",
             "filters": {"device": "mobile"}, "_note": 1, "timezone": null,
             "timeRange": {"start": "2026-01-10T00:00:00Z", "end": 1768089599}}
            """
        let posted = try query(json: body)
        let got = try query([
            ("metric", "page_views"), ("dimensions", "page,device"), ("granularity", "day"),
            ("filter.device", "mobile"), ("start", "2026-01-10"), ("end", "1768089599"),
        ])
        #expect(posted.range == got.range && posted.granularity == got.granularity)
        #expect(posted.dimensions == got.dimensions && posted.filters == got.filters)
        #expect(text(posted.range) == "2026-01-10T00:00:00Z/2026-01-11T00:00:00Z")
    }

    @Test(arguments: [
        ("", "invalid_json"), ("[]", "invalid_json"), ("{\"metric\":", "invalid_json"),
        (#"{"metric":1}"#, "invalid_parameter"), (#"{"metric":null}"#, "missing_parameter"),
        (#"{"metric":"events","dimension":[]}"#, "unknown_parameter"),
        (#"{"metric":"events","dimensions":[1]}"#, "invalid_parameter"),
        (#"{"metric":"events","timeRange":[]}"#, "invalid_parameter"),
        (#"{"metric":"events","timeRange":{"from":1}}"#, "unknown_parameter"),
        (#"{"metric":"events","timeRange":{"start":1.5}}"#, "invalid_parameter"),
        (#"{"metric":"events","filters":7}"#, "invalid_filter"),
    ]) func refusesBodies(body: String, code: String) {
        let error = failure(json: body)
        #expect(error?.status == 400)
        #expect(error?.code == code)
    }
}
