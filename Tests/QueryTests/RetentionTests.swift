import Base
import Disk
import PartFormat
import Query
import Store
import TestSupport
import Testing

/// Answers where retention has dropped rows: what is said to be answered is answered in full.
@Suite struct RetentionTests {
    private static let day = CivilTime.millisecondsPerDay

    /// Random ages and events over 70 days; whichever tables answer, the range that `meta` names
    /// has all its events, and what is not in it is no longer held.
    @Test(arguments: 0..<TestSizes.rounds(3, full: 40)) func everyAnswerIsWholeInItsRange(
        round: Int
    ) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("Query RetentionTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        var options = WholeWayTests.options(&random)
        options.reserveBytes = 512
        options.retention.raw = 3 * Self.day
        options.retention.minute = Milliseconds.random(in: 0...20, using: &random) * Self.day
        options.retention.quarter = Milliseconds.random(in: 10...30, using: &random) * Self.day
        options.retention.hour = random.chance(0.3) ? nil : 40 * Self.day
        options.retention.day = random.chance(0.5) ? nil : 50 * Self.day
        let way = try WholeWay(
            FaultingDisk(seed: seed), MetricsPropertyTests.catalog, options)
        var events = WholeWayEvents()
        let span = 70 * Self.day
        var time = base + 600_000
        var limited = 0
        while time < base + span {
            time += Milliseconds.random(in: 0..<span / 20, using: &random)
            try way.send(events.request(at: time, span: span, &random), receivedAt: time)
            try WholeWayTests.work(way, &random)
            if random.chance(0.4) {
                limited += try Self.ask(way, events, "seed \(seed)", &random)
            }
        }
        for _ in 0..<4 { limited += try Self.ask(way, events, "seed \(seed)", &random) }
        way.close()
        #expect(limited > 2, "seed \(seed)")
    }

    /// How many answers were not of the range that was asked for.
    private static func ask(
        _ way: WholeWay, _ events: WholeWayEvents, _ context: String,
        _ random: inout SeededRandom
    ) throws -> Int {
        // Horizons follow the watermark of commits.
        way.flush()
        while try way.store.dropExpired() {}
        let question = randomQuestion(&random)
        let query = try MetricsQuery(
            parameters: question.parameters, catalog: MetricsPropertyTests.catalog,
            now: question.now)
        let view = way.store.view()
        var limited = 0
        let derived = MetricsPropertyTests.rollup.derivedTables.filter { !$0.isCorrections }
        let some = derived.map(\.name).filter { _ in random.chance(0.3) }
        for forced in some + [nil, "views_minute"] {
            let executor = MetricsExecutor(
                catalog: MetricsPropertyTests.catalog, forcedTable: forced)
            let answer = try executor.execute(query, on: view)
            let comment: Comment = "\(context), \(question.parameters), by \(answer.meta.table)"
            let (range, since) = (answer.meta.range, answer.meta.since)
            if range != question.range { limited += 1 }
            try checkRange(range, since, question, view, comment)
            if let since, since >= question.range.upperBound {
                #expect(answer.rowCount == 0 && range == question.range, comment)
                continue
            }
            var answered = question
            answered.range = range
            let expected = try naiveAnswer(answered, events.rows)
            let isEqual =
                lines(answer, question) == Array(expected.lines.prefix(QueryLimits().rows))
            #expect(isEqual, comment)
            #expect(answer.meta.corrections == expected.corrections, comment)
        }
        return limited
    }

    /// The start is that asked for or `since`, but for whole buckets of what is held at the ends.
    private static func checkRange(
        _ range: Range<Milliseconds>, _ since: Milliseconds?, _ question: Question,
        _ view: StoreView, _ comment: Comment
    ) throws {
        let start = max(since ?? .min, question.range.lowerBound)
        let base = view.horizon(table: "views_minute") ?? .min
        if let since {
            #expect(since > question.range.lowerBound, comment)
            if since >= question.range.upperBound { return }
        }
        #expect(range.lowerBound <= start && range.lowerBound > start - day, comment)
        if start >= base { #expect(range.lowerBound == start, comment) }
        #expect(range.upperBound >= question.range.upperBound, comment)
        #expect(range.upperBound < question.range.upperBound + day, comment)
        if question.range.upperBound > base {
            #expect(range.upperBound == question.range.upperBound, comment)
        }
        // Days without zones can be answered as long as anything is held.
        if question.granularity == "day", question.zone == "UTC", let since {
            let held = ["views_minute", "views_hour", "views_day"].map {
                view.horizon(table: $0) ?? .min
            }
            #expect(since == held.min(), comment)
        }
    }

    /// Ten days of an event an hour, of which minutes are kept for two days and hours for ever.
    private struct TenDays {
        let way: WholeWay

        init() throws {
            var options = StoreOptions()
            options.mergesInBackground = false
            options.minimumFreeBytes = 0
            options.derivedTables = Catalog.builtIn.derivedTables
            options.derivationRows = 1
            options.derivationWaitFlushes = 1
            options.correctionDerivationRows = 1
            options.fullDerivationRows = 1
            options.retention.raw = day
            options.retention.minute = 2 * day
            options.retention.quarter = 2 * day
            way = try WholeWay(FaultingDisk(seed: 1), .builtIn, options)
            for hour in 0..<10 * 24 {
                let time = base + Milliseconds(hour) * 3_600_000 + 120_000
                try send("\(hour)", time, receivedAt: time)
            }
            try work()
        }

        func send(_ id: String, _ time: Milliseconds, receivedAt: Milliseconds) throws {
            try way.send(
                "{\"eventId\":\"\(id)\",\"eventType\":\"a\",\"timestamp\":\(time)}",
                receivedAt: receivedAt)
        }

        func work() throws {
            way.flush()
            while try way.store.deriveOnce() {}
            while try way.store.dropExpired() {}
        }

        func ask(
            _ granularity: String, _ start: String, _ end: String
        ) throws -> (answer: MetricsAnswer, tag: String?) {
            let query = try MetricsQuery(
                parameters: [
                    ("metric", "events"), ("granularity", granularity), ("start", start),
                    ("end", end),
                ], catalog: .builtIn, now: base + 11 * day)
            let view = way.store.view()
            let answer = try MetricsExecutor(catalog: .builtIn).execute(query, on: view)
            return (answer, query.answerKey(catalog: .builtIn, on: view)?.entityTag)
        }
    }

    /// Minutes over a time of which only hours are kept are not answered with nothing, but from
    /// when on there are some; hours are answered, and an edge moves to a whole one.
    @Test func whatIsNotKeptIsNotZero() throws {
        let days = try TenDays()
        // The watermark is on the tenth day, so minutes are kept from the eighth on.
        let since = base + 7 * Self.day
        let minutes = try days.ask("minute", "2026-01-01", "2026-01-11").answer
        #expect(minutes.meta.since == since && minutes.meta.range.lowerBound == since)
        #expect(minutes.values.reduce(0, +) == 3 * 24)
        let json = String(decoding: minutes.json(), as: UTF8.self)
        #expect(json.contains("\"since\":\"2026-01-08T00:00:00Z\""))
        let none = try days.ask("minute", "2026-01-02", "2026-01-03").answer
        #expect(none.rowCount == 0 && none.meta.since == since)
        let hours = try days.ask("hour", "2026-01-02T10:17:00Z", "2026-01-03T11:30:00Z").answer
        #expect(hours.meta.since == nil && hours.values.reduce(0, +) == 26)
        #expect(hours.meta.range.lowerBound == base + Self.day + 10 * 3_600_000)
        #expect(hours.meta.range.upperBound == base + 2 * Self.day + 12 * 3_600_000)
        let whole = try days.ask("hour", "2026-01-01", "2026-01-11").answer
        #expect(whole.meta.since == nil && whole.values.reduce(0, +) == 240)
        #expect(days.way.store.view().parts(table: "events_minute").count == 3)
        days.way.close()
    }

    /// A late event goes to the tables that still keep its time.
    ///
    /// Tags change with it, and with
    /// what retention drops, and not without either.
    @Test func aLateEventGoesToWhatKeepsItsTime() throws {
        let days = try TenDays()
        let hours = try days.ask("hour", "2026-01-02T10:17:00Z", "2026-01-03T11:30:00Z")
        let minutes = try days.ask("minute", "2026-01-08", "2026-01-11")
        try days.send("late", base + 2 * Self.day + 5_000, receivedAt: base + 10 * Self.day)
        try days.work()
        let later = try days.ask("hour", "2026-01-02T10:17:00Z", "2026-01-03T11:30:00Z")
        #expect(later.answer.values.reduce(0, +) == 27 && later.answer.meta.corrections == 1)
        #expect(later.tag != hours.tag)
        #expect(try days.ask("minute", "2026-01-08", "2026-01-11").tag == minutes.tag)
        #expect(days.way.expiredCount == 0)
        #expect(
            days.way.store.view().parts(table: "events").allSatisfy {
                ($0.timeRange?.lowerBound ?? 0) >= base + 8 * Self.day
            })
        try days.send("next", base + 11 * Self.day, receivedAt: base + 11 * Self.day)
        try days.work()
        let dropped = try days.ask("minute", "2026-01-08", "2026-01-11")
        #expect(dropped.answer.meta.since == base + 8 * Self.day && dropped.tag != minutes.tag)
        #expect(
            try days.ask("hour", "2026-01-02T10:17:00Z", "2026-01-03T11:30:00Z").tag == later.tag)
        days.way.close()
    }

    /// An event that no table keeps is counted, and is nowhere.
    @Test func whatNoTableKeepsIsExpired() throws {
        var options = StoreOptions()
        options.mergesInBackground = false
        options.minimumFreeBytes = 0
        options.derivedTables = Catalog.builtIn.derivedTables
        options.retention.raw = 5 * Self.day
        for tier in [\Retention.minute, \.quarter, \.hour, \.day] {
            options.retention[keyPath: tier] = 2 * Self.day
        }
        let way = try WholeWay(FaultingDisk(seed: 2), .builtIn, options)
        // Months are dropped whole: a day of the month before is kept by no table.
        for (id, age) in [("now", 0), ("raw", 4), ("none", 40)] {
            let time = base + 20 * Self.day
            try way.send(
                "{\"eventId\":\"\(id)\",\"eventType\":\"a\","
                    + "\"timestamp\":\(time - Milliseconds(age) * Self.day)}",
                receivedAt: time)
        }
        way.flush()
        while try way.store.dropExpired() {}
        #expect(way.expiredCount == 1)
        let view = way.store.view()
        #expect(view.parts(table: "events").reduce(0) { $0 + $1.rowCount } == 2)
        // The day table still keeps this month, so the late event waits in the base.
        #expect(view.parts(table: "events_minute_corrections").count == 1)
        way.close()
    }
}
