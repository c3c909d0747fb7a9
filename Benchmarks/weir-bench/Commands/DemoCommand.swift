internal import Base
internal import Glibc

/// `weir-bench demo`: a shop's traffic for whoever tries Weir, until a signal ends it.
///
/// First the last two hours, thinned out and sent at once, so that the first query shows something;
/// then live events, whose rate rises and falls by two fifths within ten minutes.
struct DemoCommand {
    private static let historyMilliseconds = 2 * CivilTime.millisecondsPerHour
    /// The history has one event for so many of the live traffic.
    private static let historyThinning = 10
    private static let batchSize = 1_000
    private static let tickNanoseconds: UInt64 = 100_000_000
    private static let waveSeconds = 600.0
    private static let waveHeight = 0.4

    private let address: Address
    private let rate: Int
    private let seed: UInt64
    /// How long live events are sent; endless where it is 0.
    private let seconds: Int

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        address = try options.address()
        rate = max(1, try options.number("rate", 500))
        seed = UInt64(try options.number("seed", Int(Clock.now() & 0xFFFF)))
        seconds = try options.number("seconds", 0)
        try options.finish()
    }

    /// Sends until `seconds` are over; a signal that asks for the end ends the process.
    func run() throws(UsageError) {
        signal(SIGTERM) { _ in _exit(0) }
        signal(SIGINT) { _ in _exit(0) }
        var traffic = Traffic(address: address, generator: EventGenerator(Catalogue(), seed: seed))
        let start = Clock.now() - Self.historyMilliseconds
        if try isEmpty(since: start) {
            let count = try sendHistory(from: start, &traffic)
            writeError("weir-bench demo: sent \(count) events of the last two hours\n")
        }
        try sendLive(&traffic)
    }

    /// Whether the server has no events of these hours: a second demo must not double them.
    private func isEmpty(since start: Milliseconds) throws(UsageError) -> Bool {
        let path =
            "/api/v1/metrics/query?metric=events&granularity=all&maxAge=0"
            + "&start=\(CivilTime(start).text)"
        guard let answer = Client(address: address).get(path), answer.status == 200 else {
            throw UsageError(failure: "there is no Weir at \(address.text)")
        }
        return JSONValue(answer.body)["data"].items.isEmpty
    }

    /// In the order of time, so that these events are not late.
    private func sendHistory(
        from start: Milliseconds, _ traffic: inout Traffic
    ) throws(UsageError) -> Int {
        let perSecond = max(1, rate / Self.historyThinning)
        let count = Int(Self.historyMilliseconds) / 1_000 * perSecond
        for first in stride(from: 0, to: count, by: Self.batchSize) {
            let range = first..<min(first + Self.batchSize, count)
            let times = range.map { start + Milliseconds($0 * 1_000 / perSecond) }
            try traffic.send(times)
        }
        return count
    }

    private func sendLive(_ traffic: inout Traffic) throws(UsageError) {
        let begun = Clock.monotonicNanoseconds()
        var last = begun
        var owed = 0.0
        while true {
            Clock.sleep(nanoseconds: Self.tickNanoseconds)
            let now = Clock.monotonicNanoseconds()
            let passed = Double(now - begun) / 1e9
            if seconds > 0, passed > Double(seconds) { return }
            let height = 1 + Self.waveHeight * wave(passed / Self.waveSeconds)
            owed += Double(now - last) / 1e9 * Double(rate) * height
            last = now
            // What a pause of the machine kept back is not made up for.
            owed = min(owed, Double(rate))
            let time = Clock.now()
            while owed >= 1 {
                let count = min(Int(owed), Self.batchSize)
                try traffic.send(Array(repeating: time, count: count))
                owed -= Double(count)
            }
        }
    }

    /// A generator and the connection that its events go to.
    private struct Traffic: ~Copyable {
        private static let patienceNanoseconds: UInt64 = 3_000_000_000
        private let head: String
        private let connection: QueryConnection
        private var generator: EventGenerator
        private var buffer = ByteBuffer(capacity: 1 << 20)

        init(address: Address, generator: consuming EventGenerator) {
            connection = QueryConnection(address)
            head =
                "POST /api/v1/events/batch HTTP/1.1\r\nHost: \(address.text)\r\n"
                + "Content-Type: application/x-ndjson\r\nContent-Length: "
            self.generator = generator
        }

        /// Sends one batch, an event for each time; tries again for a while where that fails.
        mutating func send(_ times: [Milliseconds]) throws(UsageError) {
            buffer.removeAll()
            for time in times {
                generator.append(at: time, to: &buffer)
                buffer.reserve(1)
                buffer.append(UInt8(ascii: "\n"))
            }
            let request =
                Array("\(head)\(buffer.count)\r\n\r\n".utf8) + buffer.copy(0..<buffer.count)
            let begun = Clock.monotonicNanoseconds()
            // Sent again it counts once: the events have ids.
            while connection.send(request)?.status != 202 {
                guard Clock.monotonicNanoseconds() - begun < Self.patienceNanoseconds else {
                    throw UsageError(failure: "the server takes no more events")
                }
                Clock.sleep(nanoseconds: DemoCommand.tickNanoseconds)
            }
        }
    }
}
