import Base
import Expressions
import Foundation
import Testing

/// Buckets in zones against Python's `zoneinfo`, and against the rules that define them.
@Suite struct TimeBucketsTests {
    /// For a seed: the starts of the buckets of random instants, in every zone and unit, and
    /// around a change of the offset.
    private static let script = """
        import datetime as d, os, random, sys, zoneinfo
        r = random.Random(int(sys.argv[1]))
        utc = d.timezone.utc
        def at(s, z): return d.datetime.fromtimestamp(s, utc).astimezone(z)
        def offset(s, z): return round(at(s, z).utcoffset().total_seconds())
        def midnight(date, z):
            # The first instant with that date or a later one.
            s = round(d.datetime(date.year, date.month, date.day, tzinfo=utc).timestamp())
            a, b = s - 108_000, s + 108_000
            step = 60
            for t in range(a, b, 10_800):
                if at(t, z).date() >= date: b = t; a = t - 10_800; break
            for t in range(a, b, step):
                if at(t, z).date() >= date: return t
            return b
        names = sorted(n for n in zoneinfo.available_timezones()
            if n != 'localtime' and os.path.exists('/usr/share/zoneinfo/' + n))
        for n in names:
            z = zoneinfo.ZoneInfo(n)
            instants = [r.randint(22_100_000, 41_000_000) * 60 for _ in range(3)]
            a = instants[0]
            b = a + 20_000_000
            if offset(a, z) != offset(b, z):
                while b - a > 1:
                    m = (a + b) // 2
                    a, b = (a, m) if offset(m, z) != offset(a, z) else (m, b)
                instants += [b - 60, b, b + r.randint(0, 120) * 60]
            for s in instants:
                local = at(s, z)
                hour = s - local.minute * 60 - local.second
                while offset(hour, z) != offset(s, z): hour += 60
                date = local.date()
                starts = [hour] + [midnight(x, z) for x in (
                    date, date - d.timedelta(days=date.weekday()), date.replace(day=1))]
                print(n, s, *starts)
        """

    @Test func agreesWithPythonInEveryZone() throws {
        let seed = UInt32.random(in: 0 ... .max)
        let lines = try python(Self.script, "\(seed)").split(separator: "\n")
        var zones: [String: TimeZoneRules] = [:]
        for line in lines {
            let fields = line.split(separator: " ")
            let name = String(fields[0])
            let zone = try zones[name] ?? rules(name)
            zones[name] = zone
            let times = try fields.dropFirst().map { try #require(Int64($0)) * 1_000 }
            for (unit, expected) in zip([TimeUnit.hour, .day, .week, .month], times.dropFirst()) {
                let start = TimeBuckets(unit: unit, zone: zone).start(of: times[0])
                #expect(start == expected, "seed \(seed), \(unit), \(line)")
            }
        }
        #expect(zones.count > 400)
    }

    @Test(
        arguments: TimeUnit.allCases,
        [
            "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Vienna",
            "America/Santiago", "America/St_Johns", "Pacific/Apia", "Etc/UTC",
        ]) func bucketsFollowEachOther(unit: TimeUnit, name: String) throws
    {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let buckets = TimeBuckets(unit: unit, zone: try rules(name))
        var instants: [Milliseconds] = []
        for _ in 0..<300 {
            let base = Milliseconds.random(
                in: 1_325_376_000_000...4_500_000_000_000, using: &random)
            instants += [base, base + 1_800_000, base - 60_000]
        }
        var truncated = instants
        buckets.truncate(all: &truncated)
        for (instant, start) in zip(instants, truncated) {
            #expect(start == buckets.start(of: instant), "seed \(seed)")
            #expect(start <= instant && start == buckets.start(of: start), "seed \(seed)")
            #expect(buckets.start(of: start - 1) < start, "seed \(seed)")
            let next = buckets.next(after: start)
            #expect(instant < next && buckets.start(of: next) == next, "seed \(seed)")
            #expect(buckets.start(of: next - 1) == start, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("America/New_York", "2026-03-08T05:00:00Z", 23),
        ("America/New_York", "2026-11-01T04:00:00Z", 25),
        ("Asia/Kathmandu", "2026-03-07T18:15:00Z", 24),
        ("Australia/Lord_Howe", "2026-04-04T13:00:00Z", 25),
    ]) func daysHaveTheirHours(name: String, start: String, hourCount: Int) throws {
        guard case .instant(let start)? = CivilTime.parse(start) else {
            Issue.record("\(start) is no time")
            return
        }
        let zone = try rules(name)
        let days = TimeBuckets(unit: .day, zone: zone)
        let hours = TimeBuckets(unit: .hour, zone: zone)
        #expect(days.start(of: start) == start)
        var count = 0
        var hour = start
        while hour < days.next(after: start) {
            hour = hours.next(after: hour)
            count += 1
        }
        #expect(hour == days.next(after: start) && count == hourCount)
    }

    /// At 00:01 clocks went back to 23:01 of the day before: each date is one bucket still.
    @Test func clocksGoBackOverMidnight() throws {
        let days = TimeBuckets(unit: .day, zone: try rules("America/St_Johns"))
        func start(_ text: String) throws -> String {
            guard case .instant(let instant)? = CivilTime.parse(text) else { return "" }
            return CivilTime(days.start(of: instant)).text
        }
        #expect(try start("2010-11-07T02:30:30Z") == "2010-11-07T02:30:00Z")
        #expect(try start("2010-11-07T02:45:00Z") == "2010-11-06T02:30:00Z")
        #expect(try start("2010-11-07T03:45:00Z") == "2010-11-07T02:30:00Z")
    }

    private func rules(_ name: String) throws -> TimeZoneRules {
        let file = URL(fileURLWithPath: "/usr/share/zoneinfo").appendingPathComponent(name)
        return try TimeZoneRules(name: name, tzif: [UInt8](Data(contentsOf: file)))
    }

    private func python(_ script: String, _ argument: String) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, argument]
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: output, as: UTF8.self)
    }
}
