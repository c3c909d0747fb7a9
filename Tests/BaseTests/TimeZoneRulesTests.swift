import Base
import Foundation
import Testing

/// The rules of zones against Python's `zoneinfo`, which reads the same files its own way.
@Suite struct TimeZoneRulesTests {
    private static let directory = URL(fileURLWithPath: "/usr/share/zoneinfo")

    /// For a seed: every zone that Python knows, and offsets at random instants, dense around the
    /// changes of the offset that a random walk meets.
    private static let script = """
        import datetime as d, os, random, sys, zoneinfo
        r = random.Random(int(sys.argv[1]))
        names = sorted(n for n in zoneinfo.available_timezones()
            if n != 'localtime' and os.path.exists('/usr/share/zoneinfo/' + n))
        utc = d.timezone.utc
        low, high = -5_000_000_000, 14_000_000_000
        for n in names:
            z = zoneinfo.ZoneInfo(n)
            def offset(s):
                t = d.datetime(1970, 1, 1, tzinfo=utc) + d.timedelta(seconds=s)
                return round(t.astimezone(z).utcoffset().total_seconds())
            instants = [r.randint(low, high) for _ in range(6)]
            instants += [r.randint(1_500_000_000, 1_900_000_000) for _ in range(6)]
            a = r.randint(low, high)
            b = a + 20_000_000
            if offset(a) != offset(b):
                while b - a > 1:
                    m = (a + b) // 2
                    a, b = (a, m) if offset(m) != offset(a) else (m, b)
                instants += [a, b]
            for s in instants:
                print(n, s, offset(s))
        """

    @Test func agreesWithPythonInEveryZone() throws {
        let seed = UInt32.random(in: 0 ... .max)
        let lines = try Self.python(Self.script, "\(seed)").split(separator: "\n")
        var zones: [String: TimeZoneRules] = [:]
        for line in lines {
            let fields = line.split(separator: " ")
            let name = String(fields[0])
            let instant = try #require(Int64(fields[1])) * 1_000
            let offset = try #require(Int64(fields[2])) * 1_000
            let rules = try zones[name] ?? Self.rules(name)
            zones[name] = rules
            #expect(rules.offset(at: instant) == offset, "seed \(seed), \(line)")
            let span = rules.span(at: instant)
            #expect(span.start <= instant && instant < span.end, "seed \(seed), \(line)")
            if span.end != .max {
                #expect(rules.offset(at: span.end - 1) == offset, "seed \(seed), \(line)")
                #expect(rules.offset(at: span.end) != offset, "seed \(seed), \(line)")
            }
        }
        #expect(zones.count > 400)
    }

    /// The first instant of a local time, by looking at every quarter of an hour.
    @Test(arguments: [
        "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Dublin",
        "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia", "America/Havana",
    ]) func findsTheFirstInstant(name: String) throws {
        let rules = try Self.rules(name)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let quarter: Int64 = 900_000
        for _ in 0..<20 {
            let local =
                Int64.random(in: 1_100_000_000...2_600_000_000, using: &random) * 1_000 / quarter
                * quarter
            var naive = local - 30 * 3_600_000
            while naive + rules.offset(at: naive) < local { naive += quarter }
            #expect(rules.firstInstant(local: local) == naive, "seed \(seed), \(name), \(local)")
        }
    }

    @Test(arguments: [
        ("2026-03-08T02:30", "2026-03-08T03:00:00-04:00"),
        ("2026-11-01T01:30", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T02:00", "2026-11-01T02:00:00-05:00"),
        ("2126-03-10T02:00", "2126-03-10T03:00:00-04:00"),
    ]) func resolvesLocalTimes(local: String, expected: String) throws {
        let rules = try Self.rules("America/New_York")
        guard case .local(let time)? = CivilTime.parse(local) else {
            Issue.record("\(local) is no local time")
            return
        }
        let instant = rules.firstInstant(local: time)
        #expect(CivilTime.text(instant, offset: rules.offset(at: instant)) == expected)
    }

    @Test func writesOffsets() {
        #expect(CivilTime.text(0, offset: 20_700_000) == "1970-01-01T05:45:00+05:45")
        #expect(CivilTime.text(0, offset: -12_600_000) == "1969-12-31T20:30:00-03:30")
        #expect(CivilTime.text(0, offset: 0) == "1970-01-01T00:00:00+00:00")
        #expect(CivilTime.text(0, offset: -17_762_000) == "1970-01-01T00:00:00Z")
    }

    /// Cut and flipped files are errors or zones, never a trap.
    @Test func readsDamagedFiles() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let whole = try [UInt8](
            Data(contentsOf: Self.directory.appendingPathComponent("America/New_York")))
        for length in 0..<whole.count {
            #expect(throws: CorruptionError.self) {
                try TimeZoneRules(name: "cut", tzif: Array(whole.prefix(length)))
            }
        }
        var readable = 0
        for _ in 0..<500 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255)
            }
            guard let rules = try? TimeZoneRules(name: "flipped", tzif: bytes) else { continue }
            readable += 1
            for instant: Int64 in [-9_000_000_000_000, 0, 1_800_000_000_000, 9_000_000_000_000] {
                let span = rules.span(at: instant)
                #expect(span.start <= instant && instant < span.end, "seed \(seed)")
            }
        }
        #expect(readable > 0)
    }

    static func rules(_ name: String) throws -> TimeZoneRules {
        try TimeZoneRules(
            name: name, tzif: [UInt8](Data(contentsOf: directory.appendingPathComponent(name))))
    }

    private static func python(_ script: String, _ argument: String) throws -> String {
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
